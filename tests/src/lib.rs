//! Black-box tests of Muster; see the files in `tests/`.
