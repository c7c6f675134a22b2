//! Attribution as a whole: invented schools, a recorded morning, and a slow second opinion.

mod agreement;
mod oracle;
mod recorded;
mod school;
