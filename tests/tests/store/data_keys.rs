//! data_keys
