//! The desk against a made-up school: who is told, when, and what survives a restart.

mod climb;
mod people;
mod school;
mod table;
