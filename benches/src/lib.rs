//! Seeded traffic and benches.
