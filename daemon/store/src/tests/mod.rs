//! What this room promises, tried on files.

mod audit;
mod crash;
mod erasure;
mod other_user;
mod refusals;
mod retention;
mod review;
mod round_trip;
mod samples;
mod seats;
mod weekly;
mod witness;
