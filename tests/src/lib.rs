//! Packets in words, scenario folders and the laws of the house.

mod chance;
pub mod crash;
pub mod daemon;
pub mod forge;
pub mod hostile;
pub mod lab;
pub mod laws;
pub mod live;
pub mod program;
pub mod scenario;

pub use chance::Chance;
