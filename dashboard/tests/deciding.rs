//! The buttons: each becomes one decision in review.db, once, by a person with a seat.

mod house;

use axum::http::StatusCode;
use facts::{Act, Answer, IncidentId, Outcome, PersonId, Phase, Severity, Span};
use house::cases::{Story, child_part, pupil, whole};
use house::{House, NOW};
use store::Change;

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
    assert!(house.signed_in("deputy").await.get("/").await.body.contains("With me (1)"));
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
async fn whoever_sees_one_part_can_not_close_the_other() {
    let mut house = House::new();
    let mut seats = whole(&["head"]);
    seats.extend(child_part(&["lead", "deputy"]));
    house.tell(&Story::new("HEDGE 42", 1).seats(seats).changes());
    let mut lead = house.signed_in("lead").await;
    let page = lead.get("/HEDGE-42").await.body;
    assert!(!page.contains("Close …") && page.contains("I have this"));
    let fields = [("holder", ""), ("outcome", "pop_up"), ("record", "x")];
    let answer = lead.press("/HEDGE-42", "/HEDGE-42/close", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let to_the_head = [("holder", ""), ("to", "head"), ("note", "x")];
    let answer = lead.press("/HEDGE-42", "/HEDGE-42/hand-over", &to_the_head).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(acts(&house).is_empty());
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
