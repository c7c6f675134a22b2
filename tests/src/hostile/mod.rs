//! Hostile bytes: sample messages whose length fields are known, every way to bend them, and
//! a witness that says what a wire may never do with any of them.
//!
//! The samples are laid out by hand and share no code with the parsers they feed. One
//! harness serves three uses: the exhaustive tests, the `mutate` command, and the fuzz
//! targets.

mod bent;
mod campaign;
mod carrier;
mod cutting;
mod flood;
mod heard;
mod laid;
mod mutation;
mod parser;
mod quic;
mod recorded;
mod samples;
mod seeds;
mod witness;

pub use bent::Bend;
pub use campaign::{Campaign, Failure, Report};
pub use carrier::Carrier;
pub use cutting::{Hidden, MOST_CUTS, compare};
pub use flood::{Damage, Deluge, Flood};
pub use heard::{Atom, Heard};
pub use laid::{Field, Laid};
pub use mutation::Mutator;
pub use parser::{Parser, Sample};
pub use quic::{Sealer, crypto};
pub use recorded::frames_in;
pub use seeds::stream_seeds;
pub use witness::{Breach, Pace, Witness};
