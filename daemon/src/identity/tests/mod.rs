//! Attribution as a whole: invented schools, a recorded morning, and a slow second opinion.

mod recorded;
mod school;
