//! Where packets come from: a live interface or files, the same to the rest.

mod ahead;
mod card;
mod fault;
mod file;
mod files;
mod filter;
mod headway;
mod live;
mod meter;
mod packed;
mod plain;
mod stream;
#[cfg(test)]
mod tests;
mod unread;
mod vlans;

pub use card::{Card, CardCounts};
pub use fault::{Fault, FileError, Wrong};
#[cfg(test)]
pub(crate) use file::forge;
pub use file::{CaptureFile, Reading};
pub use files::Files;
pub use filter::{AssemblyError, Cause, Choice, Filter, Instruction, Mode, Order, Ports, Standing};
pub use live::{KernelCounts, Live, LiveError, LiveSettings, SNAPLEN};
pub use meter::{Measured, Meter};
pub use packed::Packing;
pub use vlans::Vlans;
