//! The `wardline-dashboard` binary.

fn main() {}
