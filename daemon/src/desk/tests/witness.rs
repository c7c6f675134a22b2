//! The witness at the desk: where, for whom and how far, and never for whom of the staff.

use facts::{Category, Profile, Progress, Role, Rung};
use store::{Change, Witnessed};

use super::day::{ADULT_SITE, Day, LIST, URGENT, class, one_of, pupil, staff};
use super::school::candidate;

fn told(day: &Day) -> Vec<(Profile, Category, Rung, u64)> {
    let cell = |change: &Change| match change {
        Change::Witnessed(Witnessed { profile, category, rung, devices, .. }) => {
            Some((*profile, *category, *rung, *devices))
        }
        _ => None,
    };
    day.changes.iter().filter_map(cell).collect()
}

#[test]
fn a_class_that_is_stopped_looks_up_and_loads_is_told_by_rung_and_by_devices() {
    let mut day = Day::begins("2026-11-19 10:00");
    for device in ["10.1.0.7", "10.1.0.8"] {
        day.is(device, class());
        let stopped = day.hello(device, ADULT_SITE);
        let at = day.now;
        let by_filter =
            Progress { id: stopped, rung: Rung::Loaded, at, bytes: 900, by_filter: true };
        day.handle(super::super::Event::Progress(&by_filter));
        day.look_up(device, LIST);
    }
    day.load("10.1.0.7", LIST);
    day.until("2026-11-19 10:05");
    let profile = Profile::Ks34;
    let mut told = told(&day);
    told.sort_unstable();
    assert_eq!(
        told,
        [
            (profile, Category::C08, Rung::Refused, 1),
            (profile, Category::C08, Rung::Refused, 2),
            (profile, Category::C14, Rung::LookedUp, 1),
            (profile, Category::C14, Rung::LookedUp, 2),
            (profile, Category::C14, Rung::Loaded, 1),
        ]
    );
}

#[test]
fn a_case_that_gets_further_is_told_once_for_each_rung() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    let id = day.hello("10.1.0.7", URGENT);
    day.until("2026-11-19 10:05");
    for rung in [Rung::Answered, Rung::Loaded, Rung::Stayed, Rung::Stayed] {
        day.reaches(id, rung);
    }
    let rungs: Vec<_> = told(&day).into_iter().map(|(_, _, rung, _)| rung).collect();
    assert_eq!(rungs, [Rung::Tried, Rung::Answered, Rung::Loaded]);
}

#[test]
fn wherever_an_adult_may_be_meant_it_is_no_childs() {
    let either = one_of(vec![
        candidate("a.pupil", Some(Role::Pupil)),
        candidate("t.staff", Some(Role::Staff)),
    ]);
    let unlisted = facts::Answer::Proven(candidate("x", None));
    let program = facts::Answer::Proven(candidate("svc", Some(Role::Service)));
    for answer in [staff("t.staff"), either, unlisted, program] {
        let mut day = Day::begins("2026-11-19 10:00");
        day.is("10.1.0.7", answer);
        day.load("10.1.0.7", ADULT_SITE);
        day.until("2026-11-19 10:05");
        let profiles: Vec<_> = told(&day).into_iter().map(|(profile, ..)| profile).collect();
        assert_eq!(profiles, [Profile::Staff]);
    }
}

#[test]
fn a_colleagues_own_health_is_not_even_counted() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", staff("t.staff"));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:05");
    assert_eq!(told(&day), []);
}
