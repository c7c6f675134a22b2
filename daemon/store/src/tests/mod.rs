//! What this room promises, tried on files.
