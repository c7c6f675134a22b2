//! Wardline's rooms, in the order in which a packet meets them.

pub mod capture;
pub mod clock;
pub mod config;
pub mod desk;
pub mod identity;
pub mod mail;
pub mod observe;
pub mod watch;
pub mod weekly;
