//! How pages say things: times, people, what was seen, who and how sure, what to do next.

mod certainty;
mod device;
mod next_steps;
mod people;
mod seen;
mod shown;
mod subject;
mod times;

pub(crate) use certainty::{Who, changes, one_word, who_and_how_sure};
pub(crate) use device::device;
pub(crate) use next_steps::{Advice, NextSteps, Numbers, SchoolDay, next_steps};
pub(crate) use people::{Names, duty, listed};
pub(crate) use seen::{how_often, kind, level, outcome, today_line, unproven_study, what_we_saw};
pub(crate) use shown::{shown, shown_line, shown_whole};
pub(crate) use subject::{Matter, may_be_a_childs};
pub use times::Times;
pub(crate) use times::length;
