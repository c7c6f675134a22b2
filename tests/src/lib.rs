//! Packets in words, scenario folders and the laws of the house.

pub mod forge;
pub mod laws;
pub mod program;
pub mod scenario;
