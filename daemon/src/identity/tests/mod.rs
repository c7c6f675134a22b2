//! Attribution as a whole: invented schools, a recorded morning, and a slow second opinion.

mod agreement;
mod cards;
mod catalogue;
mod made_up;
mod oracle;
mod oracle_ends;
mod oracle_places;
mod properties;
mod recorded;
mod regressions;
mod school;
mod simulator;
