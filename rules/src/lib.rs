//! Rules as people write them: parsed, compiled, asked.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod asked;
mod calendar;
mod conditions;
mod diagnostic;
mod exceptions;
mod explain;
mod helplines;
mod keywords;
mod levels;
mod lists;
mod live;
mod load;
mod lowered;
mod meant;
mod origin;
mod pack;
mod refused;
mod sentence;
mod set;
mod speak;
mod trigger;
mod typed;
mod weigh;
mod wrapped;
mod written;
mod zones;

#[cfg(test)]
mod tests;

pub use asked::Asked;
pub use calendar::{
    BreakWritten, Calendar, CalendarWritten, Day, DayKind, HalfDayWritten, HolidayClubWritten,
    HoursWritten, Lesson, LocalTime, OutOfHours, PeriodWritten, SchoolTime, Text, Times,
};
pub use diagnostic::{Diagnostic, Fault, Gravity};
pub use exceptions::{Exception, Exceptions, Reading, Signatory};
pub use explain::{Explained, Speaking};
pub use lists::{
    Change, GroupAbout, GroupReport, Import, Imported, LIST_ENDING, LIST_FOLDER, ListAbout,
    ListFile, ListMap, NoList,
};
pub use live::Live;
pub use meant::meant;
pub use origin::{Origin, PackAbout};
pub use pack::Source;
pub use set::{Gap, Loaded, RuleSet};
pub use speak::{Rulings, Spoken};
pub use typed::NameOrWord;
pub use weigh::{Circumstances, Verdict};
