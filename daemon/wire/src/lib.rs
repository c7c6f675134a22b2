//! Bytes in, observations and claims out: no clock, no I/O, no rules.
