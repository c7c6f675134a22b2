//! `wardline report --week`: the governor's page of a week, as text or HTML.

use facts::{Span, Timestamp};
use store::RecordReader;

use super::{load, print, say};
use crate::cli::ReportArgs;
use crate::clock::Clock;
use crate::process::{Exit, Failure};
use crate::weekly::{self, Measured};

/// As far back as the half term's figures reach.
const HALF_TERM: Span = Span::hours(7 * 7 * 24);

pub(super) fn run(args: &ReportArgs) -> Result<(), Failure> {
    let config = load::config(&args.config.config)?;
    let rules = load::school_rules(&config)?;
    let now = Clock::real().now();
    let (from, to) = match args.week.as_deref() {
        None | Some("") => weekly::last_week(&config.calendar, now),
        Some(day) => weekly::week_to_friday(&config.calendar, noon_of(day)?),
    };
    let record = RecordReader::open(&config.store.record).map_err(load::store_failure)?;
    let week = record.weekly(from, to).map_err(load::store_failure)?;
    let half_term = record.weekly(to - HALF_TERM, to).map_err(load::store_failure)?;
    let page = weekly::answer(&Measured {
        school: &config.school.name,
        at: from,
        now,
        week: &week,
        half_term: &half_term.cases,
        empty: &rules.set.empty_categories(),
        exceptions: rules.set.exceptions(),
        calendar: &config.calendar,
    });
    if args.html {
        return print(weekly::html(&page).trim_end());
    }
    weekly::text(&page).trim_end().lines().try_for_each(say)
}

/// Noon in UTC of a day written as 2026-11-20: inside that day in every zone of Europe.
fn noon_of(day: &str) -> Result<Timestamp, Failure> {
    let wrong = || {
        let sentence = format!(
            "--week: \"{}\" is no day; write for instance 2026-11-20",
            day.escape_default()
        );
        Failure::new(Exit::Usage, sentence)
    };
    let moment: jiff::Timestamp = format!("{day}T12:00:00Z").parse().map_err(|_| wrong())?;
    Ok(Timestamp::from_micros(moment.as_microsecond()))
}
