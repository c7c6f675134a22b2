//! The two parts of a matter about a child or an adult, and how each is passed on.

use facts::{Act, Phase, Role, Severity};
use store::Change;

use super::day::{ADULT_SITE, Day, URGENT, one_of, staff};
use super::school::{candidate, with_duty};

fn child_or_colleague() -> facts::Answer {
    one_of(vec![candidate("a.pupil", Some(Role::Pupil)), candidate("t.staff", Some(Role::Staff))])
}

fn told(answer: facts::Answer, name: &str) -> Day {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", answer);
    day.load("10.1.0.7", name);
    day.until("2026-11-19 10:01");
    day
}

fn set_aside(day: &Day) -> usize {
    let is_row = |c: &&Change| matches!(c, Change::Health(health) if health.kind == "decision");
    day.changes.iter().filter(is_row).count()
}

#[test]
fn the_welfare_part_of_another_theme_reaches_the_lead_with_one_tap() {
    let mut day = told(child_or_colleague(), ADULT_SITE);
    assert_eq!(day.seats(), ["head whole"]);
    let id = day.case().id;
    day.newly_told();
    day.decides(id, "head", Act::WelfarePassed);
    assert_eq!(day.seats(), ["head whole", "lead child_part", "deputy child_part"]);
    let opening = match day.case().severity {
        Severity::P1 => "Please act now",
        _ => "Please look today",
    };
    assert_eq!(day.told()[0], format!("10:01 lead first: {opening}"));
    assert!(day.newly_told().iter().all(|line| !line.contains(" head ")), "nothing new to them");
    day.decides(id, "head", Act::WelfarePassed);
    assert!(day.told().is_empty() && set_aside(&day) == 0, "twice is once");
    day.restart();
    assert_eq!(day.seats(), ["head whole", "lead child_part", "deputy child_part"]);
    day.decides(id, "lead", Act::Taken { for_person: None });
    assert_eq!(day.case().phase, Phase::Open, "the adult's part is nobody's yet");
    assert_eq!(set_aside(&day), 0);
}

#[test]
fn nobody_passes_on_a_part_that_is_not_there_or_not_theirs() {
    let mut day = told(staff("t.staff"), ADULT_SITE);
    let id = day.case().id;
    day.decides(id, "lead", Act::WelfarePassed);
    day.decides(id, "head", Act::WelfarePassed);
    assert_eq!(set_aside(&day), 2);
    assert_eq!(day.seats(), ["head whole"]);
    let mut day = told(child_or_colleague(), ADULT_SITE);
    let id = day.case().id;
    day.decides(id, "lead", Act::WelfarePassed);
    assert_eq!((set_aside(&day), day.seats()), (1, vec!["head whole".to_owned()]));
}

#[test]
fn whoever_sees_a_part_passes_it_on_without_choosing_a_name() {
    let mut day = told(child_or_colleague(), URGENT);
    let id = day.case().id;
    day.newly_told();
    day.decides(id, "deputy", Act::PassedOn { note: "I am in court.".into() });
    assert_eq!(day.newly_told()[0], "10:01 outside handed_over: Please act now");
    day.until("2026-11-19 10:02");
    day.decides(id, "outside", Act::PassedOn { note: "It is a matter for the school.".into() });
    assert_eq!(day.newly_told()[0], "10:02 lead handed_over: Please act now");
    assert_eq!(set_aside(&day), 0);
}

#[test]
fn an_adults_login_that_anybody_could_have_sent_keeps_no_childs_matter_from_the_lead() {
    let made_up = |adult: facts::Candidate| {
        let adult = facts::Candidate { one_sided: true, ..adult };
        one_of(vec![candidate("a.pupil", Some(Role::Pupil)), adult])
    };
    let seats = |answer| told(answer, ADULT_SITE).seats();
    let staff = candidate("t.staff", Some(Role::Staff));
    assert_eq!(
        seats(made_up(staff)),
        ["head whole", "lead child_part", "deputy child_part"],
        "the head hears of both, the lead of a child"
    );
    let head = seats(made_up(with_duty("j.head", facts::Duty::Headteacher)));
    assert_eq!(head[0], "chair whole");
    assert!(head.contains(&"lead child_part".to_owned()), "{head:?}");
    assert!(!head.iter().any(|seat| seat.starts_with("head ")), "{head:?}");
    // Of a login that was heard whole nothing changes.
    let sure = one_of(vec![
        candidate("a.pupil", Some(Role::Pupil)),
        facts::Candidate { one_sided: true, ..candidate("s.upply", Some(Role::Staff)) },
        candidate("t.staff", Some(Role::Staff)),
    ]);
    assert_eq!(seats(sure), ["head whole"]);
}
