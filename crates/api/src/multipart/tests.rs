//! Bodies of every kind of good and bad.
