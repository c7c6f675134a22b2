//! The desk against a made-up school: who is told, when, and what survives a restart.

mod chance;
mod climb;
mod day;
mod evidence_moves;
mod hours;
mod parts;
mod people;
mod reaching;
mod restart;
mod school;
mod story;
mod table;
