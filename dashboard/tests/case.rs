//! The case page: the view is written first, and each reader sees their own part.

mod house;

use axum::http::StatusCode;
use facts::{
    Act, Answer, Decision, DecisionId, HostName, IncidentId, Outcome, PersonId, Phase, Role,
    Several, Severity, Span, UserName,
};
use house::cases::{Story, account, child_part, class, pupil, teacher, whole};
use house::{House, NOW};
use store::{Change, ReviewWriter};

const ID: IncidentId = IncidentId::from_u128(1);

#[tokio::test]
async fn each_look_is_a_row_before_the_page_is_sent() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).changes());
    let mut lead = house.signed_in("lead").await;
    for looks in 1..=3 {
        let page = lead.get("/hedge-42").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("class3b"));
        let views = house.review().views(ID).unwrap();
        assert_eq!(views.len(), looks);
        assert!(views.iter().all(|view| view.person == PersonId::new("lead") && view.at == NOW));
    }
    assert!(lead.get("/HEDGE-42").await.body.contains("Opened by you 15:09 (4 views)."));
    house.review().audit_verify().unwrap();
}

/// The sentence on the page of a case that lacks only a proof, as a person reads it.
async fn says_a_proof_was_missing(story: Story, person: &str) -> bool {
    let mut house = House::new();
    let mut story = story;
    story.incident.exception_unproven = true;
    house.tell(&story.changes());
    let page = house.signed_in(person).await.get("/HEDGE-42").await;
    assert_eq!(page.status, StatusCode::OK);
    page.body.contains("An approved study topic would have covered this if")
}

#[tokio::test]
async fn an_approved_topic_that_lacked_only_a_proof_is_said_where_no_adult_can_be_meant() {
    let today = || Story::new("HEDGE 42", 1).severity(Severity::P2);
    let likely = |candidate| Answer::Likely { candidate, proof_age: Span::minutes(4) };
    let both = Several::new(vec![teacher(), pupil()]).unwrap();
    let mut parts = whole(&["head"]);
    parts.extend(child_part(&["lead"]));
    assert!(says_a_proof_was_missing(today().answer(likely(pupil())), "lead").await);
    for (what, story, person) in [
        ("urgent", Story::new("HEDGE 42", 1).answer(likely(pupil())), "lead"),
        ("a teacher", today().answer(likely(teacher())).seats(whole(&["head"])), "head"),
        (
            "perhaps a teacher, to the head",
            today().answer(Answer::OneOf(both.clone())).seats(parts.clone()),
            "head",
        ),
        ("and to the lead", today().answer(Answer::OneOf(both)).seats(parts), "lead"),
        ("a part", today().answer(likely(pupil())).seats(child_part(&["lead"])), "lead"),
    ] {
        assert!(!says_a_proof_was_missing(story, person).await, "{what}");
    }
}

#[tokio::test]
async fn a_page_whose_view_can_not_be_written_down_is_not_sent() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil())).changes());
    let mut lead = house.signed_in("lead").await;
    house.lose("review.db");
    let page = lead.get("/HEDGE-42").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    for name in ["a.pupil", "A. Pupil", "iPad", "wardline.example", "Random video"] {
        assert!(!page.body.contains(name), "{name}");
    }
    std::fs::remove_file(house.path("review.db")).unwrap();
    std::fs::create_dir(house.path("review.db")).unwrap();
    assert_eq!(lead.get("/HEDGE-42").await.status, StatusCode::SERVICE_UNAVAILABLE);
    std::fs::remove_dir(house.path("review.db")).unwrap();
    assert_eq!(lead.get("/HEDGE-42").await.status, StatusCode::OK, "a new one is made");
    assert_eq!(house.review().views(ID).unwrap().len(), 1);
}

#[tokio::test]
async fn names_from_outside_are_text_and_nothing_else() {
    let mut house = House::new();
    let mut story = Story::new("HEDGE 42", 1);
    story.name = HostName::from_text("<script>alert(1)</script>\"'&.example").unwrap();
    story.incident.names = vec![story.name.clone()];
    let mut child = pupil();
    child.account = UserName::new("<b>\u{202e}a.pupil");
    child.display = Some("\"><img src=x onerror=alert(1)>".into());
    child.group = Some("{{7*7}}".into());
    story = story.answer(Answer::Proven(child)).device_called("</title><svg/onload=alert(1)>");
    story.incident.attribution.grounds[0].sentence = "<i>\u{0}ground\r\n</i>".into();
    house.tell(&story.changes());
    let mut writer = ReviewWriter::open(&house.path("review.db")).unwrap();
    let act = Act::HandedOver { to: PersonId::new("deputy"), note: "<u>note</u>\u{202e}".into() };
    let id = DecisionId::from_u128(9);
    let by = PersonId::new("lead");
    writer.decide(&Decision { id, incident: ID, by, at: NOW, act }).unwrap();
    let page = house.signed_in("lead").await.get("/HEDGE-42").await.body;
    for raw in ["<script", "<b>", "<img", "<svg", "<i>", "<u>", "\u{202e}", "\u{0}", "href=\"http"]
    {
        assert!(!page.contains(raw), "{raw:?}");
    }
    for shown in ["script&#62;alert(1)", "[U+202E]a.pupil", "onerror=alert(1)", "{{7*7}}"] {
        assert!(page.contains(shown), "{shown}\n{page}");
    }
    assert_eq!(page.matches("<a ").count(), 2, "no observed name is a link");
}

#[tokio::test]
async fn only_a_proven_account_comes_before_the_place() {
    let both = Several::new(vec![account("b.pupil", Role::Pupil, ""), pupil()]).unwrap();
    let perhaps = Several::or_unknown(vec![pupil()]).unwrap();
    let likely = Answer::Likely { candidate: pupil(), proof_age: Span::minutes(4) };
    let cases = [
        (Answer::Proven(pupil()), true, "was the only account logged in"),
        (Answer::ProvenShared(class()), false, "Which child is not known, and we do not guess."),
        (likely, false, "Likely a.pupil (A. Pupil, 3B): last proof 4 min before"),
        (Answer::OneOf(both), false, "One of 2: a.pupil (A. Pupil, 3B); b.pupil (3B)."),
        (Answer::OneOf(perhaps), false, "Perhaps a.pupil (A. Pupil, 3B), perhaps somebody else."),
        (Answer::DeviceOnly, false, "nobody is known to have been logged in"),
    ];
    for (answer, leads, words) in cases {
        let mut house = House::new();
        house.tell(&Story::new("HEDGE 42", 1).answer(answer).changes());
        let page = house.signed_in("lead").await.get("/HEDGE-42").await.body;
        assert!(page.contains(words), "{words}\n{page}");
        let (who, place) = (page.find(words), page.find("<p class=\"answer\">iPad-07</p>"));
        assert!(who.is_some() && place.is_some(), "{page}");
        assert_eq!(who < place, leads, "{words}");
        let (next, grounds) = (page.find("In the next ten minutes"), page.find("What speaks for"));
        assert!(place < next && who < next && next < grounds, "what to do comes before why");
        assert!(page.contains("hardware address 02:00:00:00:00:07"));
        assert!(page.contains("The login source was silent for 41 minutes this morning."));
    }
}

#[tokio::test]
async fn whoever_sees_the_childs_part_finds_no_trace_of_the_adult() {
    let mut house = House::new();
    let both = Several::new(vec![teacher(), account("b.pupil", Role::Pupil, "B. Pupil")]).unwrap();
    let mut seats = whole(&["head", "chair"]);
    seats.extend(child_part(&["lead", "deputy"]));
    let story = Story::new("HEDGE 42", 1)
        .answer(Answer::OneOf(both))
        .seats(seats)
        .device_called("LAPTOP-T-STAFF");
    house.tell(&story.changes());
    let mut head = house.signed_in("head").await;
    head.get("/HEDGE-42").await;
    let hand = [("holder", ""), ("to", "chair"), ("note", "T. Staff is a friend of mine.")];
    head.press("/HEDGE-42", "/HEDGE-42/hand-over", &hand).await;
    let lead = house.signed_in("lead").await.get("/HEDGE-42").await.body;
    assert!(lead.contains("a child may have been the user: b.pupil (B. Pupil, 3B)"), "{lead}");
    assert!(lead.contains("Adult details are held elsewhere"));
    for word in [
        "t.staff",
        "T. Staff",
        "STAFF",
        "One of",
        "iPad",
        "friend",
        "O. Hazel",
        "13:20",
        "LADO",
        "the Headteacher",
    ] {
        assert!(!lead.contains(word), "{word}\n{lead}");
    }
    let body = head.get("/HEDGE-42").await.body;
    assert!(body.contains("One of 2: b.pupil (B. Pupil, 3B); t.staff (T. Staff)."));
    assert!(body.contains("Do not speak to the person yet.") && body.contains("LADO"));
}

#[tokio::test]
async fn a_matter_about_an_adult_has_the_adults_card_and_no_word_on_parents() {
    let mut house = House::new();
    let story = Story::new("LARCH 55", 1).answer(Answer::Proven(teacher())).seats(whole(&["head"]));
    house.tell(&story.changes());
    let page = house.signed_in("head").await.get("/LARCH-55").await.body;
    for words in
        ["Do not speak to the person yet.", "Only you can see this.", "nobody to hand it to"]
    {
        assert!(page.contains(words), "{words}\n{page}");
    }
    for words in ["tell parents", "Three lines to say", "CEOP"] {
        assert!(!page.contains(words), "{words}");
    }
}

#[tokio::test]
async fn what_a_case_was_before_it_came_to_its_reader_stays_unknown_to_them() {
    let mut house = House::new();
    let first = Story::new("HEDGE 42", 1).answer(Answer::Proven(teacher())).seats(whole(&["head"]));
    house.tell(&first.changes());
    let mut head = house.signed_in("head").await;
    head.get("/HEDGE-42").await;
    house.clock.advance(Span::minutes(20));
    let mut second = Story::new("HEDGE 42", 1).answer(Answer::DeviceOnly);
    second.incident.revision = 2;
    second.incident.revised_at = NOW + Span::minutes(10);
    let mut third = Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil()));
    third.incident.revision = 3;
    third.incident.revised_at = NOW + Span::minutes(15);
    house.tell(&[Change::Incident(second.incident), Change::Incident(third.incident)]);
    let page = house.signed_in("lead").await.get("/HEDGE-42").await.body;
    assert!(page.contains("15:24: was “the device only”, now “account a.pupil (A. Pupil, 3B)”"));
    for word in ["t.staff", "O. Hazel", "seen by O."] {
        assert!(!page.contains(word), "{word}\n{page}");
    }
    let mut head = house.signed_in("head").await;
    assert_eq!(head.get("/HEDGE-42").await.status, StatusCode::NOT_FOUND, "it is no longer theirs");
}

#[tokio::test]
async fn a_case_that_was_taken_back_names_nobody() {
    let mut house = House::new();
    let phase = Phase::Withdrawn { at: NOW };
    house.tell(&Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil())).phase(phase).changes());
    let page = house.signed_in("lead").await.get("/HEDGE-42").await.body;
    assert!(page.contains("What we told you no longer holds"));
    assert!(!page.contains("a.pupil") && !page.contains("I have this"));
}

#[tokio::test]
async fn a_false_alarm_says_when_its_names_go() {
    let mut house = House::new();
    let phase =
        Phase::Closed { by: PersonId::new("deputy"), at: NOW, outcome: Outcome::FalseAlarm };
    house.tell(&Story::new("HEDGE 42", 1).severity(Severity::P2).phase(phase).changes());
    let page = house.signed_in("lead").await.get("/HEDGE-42").await.body;
    let words =
        "Closed 15:09 by T. Birch, the deputy: a false alarm. Names go Sunday 20 December 2026.";
    assert!(page.contains(words), "{page}");
    assert!(!page.contains("Hand over"), "what is closed can not be passed on");
}

#[tokio::test]
async fn words_that_hurt_stand_on_no_page() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil())).changes());
    let adult = Story::new("LARCH 55", 2).answer(Answer::Proven(teacher())).seats(whole(&["lead"]));
    house.tell(&adult.changes());
    let mut lead = house.signed_in("lead").await;
    for path in ["/", "/HEDGE-42", "/LARCH-55", "/nothing", "/sign-in"] {
        let page = lead.get(path).await.body.to_lowercase();
        for word in [
            "offender",
            "culprit",
            "suspect ",
            "violation",
            "visited",
            "searched for",
            "tried to access",
            "alert ",
            "your child did",
            "incident",
            "score",
            "rank",
            "top user",
        ] {
            assert!(!page.contains(word), "{word:?} on {path}");
        }
    }
}

#[tokio::test]
async fn whoever_was_told_of_a_child_who_was_cleared_learns_that_and_not_where_it_went() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil())).changes());
    let mut lead = house.signed_in("lead").await;
    let mut seats = whole(&["head"]);
    seats.extend(child_part(&["lead", "deputy"]));
    let mut moved = Story::new("HEDGE 42", 1).answer(Answer::Proven(teacher())).seats(seats);
    moved.incident.revision = 2;
    moved.incident.revised_at = NOW - Span::seconds(10);
    house.tell(&[Change::Incident(moved.incident)]);
    let page = lead.get("/HEDGE-42").await.body;
    assert!(page.contains("What we told you no longer holds"));
    for word in ["a.pupil", "t.staff", "dult", "iPad", "O. Hazel", "I have this", "Hand over"] {
        assert!(!page.contains(word), "{word}\n{page}");
    }
    let today = lead.get("/").await.body;
    assert!(today.contains("Taken back (1)") && !today.contains("Needs someone now"));
    let token = lead.get("/").await.form_token();
    let answer = lead.post("/HEDGE-42/take", &[("form", &token), ("holder", "")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(house.review().decisions(ID).unwrap().is_empty());
}
