//! What a user of an import notices of its mapping.
