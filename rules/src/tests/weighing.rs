//! Levels: one table of (category, profile, rung, attempts) and what it comes to.

use facts::{Category, Confidence, Profile, RuleId, Ruling, Rung, Severity, Weight};

use super::builtin;
use crate::levels::level;
use crate::{Circumstances, Verdict};

const P1: Weight = Weight::Case(Severity::P1);
const P2: Weight = Weight::Case(Severity::P2);
const P3: Weight = Weight::Case(Severity::P3);

fn ruling(category: Category, confidence: Confidence, rule: &str) -> Ruling {
    Ruling { rule: RuleId::new(rule), category, confidence }
}

fn weigh(rulings: &[Ruling], seen: &Circumstances<'_>) -> Verdict {
    builtin().weigh(rulings, seen).unwrap()
}

fn curated(code: &str, seen: Circumstances<'_>) -> Weight {
    let category = code.parse().unwrap();
    weigh(&[ruling(category, Confidence::Curated, "c/own/x")], &seen).weight
}

#[test]
fn a_page_that_loaded_weighs_what_the_table_says() {
    use Profile::{Guest, Ks1, Ks2, Ks5, Ks34, Staff};
    for (code, profile, expected) in [
        ("C01", Ks1, P1),
        ("C01", Ks34, P1),
        ("C01", Staff, Weight::Unmonitored),
        ("C02", Ks2, P2),
        ("C03", Ks5, P1),
        ("C03", Staff, P2),
        ("C04", Staff, P1),
        ("C05a", Ks34, P1),
        ("C05a", Ks5, P2),
        ("C05b", Ks1, P3),
        ("C05b", Ks5, Weight::Trend),
        ("C06a", Ks2, P1),
        ("C06b", Ks34, P3),
        ("C07", Ks5, P1),
        ("C08", Ks1, P1),
        ("C08", Ks34, P2),
        ("C08", Ks5, P3),
        ("C08", Guest, P2),
        ("C13", Staff, Weight::Unmonitored),
        ("C14", Ks2, P3),
        ("C15", Ks1, Weight::Technical),
        ("C15", Ks34, P3),
        ("C17", Ks2, P3),
        ("C17", Ks34, Weight::Trend),
        ("C22", Ks1, Weight::Trend),
        ("C24", Ks2, Weight::Technical),
        ("C29", Staff, P2),
    ] {
        assert_eq!(
            curated(code, Circumstances::of_one(profile, Rung::Loaded)),
            expected,
            "{code} {profile:?}"
        );
        assert_eq!(
            curated(code, Circumstances::of_one(profile, Rung::Answered)),
            expected,
            "{code} {profile:?}"
        );
    }
}

#[test]
fn each_rung_carries_only_so_far() {
    let at = |rung| curated("C01", Circumstances::of_one(Profile::Ks34, rung));
    let expected = [P3, P2, Weight::Trend, P1, P1, P1];
    assert_eq!(Rung::ALL.map(at), expected);
    let blocked = |rung| {
        curated(
            "C01",
            Circumstances { by_filter: true, ..Circumstances::of_one(Profile::Ks34, rung) },
        )
    };
    let expected = [P3, P2, Weight::Trend, Weight::Trend, Weight::Trend, Weight::Trend];
    assert_eq!(Rung::ALL.map(blocked), expected);
}

#[test]
fn a_look_up_alone_is_never_more_than_an_item_of_the_list() {
    for category in Category::ALL {
        for profile in Profile::ALL {
            for attempts in [1, 3, 40] {
                let often = Circumstances {
                    attempts_in_hour: attempts,
                    attempts_today: attempts,
                    ..Circumstances::of_one(profile, Rung::LookedUp)
                };
                let weight = curated(category.code(), often);
                assert!(!matches!(weight, P1 | P2), "{category:?} {profile:?} {attempts}");
            }
        }
    }
}

#[test]
fn three_attempts_within_an_hour_are_as_strong_as_an_answer() {
    let tried = |attempts| Circumstances {
        attempts_in_hour: attempts,
        attempts_today: attempts,
        ..Circumstances::of_one(Profile::Ks34, Rung::Tried)
    };
    assert_eq!(curated("C01", tried(2)), P2);
    assert_eq!(curated("C01", tried(3)), P1);
    assert_eq!(curated("C08", tried(3)), P2, "never above the table");
    let stopped = Circumstances { rung: Rung::Refused, ..tried(3) };
    assert_eq!(curated("C01", stopped), P1);
}

#[test]
fn what_was_stopped_is_counted_until_it_is_tried_again_and_again() {
    use Profile::{Ks1, Ks2, Ks5, Ks34, Staff};
    let stopped = |profile, today| Circumstances {
        attempts_today: today,
        by_filter: true,
        ..Circumstances::of_one(profile, Rung::Answered)
    };
    for (code, profile, today, expected) in [
        ("C08", Ks2, 1, Weight::Trend),
        ("C08", Ks2, 2, Weight::Trend),
        ("C08", Ks2, 3, P2),
        ("C08", Ks1, 3, P2),
        ("C08", Ks34, 3, P3),
        ("C08", Ks5, 40, P3),
        ("C08", Staff, 3, P3),
        ("C02", Ks2, 3, P2),
        ("C01", Ks34, 3, P3),
        ("C14", Ks2, 3, P3),
        ("C11a", Ks2, 3, P3),
        ("C19", Ks2, 40, Weight::Trend),
        ("C13", Staff, 40, Weight::Unmonitored),
        ("C15", Ks1, 40, Weight::Technical),
    ] {
        assert_eq!(curated(code, stopped(profile, today)), expected, "{code} {profile:?} {today}");
    }
    let hourly = Circumstances { attempts_in_hour: 6, ..stopped(Ks2, 6) };
    assert_eq!(curated("C08", hourly), P2, "adult sites stay for today");
}

#[test]
fn words_and_single_lists_never_weigh_more_than_the_list() {
    for category in Category::ALL {
        for profile in Profile::ALL {
            for rung in Rung::ALL {
                for confidence in [Confidence::Keyword, Confidence::Listed] {
                    let often = Circumstances {
                        attempts_in_hour: 9,
                        attempts_today: 9,
                        ..Circumstances::of_one(profile, rung)
                    };
                    let rulings = [ruling(*category, confidence, "c/words/x+y")];
                    let weight = weigh(&rulings, &often).weight;
                    assert!(!matches!(weight, P1 | P2), "{category:?} {profile:?} {rung:?}");
                }
            }
        }
    }
}

#[test]
fn for_the_youngest_two_lists_that_agree_are_as_good_as_a_checked_name() {
    let list = |pack: &str| ruling(Category::C08, Confidence::Listed, &format!("c08/{pack}/x"));
    let word = |rule: &str| ruling(Category::C08, Confidence::Keyword, rule);
    let other = ruling(Category::C14, Confidence::Listed, "c14/second/x");
    let loaded = |profile| Circumstances::of_one(profile, Rung::Loaded);
    for (rulings, young, older) in [
        (vec![list("first")], P3, P3),
        (vec![list("first"), list("second")], P1, P3),
        (vec![list("first"), list("first")], P3, P3),
        (vec![list("first"), word("c08/w/words/free+tube")], P1, P3),
        (vec![list("first"), word("c08/w/words/tube")], P3, P3),
        (vec![list("first"), other], P3, P3),
        (vec![word("c08/w/words/free+tube")], P3, P3),
    ] {
        assert_eq!(weigh(&rulings, &loaded(Profile::Ks1)).weight, young, "{rulings:?}");
        assert_eq!(weigh(&rulings, &loaded(Profile::Ks2)).weight, young, "{rulings:?}");
        assert_eq!(weigh(&rulings, &loaded(Profile::Ks34)).weight, older, "{rulings:?}");
    }
}

#[test]
fn an_inferred_name_needs_volume_to_be_grave() {
    let at = |rung| {
        curated(
            "C01",
            Circumstances { inferred: true, ..Circumstances::of_one(Profile::Ks34, rung) },
        )
    };
    assert_eq!(Rung::ALL.map(at), [P3, P3, Weight::Trend, P2, P1, P1]);
}

#[test]
fn a_colleague_who_loads_one_page_of_extremism_is_not_an_emergency() {
    let stayed = |today| Circumstances {
        attempts_today: today,
        ..Circumstances::of_one(Profile::Staff, Rung::Stayed)
    };
    assert_eq!(curated("C03", stayed(1)), P2);
    assert_eq!(curated("C03", stayed(3)), P1);
    assert_eq!(curated("C03", Circumstances { rung: Rung::Loaded, ..stayed(3) }), P2);
}

#[test]
fn the_gravest_ruling_decides() {
    let rulings = [
        ruling(Category::C19, Confidence::Curated, "c19/games/x"),
        ruling(Category::C14, Confidence::Curated, "c14/gambling/x"),
        ruling(Category::C08, Confidence::Curated, "c08/adult/x"),
    ];
    let verdict = weigh(&rulings, &Circumstances::of_one(Profile::Ks34, Rung::Loaded));
    assert_eq!((verdict.weight, verdict.category), (P2, Category::C08));
    assert_eq!(verdict.ruling.as_str(), "c08/adult/x");
    let verdict = weigh(&rulings, &Circumstances::of_one(Profile::Staff, Rung::Refused));
    assert_eq!(verdict.weight, Weight::Trend);
    assert!(builtin().weigh(&[], &Circumstances::of_one(Profile::Ks2, Rung::Loaded)).is_none());
}

#[test]
fn more_evidence_never_weighs_less_unless_something_stood_in_the_way() {
    let grave = |weight| match weight {
        P1 => 4,
        P2 => 3,
        P3 => 2,
        _ => 0,
    };
    let rungs = [Rung::LookedUp, Rung::Tried, Rung::Answered, Rung::Loaded, Rung::Stayed];
    for category in Category::ALL {
        for profile in Profile::ALL {
            for pair in rungs.windows(2) {
                let [less, more] = [pair[0], pair[1]]
                    .map(|rung| curated(category.code(), Circumstances::of_one(profile, rung)));
                assert!(grave(less) <= grave(more), "{category:?} {profile:?} {pair:?}");
                let most = level(*category, profile);
                assert!(grave(more) <= grave(most) || *category == Category::C03);
            }
        }
    }
}

#[test]
fn a_verdict_explains_itself_in_one_plain_sentence() {
    let say = |code: &str, confidence, seen| {
        let category = code.parse().unwrap();
        weigh(&[ruling(category, confidence, "c/own/x")], &seen).because
    };
    assert_eq!(
        say("C08", Confidence::Curated, Circumstances::of_one(Profile::Ks2, Rung::Loaded)),
        "A device loaded a page of an adult site; for key stage 2 someone needs to look now."
    );
    assert_eq!(
        say("C14", Confidence::Keyword, Circumstances::of_one(Profile::Ks34, Rung::LookedUp)),
        "A device asked where to find a gambling site (only words in its name say so); for key \
         stages 3 and 4 it goes on the end-of-day list."
    );
    let stopped = Circumstances {
        attempts_today: 4,
        by_filter: true,
        ..Circumstances::of_one(Profile::Ks1, Rung::Answered)
    };
    assert_eq!(
        say("C08", Confidence::Curated, stopped),
        "A device asked for an adult site and was stopped, 4 times today; for early years and \
         key stage 1 someone should look today."
    );
}

#[test]
fn no_sentence_blames_anybody() {
    let hurtful = [
        "offender",
        "culprit",
        "suspect ",
        "violation",
        "visited",
        "searched",
        "tried to access",
        "alert",
        "incident",
        "child did",
        "pupil",
        "risk",
        "severity",
        "P1",
        "rung",
        "SNI",
        "DNS",
    ];
    for category in Category::ALL {
        for profile in Profile::ALL {
            for rung in Rung::ALL {
                for by_filter in [false, true] {
                    let seen = Circumstances { by_filter, ..Circumstances::of_one(profile, rung) };
                    let rulings = [ruling(*category, Confidence::Curated, "c/own/x")];
                    let because = weigh(&rulings, &seen).because;
                    assert!(because.ends_with('.') && because.matches(". ").count() == 0);
                    for word in hurtful {
                        assert!(!because.contains(word), "{word}: {because}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_can_be_urgent_is_known_before_anybody_is() {
    let confidences = [Confidence::Keyword, Confidence::Listed, Confidence::Curated];
    for category in Category::ALL {
        for (first, second) in confidences.iter().flat_map(|a| confidences.map(|b| (*a, b))) {
            let rulings = [
                ruling(*category, first, "c/first/x"),
                ruling(*category, second, "c/second/words/x+y"),
            ];
            let reached = Profile::ALL.into_iter().any(|profile| {
                let often = Circumstances {
                    attempts_in_hour: 9,
                    attempts_today: 9,
                    ..Circumstances::of_one(profile, Rung::Stayed)
                };
                matches!(weigh(&rulings, &often).weight, P1 | P2)
            });
            assert_eq!(
                builtin().can_be_urgent(&rulings),
                reached,
                "{category:?} {first:?} {second:?}"
            );
        }
    }
}
