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

mod calendar;
mod diagnostic;

pub use calendar::{
    Calendar, CalendarWritten, Day, DayKind, HalfDayWritten, HolidayClubWritten, HoursWritten,
    Lesson, LocalTime, OutOfHours, PeriodWritten, Text,
};
pub use diagnostic::{Diagnostic, Fault, Gravity};
