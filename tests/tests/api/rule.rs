//! The rule: one account per key, whatever the door, the slice and the race.

mod race;
mod slices;
