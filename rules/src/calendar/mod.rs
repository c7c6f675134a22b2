//! The school's calendar: who is on site when, and when people may be asked to act.

mod local;
mod times;
mod written;
mod year;

#[cfg(test)]
mod tests;

pub use local::{Lesson, LocalTime};
pub use times::{SchoolTime, Times};
pub use written::{
    BreakWritten, CalendarWritten, HalfDayWritten, HolidayClubWritten, HoursWritten, PeriodWritten,
    Text,
};
pub use year::{Calendar, Day, DayKind, OutOfHours};
