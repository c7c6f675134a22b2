//! The buttons: each becomes one decision in review.db, once, by a person with a seat.

mod house;

use std::sync::Arc;

use axum::http::StatusCode;
use facts::{Act, Answer, IncidentId, Outcome, PersonId, Phase, Severity, Span};
use house::cases::{Story, child_part, pupil, whole};
use house::{House, NOW};
use store::Change;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const ID: IncidentId = IncidentId::from_u128(1);

fn with_a_case() -> House {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil())).changes());
    house
}

fn acts(house: &House) -> Vec<(String, Act)> {
    let decisions = house.review().decisions(ID).unwrap();
    decisions.into_iter().map(|d| (d.by.as_str().to_owned(), d.act)).collect()
}

#[tokio::test]
async fn i_have_this_is_one_press_and_shows_at_once() {
    let house = with_a_case();
    let mut lead = house.signed_in("lead").await;
    let answer = lead.press("/", "/HEDGE-42/take", &[("holder", "")]).await;
    assert_eq!((answer.status, answer.place()), (StatusCode::SEE_OTHER, "/HEDGE-42"));
    assert_eq!(acts(&house), [("lead".into(), Act::Taken { for_person: None })]);
    assert_eq!(house.review().decisions(ID).unwrap()[0].at, NOW);
    let today = lead.get("/").await.body;
    assert!(today.contains("With me (1)") && !today.contains("Needs someone now"));
    let page = lead.get("/HEDGE-42").await.body;
    assert!(page.contains("with: you since 15:09") && page.contains("15:09 taken by you"));
    let theirs = house.signed_in("deputy").await.get("/HEDGE-42").await.body;
    assert!(theirs.contains("with: R. Ash, the lead since 15:09"));
    assert!(theirs.contains("I take it over"));
    house.review().audit_verify().unwrap();
}

#[tokio::test]
async fn of_two_presses_at_the_same_moment_the_second_is_told() {
    let house = with_a_case();
    let (mut lead, mut deputy) = (house.signed_in("lead").await, house.signed_in("deputy").await);
    let token = deputy.get("/").await.form_token();
    lead.press("/", "/HEDGE-42/take", &[("holder", "")]).await;
    let fields = [("form", token.as_str()), ("holder", "")];
    let answer = deputy.post("/HEDGE-42/take", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("somebody was quicker"));
    assert_eq!(acts(&house).len(), 1);
    let over = [("form", token.as_str()), ("holder", "lead")];
    assert_eq!(deputy.post("/HEDGE-42/take", &over).await.status, StatusCode::SEE_OTHER);
    assert_eq!(acts(&house).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_many_who_press_i_have_this_at_once_one_has_it_and_the_others_are_told_who() {
    let mut house = House::new();
    let people = ["lead", "deputy", "head"];
    let words: Vec<String> = (11..21).map(|number| format!("HEDGE {number}")).collect();
    for (number, code) in (1..).zip(&words) {
        house.tell(&Story::new(code, number).seats(whole(&people)).changes());
    }
    let mut browsers = Vec::new();
    for person in people {
        let mut browser = house.signed_in(person).await;
        let token = browser.get("/").await.form_token();
        browsers.push((browser, token));
    }
    for (number, code) in (1..).zip(&words) {
        let page = format!("/{}", code.replace(' ', "-"));
        let start = Arc::new(Barrier::new(12));
        let mut presses = JoinSet::new();
        for (browser, token) in browsers.iter().cycle().take(12).cloned() {
            let (path, start) = (format!("{page}/take"), Arc::clone(&start));
            let mut browser = browser;
            presses.spawn(async move {
                start.wait().await;
                browser.post(&path, &[("form", token.as_str()), ("holder", "")]).await
            });
        }
        let answers = presses.join_all().await;
        let taken = answers.iter().filter(|answer| answer.status == StatusCode::SEE_OTHER);
        assert_eq!(taken.count(), 1, "{code}");
        let decisions = house.review().decisions(IncidentId::from_u128(number)).unwrap();
        assert_eq!(decisions.len(), 1, "{code}: nobody is overruled");
        let told =
            |body: &str| body.contains("somebody was quicker") && body.contains("since 15:09");
        assert_eq!(answers.iter().filter(|answer| told(&answer.body)).count(), 11, "{code}");
    }
    house.review().audit_verify().unwrap();
}

#[tokio::test]
async fn a_press_that_the_daemon_has_not_read_stands_though_the_case_was_revised_since() {
    let mut house = with_a_case();
    let (mut lead, mut deputy) = (house.signed_in("lead").await, house.signed_in("deputy").await);
    lead.press("/", "/HEDGE-42/take", &[("holder", "")]).await;
    let mut more = Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil()));
    more.incident.revision = 2;
    more.incident.revised_at = NOW + Span::minutes(1);
    house.tell(&[Change::Incident(more.incident)]);
    let answer = deputy.press("/HEDGE-42", "/HEDGE-42/take", &[("holder", "")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(lead.get("/").await.body.contains("With me (1)"));
}

#[tokio::test]
async fn of_two_who_hand_it_over_the_second_is_told_that_it_was_handed_already() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).seats(whole(&["lead", "deputy", "head"])).changes());
    let (mut lead, mut head) = (house.signed_in("lead").await, house.signed_in("head").await);
    let token = head.get("/HEDGE-42").await.form_token();
    let fields = |to: &'static str| [("holder", ""), ("to", to), ("note", "I am at the gate.")];
    lead.press("/HEDGE-42", "/HEDGE-42/hand-over", &fields("deputy")).await;
    let mut late = vec![("form", token.as_str())];
    late.extend(fields("lead"));
    let answer = head.post("/HEDGE-42/hand-over", &late).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(acts(&house).len(), 1);
    let mark = format!("handed {}", NOW.as_micros());
    assert!(answer.body.contains(&format!("name=\"holder\" value=\"{mark}\"")));
    late[1].1 = &mark;
    assert_eq!(head.post("/HEDGE-42/hand-over", &late).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn taken_for_somebody_by_phone_keeps_both_names() {
    let house = with_a_case();
    let mut lead = house.signed_in("lead").await;
    lead.press("/", "/HEDGE-42/told", &[("holder", ""), ("person", "deputy")]).await;
    let taken = Act::Taken { for_person: Some(PersonId::new("deputy")) };
    assert_eq!(acts(&house), [("lead".into(), taken)]);
    let page = lead.get("/HEDGE-42").await.body;
    assert!(page.contains("taken by T. Birch, the deputy, as told by phone to you"), "{page}");
    assert!(page.contains("with: T. Birch, the deputy since 15:09"));
}

#[tokio::test]
async fn a_case_can_be_handed_to_a_person_with_a_seat_only_and_with_a_sentence() {
    let house = with_a_case();
    let mut lead = house.signed_in("lead").await;
    for (to, note) in [("head", "x"), ("lead", "x"), ("", "x"), ("nobody", "x"), ("deputy", " ")] {
        let fields = [("holder", ""), ("to", to), ("note", note)];
        let answer = lead.press("/HEDGE-42", "/HEDGE-42/hand-over", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{to:?} {note:?}");
        assert!(answer.body.contains("role=\"alert\""));
    }
    let told = [("holder", ""), ("person", "head")];
    let answer = lead.press("/HEDGE-42", "/HEDGE-42/told", &told).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(acts(&house).is_empty());
    let fields = [("holder", ""), ("to", "deputy"), ("note", "I am at the gate.")];
    lead.press("/HEDGE-42", "/HEDGE-42/hand-over", &fields).await;
    let note = "I am at the gate.".to_owned();
    let handed = Act::HandedOver { to: PersonId::new("deputy"), note };
    assert_eq!(acts(&house), [("lead".into(), handed)]);
    let page = lead.get("/HEDGE-42").await.body;
    assert!(
        page.contains("with: nobody yet; handed by you to T. Birch, the deputy 15:09"),
        "{page}"
    );
}

#[tokio::test]
async fn closing_asks_for_the_record_where_somebody_had_to_act_and_keeps_what_was_typed() {
    let house = with_a_case();
    let mut lead = house.signed_in("lead").await;
    let missing = [("holder", ""), ("outcome", "pop_up"), ("done", "Talked to the class.")];
    let answer = lead.press("/HEDGE-42", "/HEDGE-42/close", &missing).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("or why there is none"));
    assert!(answer.body.contains(">Talked to the class.</textarea>"));
    assert!(answer.body.contains("value=\"pop_up\" required checked"));
    let no_outcome = [("holder", ""), ("record", "SR-1"), ("outcome", "sanction")];
    let answer = lead.press("/HEDGE-42", "/HEDGE-42/close", &no_outcome).await;
    assert!(answer.body.contains("Please choose what it was."));
    let long = "x".repeat(2_001);
    let too_long = [("holder", ""), ("record", long.as_str()), ("outcome", "test")];
    let answer = lead.press("/HEDGE-42", "/HEDGE-42/close", &too_long).await;
    assert!(answer.body.contains("under 2000 characters"));
    assert!(acts(&house).is_empty());
    let whole = [
        ("holder", ""),
        ("outcome", "pop_up"),
        ("done", "Talked to the class."),
        ("told", "Class teacher"),
        ("record", "SR-1"),
    ];
    lead.press("/HEDGE-42", "/HEDGE-42/close", &whole).await;
    let closed = Act::Closed {
        outcome: Outcome::PopUp,
        done: "Talked to the class.".into(),
        told: "Class teacher".into(),
        record: "SR-1".into(),
    };
    assert_eq!(acts(&house), [("lead".into(), closed)]);
    assert!(!lead.get("/").await.body.contains("HEDGE"));
    let again = lead.press("/HEDGE-42", "/HEDGE-42/close", &whole).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(acts(&house).len(), 1, "closed once");
}

#[tokio::test]
async fn a_case_for_the_list_closes_with_the_outcome_alone() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).severity(Severity::P3).changes());
    let mut lead = house.signed_in("lead").await;
    let fields = [("holder", ""), ("outcome", "curiosity")];
    let answer = lead.press("/HEDGE-42", "/HEDGE-42/close", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(acts(&house).len(), 1);
}

#[tokio::test]
async fn of_two_parts_each_is_taken_and_closed_for_itself() {
    let mut house = House::new();
    let mut seats = whole(&["head", "chair"]);
    seats.extend(child_part(&["lead", "deputy"]));
    let story = Story::new("HEDGE 42", 1).seats(seats);
    house.tell(&story.changes());
    let (mut lead, mut head) = (house.signed_in("lead").await, house.signed_in("head").await);
    let to_the_head = [("holder", ""), ("to", "head"), ("note", "x")];
    let answer = lead.press("/HEDGE-42", "/HEDGE-42/hand-over", &to_the_head).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "the head sees the other part");
    lead.press("/HEDGE-42", "/HEDGE-42/take", &[("holder", "")]).await;
    assert!(lead.get("/").await.body.contains("With me (1)"));
    assert!(head.get("/").await.body.contains("Needs someone now (1)"), "the adult's part is open");
    let fields = [("holder", "lead"), ("outcome", "worry"), ("record", "SR-1")];
    lead.press("/HEDGE-42", "/HEDGE-42/close", &fields).await;
    assert_eq!(acts(&house).len(), 2);
    assert!(!lead.get("/").await.body.contains("HEDGE"));
    assert!(head.get("/").await.body.contains("Needs someone now (1)"));
    assert!(head.get("/HEDGE-42").await.body.contains("with: nobody yet"));
    head.press("/HEDGE-42", "/HEDGE-42/take", &[("holder", "")]).await;
    let mut taken = story.incident.clone();
    taken.revision = 2;
    taken.revised_at = NOW + Span::seconds(2);
    taken.phase = Phase::Taken { by: PersonId::new("head"), at: NOW };
    house.tell(&[Change::Incident(taken)]);
    assert!(head.get("/").await.body.contains("With me (1)"));
    let deputy = house.signed_in("deputy").await.get("/HEDGE-42").await.body;
    assert!(deputy.contains("Closed 15:09 by a colleague"));
    assert!(!deputy.contains("O. Hazel") && !deputy.contains("the Headteacher"), "{deputy}");
}

#[tokio::test]
async fn a_case_that_was_handed_over_waits_until_the_other_takes_it() {
    let house = with_a_case();
    let (mut lead, mut deputy) = (house.signed_in("lead").await, house.signed_in("deputy").await);
    lead.press("/", "/HEDGE-42/take", &[("holder", "")]).await;
    house.clock.advance(Span::minutes(1));
    let fields = [("holder", "lead"), ("to", "deputy"), ("note", "I am at the gate.")];
    lead.press("/HEDGE-42", "/HEDGE-42/hand-over", &fields).await;
    let page = deputy.get("/").await.body;
    assert!(page.contains("Needs someone now (1)"));
    assert!(page.contains("Handed by the lead to you 15:10"), "{page}");
    let fields = [("holder", "")];
    assert_eq!(deputy.press("/", "/HEDGE-42/take", &fields).await.status, StatusCode::SEE_OTHER);
    assert!(deputy.get("/").await.body.contains("With me (1)"));
    assert!(lead.get("/").await.body.contains("The deputy has it since 15:10"));
}

#[tokio::test]
async fn a_case_that_the_daemon_opened_again_is_open_whatever_was_pressed_before() {
    let mut house = with_a_case();
    let mut lead = house.signed_in("lead").await;
    lead.press("/", "/HEDGE-42/take", &[("holder", "")]).await;
    house.clock.advance(Span::minutes(2));
    let mut worse = Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil()));
    worse.incident.revision = 2;
    worse.incident.revised_at = NOW + Span::minutes(1);
    let id = house.review().decisions(ID).unwrap()[0].id;
    let at = NOW + Span::seconds(1);
    house.tell(&[Change::DecisionApplied { id, at }, Change::Incident(worse.incident)]);
    assert!(lead.get("/").await.body.contains("Needs someone now (1)"));
    assert!(lead.get("/HEDGE-42").await.body.contains("with: nobody yet"));
}

#[tokio::test]
async fn what_the_daemon_took_up_since_stands_over_an_older_press() {
    let mut house = with_a_case();
    let mut lead = house.signed_in("lead").await;
    lead.press("/", "/HEDGE-42/take", &[("holder", "")]).await;
    let mut story = Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil()));
    story.incident.revision = 2;
    story.incident.revised_at = NOW + Span::minutes(1);
    let (by, at) = (PersonId::new("deputy"), NOW + Span::minutes(1));
    story.incident.phase = Phase::Taken { by, at };
    house.tell(&[Change::Incident(story.incident)]);
    assert!(lead.get("/").await.body.contains("With someone else (1)"));
}

#[tokio::test]
async fn nothing_is_confirmed_that_was_not_written() {
    let house = with_a_case();
    let mut lead = house.signed_in("lead").await;
    let token = lead.get("/").await.form_token();
    house.lose("review.db");
    let fields = [("form", token.as_str()), ("holder", "")];
    let answer = lead.post("/HEDGE-42/take", &fields).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("ring the number on your card"));
}
