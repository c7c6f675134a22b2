//! The desk against a made-up school: who is told, when, and what survives a restart.

mod chance;
mod climb;
pub mod day;
mod evidence_moves;
mod exceptions;
mod hours;
mod parts;
mod people;
mod reaching;
mod restart;
pub mod school;
mod story;
mod table;
mod witness;
