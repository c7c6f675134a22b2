//! The today page: order, words, and what it must not give away.

mod house;

use facts::{Answer, Category, PersonId, Phase, Rung, Several, Severity, Span, View};
use house::cases::{Story, account, child_part, earlier, pupil, teacher, telling, whole};
use house::{House, NOW};
use store::{Change, Health};

fn order(body: &str, words: &[&str]) {
    let places: Vec<Option<usize>> = words.iter().map(|word| body.find(word)).collect();
    assert!(places.iter().all(Option::is_some), "{words:?} {places:?}\n{body}");
    assert!(places.is_sorted(), "{words:?} {places:?}");
}

#[tokio::test]
async fn the_groups_stand_in_their_order_whatever_the_order_of_the_cases() {
    let mut house = House::new();
    let taken = |by: &str| Phase::Taken { by: PersonId::new(by), at: earlier(10) };
    let stories = [
        Story::new("BIRCH 11", 1).severity(Severity::P3),
        Story::new("CEDAR 12", 2).phase(taken("deputy")),
        Story::new("FERRY 13", 3).severity(Severity::P2),
        Story::new("HEDGE 14", 4),
        Story::new("MAPLE 15", 5).phase(taken("lead")),
        Story::new("OLIVE 16", 6).phase(Phase::Withdrawn { at: earlier(30) }),
        Story::new("PEBBLE 17", 7).phase(Phase::Closed {
            by: PersonId::new("lead"),
            at: earlier(5),
            outcome: facts::Outcome::Test,
        }),
    ];
    for story in &stories {
        house.tell(&story.changes());
    }
    let page = house.signed_in("lead").await.get("/").await.body;
    order(
        &page,
        &[
            "Needs someone now (1)",
            "HEDGE 14",
            "Today (1)",
            "FERRY 13",
            "For your list (1)",
            "no hurry",
            "BIRCH 11",
            "With me (1)",
            "MAPLE 15",
            "With someone else (1)",
            "CEDAR 12",
            "The deputy has it since 14:59",
            "Taken back (1)",
            "OLIVE 16",
            "Watching",
            "Cover",
            "Quiet",
        ],
    );
    assert!(!page.contains("PEBBLE"), "what is closed is over");
    assert_eq!(
        page.matches(">I have this<").count(),
        1,
        "only what needs somebody now is taken from here"
    );
}

#[tokio::test]
async fn no_name_of_anybody_stands_on_the_page() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil())).changes());
    house.tell(&Story::new("FERRY 17", 2).device_called("LAPTOP-A-PUPIL").changes());
    let page = house.signed_in("lead").await.get("/").await.body;
    assert!(page.contains("One account was logged in."));
    assert!(page.contains("Which child: not known."));
    for name in ["a.pupil", "A. Pupil", "3B", "class3b", "LAPTOP", "wardline.example", "10.1.4.23"]
    {
        assert!(!page.contains(name), "{name}");
    }
}

#[tokio::test]
async fn a_matter_about_an_adult_shows_neither_theme_nor_person() {
    let mut house = House::new();
    let both = Several::new(vec![teacher(), account("b.pupil", facts::Role::Pupil, "")]).unwrap();
    let mut seats = whole(&["head"]);
    seats.extend(child_part(&["lead"]));
    let stories = [
        Story::new("LARCH 55", 1)
            .answer(Answer::Proven(teacher()))
            .seats(whole(&["head", "chair"])),
        Story::new("MEADOW 29", 2).answer(Answer::OneOf(both)).seats(seats),
    ];
    for story in &stories {
        house.tell(&story.changes());
    }
    let head = house.signed_in("head").await.get("/").await.body;
    assert_eq!(head.matches("A matter for you alone.").count(), 2);
    for word in [Category::C05a.title(), "t.staff", "loaded", "P. Rowan", "chair"] {
        assert!(!head.contains(word), "{word}: {head}");
    }
    let lead = house.signed_in("lead").await.get("/").await.body;
    assert!(lead.contains("A child may have been the user."));
    assert!(!lead.contains("LARCH") && !lead.contains("O. Hazel") && !lead.contains("One of"));
}

#[tokio::test]
async fn the_page_of_a_person_without_a_seat_is_the_same_byte_for_byte_with_and_without_a_case() {
    let mut house = House::new();
    let mut people = Vec::new();
    for person in ["head", "chair", "tech"] {
        let mut browser = house.signed_in(person).await;
        let before = browser.get("/").await.body;
        people.push((browser, before));
    }
    let mut lead = house.signed_in("lead").await;
    let before = lead.get("/").await.body;
    house.tell(&Story::new("HEDGE 42", 1).changes());
    lead.get("/HEDGE-42").await;
    lead.press("/", "/HEDGE-42/take", &[("holder", "")]).await;
    for (mut browser, before) in people {
        assert_eq!(browser.get("/").await.body, before);
    }
    assert_ne!(lead.get("/").await.body, before);
}

#[tokio::test]
async fn what_can_not_be_found_stands_before_the_watching_and_letters_are_not_spoken_of() {
    let mut house = House::new();
    let health = |kind: &str, sentence: &str, at, figure| {
        Change::Health(Health { at, kind: kind.into(), sentence: sentence.into(), figure })
    };
    let empty = "Nothing in Suicide and self-harm can be found: no list is loaded.";
    let restarted = "Monitoring stopped without notice and started again.";
    house.tell(&[
        health("coverage", "Nothing in Gambling can be found.", NOW - Span::hours(30), None),
        health("started", "The daemon started.", NOW - Span::hours(26), None),
        health("coverage", empty, NOW - Span::hours(26), None),
        health("coverage", empty, NOW - Span::hours(2), None),
        health("loss", "7 packets were lost.", NOW - Span::hours(6), Some(7)),
        health("restarted", restarted, NOW - Span::hours(1), Some(2_400)),
        health("mail", "A letter waits for the server.", NOW - Span::hours(1), None),
    ]);
    let page = house.signed_in("lead").await.get("/").await.body;
    order(
        &page,
        &[
            "Nothing needs you.",
            "Can not find",
            empty,
            "Watching",
            "Gaps",
            "2 times in the last day; nothing was seen for 40 min in all.",
            "14:09 Monitoring stopped without notice",
            "09:09 7 packets were lost.",
            "Cover",
        ],
    );
    assert_eq!(page.matches(empty).count(), 1);
    assert!(!page.contains("Gambling"), "of an older start");
    assert!(!page.contains("letter waits"), "it would say that somebody has a case");
}

/// Rules are changed by one person: somebody else must read that less is watched.
#[tokio::test]
async fn what_is_watched_less_is_read_by_whoever_signs_in_for_four_weeks() {
    let mut house = House::new();
    let lowered = |sentence: &str, days: i64| {
        Change::Health(Health {
            at: NOW - Span::hours(24 * days),
            kind: "lowered".into(),
            sentence: sentence.into(),
            figure: Some(1),
        })
    };
    house.tell(&[
        lowered("Rules about words that say less or nothing: 9.", 29),
        lowered("The list <b>near</b> has 1 names.", 27),
        lowered("Names of Gambling that are watched no more: 2.", 3),
    ]);
    for reader in ["lead", "head"] {
        let page = house.signed_in(reader).await.get("/").await.body;
        order(&page, &["Watching", "Watched less", "no more: 2.", "And 1 before", "near", "Cover"]);
        assert!(!page.contains("say less or nothing"), "it is older than four weeks");
        assert!(!page.contains("<b>near"), "what a file says is text");
    }
}

#[tokio::test]
async fn whoever_is_said_to_have_approved_a_topic_reads_so() {
    let mut house = House::new();
    let sentence = "The topic \u{201c}Games of chance\u{201d} (Gambling) is open for 8B: asked for \
        by head, approved by lead.";
    house.tell(&[Change::Health(Health {
        at: NOW - Span::hours(2),
        kind: "exception".into(),
        sentence: sentence.into(),
        figure: Some(7),
    })]);
    let page = house.signed_in("lead").await.get("/").await.body;
    order(&page, &["Watching", "Watched less", sentence, "Cover"]);
}

#[tokio::test]
async fn a_disk_that_is_full_is_said_until_it_has_room_or_the_daemon_starts_anew() {
    let mut house = House::new();
    let mut lead = house.signed_in("lead").await;
    let health = |kind: &str, sentence: &str, minutes, figure| {
        let at = NOW - Span::minutes(minutes);
        Change::Health(Health { at, kind: kind.into(), sentence: sentence.into(), figure })
    };
    let full = "The disk of the record was full, and the reserve is in use: 60 MB are left.";
    house.tell(&[
        health("started", "Monitoring started.", 90, None),
        health("disk", full, 60, Some(60)),
    ]);
    let page = lead.get("/").await.body;
    order(&page, &["Watching", "Disk", full, "Cover"]);
    house.tell(&[health("disk", "The disk of the record has room again.", 50, None)]);
    assert!(!lead.get("/").await.body.contains("Disk"));
    house.tell(&[health("disk", full, 40, Some(60))]);
    assert!(lead.get("/").await.body.contains(full));
    house.tell(&[health("restarted", "Monitoring started again.", 30, Some(9))]);
    assert!(!lead.get("/").await.body.contains(full));
}

#[tokio::test]
async fn a_device_taken_for_a_router_stands_on_the_page_until_the_next_start() {
    let mut house = House::new();
    let row = |kind: &str, sentence: &str, at| {
        let (kind, sentence) = (kind.to_owned(), sentence.to_owned());
        Change::Health(Health { at, kind, sentence, figure: None })
    };
    house.tell(&[
        row("network", "The device 02:00:00:00:00:01 is taken for a router.", NOW),
        row("network", "The device 02:00:00:00:00:02 is taken for a router.", NOW),
    ]);
    let mut lead = house.signed_in("lead").await;
    let page = lead.get("/").await.body;
    order(&page, &["<dt>Routers", "00:01 is taken", "And 1 more", "00:02 is taken", "Cover"]);
    house.clock.advance(Span::minutes(5));
    house.tell(&[row("started", "Monitoring started.", NOW + Span::minutes(1))]);
    assert!(!lead.get("/").await.body.contains("Routers"));
}

#[tokio::test]
async fn a_login_file_whose_times_can_not_be_right_is_red_until_they_are() {
    let mut house = House::new();
    let wrong = "The times in the login file logins.csv are 60 seconds ahead.";
    let row = |at, sentence: &str, figure| {
        let (kind, sentence) = ("clock".to_owned(), sentence.to_owned());
        Change::Health(Health { at, kind, sentence, figure })
    };
    house.tell(&[row(NOW, wrong, Some(60))]);
    let mut lead = house.signed_in("lead").await;
    let page = lead.get("/").await.body;
    order(&page, &["<dt>Login times</dt><dd class=\"dark\">", wrong, "Cover"]);
    house.clock.advance(Span::minutes(5));
    house.tell(&[row(NOW + Span::minutes(1), "They agree.", None)]);
    assert!(!lead.get("/").await.body.contains("Login times"));
}

#[tokio::test]
async fn logins_that_could_be_any_devices_making_are_red_for_a_day() {
    let mut house = House::new();
    let told = "Of 12 logins in the last hour 9 could be any device's making.";
    let (kind, sentence) = ("half_heard".to_owned(), told.to_owned());
    house.tell(&[Change::Health(Health { at: NOW, kind, sentence, figure: None })]);
    let mut lead = house.signed_in("lead").await;
    let page = lead.get("/").await.body.replace("&#39;", "'");
    order(&page, &["<dt>Logins</dt><dd class=\"dark\">", told, "Cover"]);
    house.clock.advance(Span::hours(25));
    let mut lead = house.signed_in("lead").await;
    assert!(!lead.get("/").await.body.contains("any device"));
}

#[tokio::test]
async fn nothing_stands_above_what_needs_somebody_now() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).changes());
    let kinds = ["Suicide and self-harm", "Eating disorders", "Drug supply", "Gambling"];
    house.tell(&kinds.map(|kind| {
        Change::Health(Health {
            at: NOW,
            kind: "coverage".into(),
            sentence: format!("Nothing in {kind} can be found: no list is loaded."),
            figure: None,
        })
    }));
    let page = house.signed_in("lead").await.get("/").await.body;
    let main = page.split("<main").nth(1).unwrap();
    let first = main.find("<section").unwrap();
    assert!(main[first..].starts_with("<section class=\"group now\">"), "{main}");
    assert!(!main[..first].contains("notice"), "{main}");
    let open =
        "<summary>Nothing in Suicide and self-harm can be found: no list is loaded. And 3 more";
    order(&page, &["HEDGE 42", open, "<li>Nothing in Eating", "<li>Nothing in Gambling"]);
}

#[tokio::test]
async fn a_recording_that_has_been_played_ends_without_an_alarm() {
    let mut house = House::new();
    house.tell(&[Change::Health(Health {
        at: NOW,
        kind: "played".into(),
        sentence: "The recording has been played to its end.".into(),
        figure: None,
    })]);
    let mut lead = house.signed_in("lead").await;
    house.clock.advance(Span::minutes(5));
    let page = lead.get("/").await.body;
    assert!(page.contains("The recording has ended; its last packet came 15:09."), "{page}");
    assert!(!page.contains("class=\"dark\""));
    house.tell(&[Change::Health(Health {
        at: NOW + Span::minutes(1),
        kind: "started".into(),
        sentence: "Monitoring started.".into(),
        figure: None,
    })]);
    assert!(lead.get("/").await.body.contains("class=\"dark\""), "a live wire is silent");
}

#[tokio::test]
async fn a_quiet_day_says_so_and_silence_of_the_wire_is_red() {
    let house = House::new();
    let mut lead = house.signed_in("lead").await;
    let page = lead.get("/").await.body;
    assert!(page.contains("Nothing needs you. Last packet 15:09."));
    assert!(page.contains("Yes: last packet less than a second ago"));
    assert!(page.contains("94 of 100 connections readable"));
    assert!(!page.contains("class=\"dark\""));
    house.clock.advance(Span::minutes(5));
    let page = lead.get("/").await.body;
    assert!(page.contains("class=\"dark\"") && page.contains("No: the last packet came 15:09"));
}

#[tokio::test]
async fn the_next_step_is_said_for_the_readers_own_view_only() {
    let mut house = House::new();
    let mut seats = whole(&["head"]);
    seats.extend(child_part(&["lead"]));
    let mut story = Story::new("HEDGE 42", 1).rung(Rung::Answered).seats(seats);
    story.incident.tellings = vec![
        telling(View::Whole, Some(NOW + Span::minutes(60))),
        telling(View::ChildPart, Some(NOW + Span::minutes(4))),
    ];
    house.tell(&story.changes());
    let lead = house.signed_in("lead").await.get("/").await.body;
    assert!(lead.contains("Next person told 15:13") && !lead.contains("16:09"));
    let head = house.signed_in("head").await.get("/").await.body;
    assert!(head.contains("Next person told 16:09") && !head.contains("15:13"));
}

#[tokio::test]
async fn a_case_is_shown_although_decisions_can_not_be_read() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).changes());
    let mut lead = house.signed_in("lead").await;
    house.lose("review.db");
    let page = lead.get("/").await;
    assert_eq!(page.status, 200);
    order(
        &page.body,
        &["What people decided can not be read", "Needs someone now (1)", "HEDGE 42"],
    );
}

#[tokio::test]
async fn of_two_that_need_somebody_now_the_one_that_waits_longer_stands_first() {
    let mut house = House::new();
    let mut older = Story::new("BUCKET 46", 1);
    older.incident.first_seen = NOW - Span::minutes(3);
    house.tell(&older.changes());
    house.tell(&Story::new("VELVET 84", 2).changes());
    let page = house.signed_in("lead").await.get("/").await.body;
    order(&page, &["BUCKET 46", "VELVET 84"]);
}
