//! The configuration file as written, and as the program uses it.

mod reader;

pub use reader::Fault;
