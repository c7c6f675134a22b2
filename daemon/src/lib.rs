//! Wardline's rooms, in the order in which a packet meets them.
//!
//! ```text
//! capture ─ watch ─► office ─ identity (who was it)
//!                      │    ─ desk     (cases, who is told)
//!                      ▼
//!                    store ─► mail, weekly
//! ```
//!
//! `replay` and `observe` lead captures along the same way and send nothing; `command`
//! has one file for each thing that the command line can ask for.

pub mod capture;
pub mod cli;
pub mod clock;
pub mod command;
pub mod config;
pub mod desk;
pub mod identity;
pub mod logging;
pub mod mail;
pub mod observe;
pub mod office;
pub mod process;
pub mod replay;
pub mod service;
mod silent;
pub mod terminal;
pub mod watch;
pub mod weekly;
