//! Where packets come from: a live interface or files, the same to the rest.

mod fault;
mod file;
mod files;
mod filter;
mod headway;
mod live;
mod packed;
mod plain;
mod stream;
#[cfg(test)]
mod tests;

pub use fault::{Fault, FileError, Wrong};
pub use file::CaptureFile;
#[cfg(test)]
pub(crate) use file::forge;
pub use files::Files;
pub use filter::{AssemblyError, Cause, Filter, Instruction, Ports};
pub use live::{KernelCounts, Live, LiveError, LiveSettings};
pub use packed::Packing;
