//! The child's part of a matter: nothing on its pages says who the adult is.

mod house;

use axum::http::StatusCode;
use facts::{
    Act, Answer, Category, Delivery, IncidentId, PersonId, Phase, Role, Several, Span, View,
};
use house::cases::{Story, account, child_part, letter, pupil, teacher, telling, whole};
use house::{House, NOW};
use store::Change;

const ID: IncidentId = IncidentId::from_u128(1);

fn either() -> Answer {
    let both = vec![teacher(), account("b.pupil", Role::Pupil, "B. Pupil")];
    Answer::OneOf(Several::new(both).unwrap())
}

/// A page as it reads, without what differs from session to session.
fn words(page: &str) -> String {
    let lines = page.lines().filter(|line| !line.contains("name=\"form\""));
    lines.collect::<Vec<_>>().join("\n")
}

/// What the deputy reads where these people see the child's part, and one of them has
/// looked at it.
async fn what_the_deputy_reads(part: &[&str]) -> (String, String) {
    let mut house = House::new();
    let mut seats = whole(&["head"]);
    seats.extend(child_part(part));
    house.tell(&Story::new("SEASHELL 62", 1).answer(either()).seats(seats).changes());
    for person in part.iter().filter(|person| **person != "deputy") {
        house.signed_in(person).await.get("/SEASHELL-62").await;
    }
    let mut deputy = house.signed_in("deputy").await;
    let today = deputy.get("/").await.body;
    (words(&today), words(&deputy.get("/SEASHELL-62").await.body))
}

#[tokio::test]
async fn who_is_missing_from_a_part_can_not_be_read_from_it() {
    let with_lead = what_the_deputy_reads(&["lead", "deputy"]).await;
    for others in [&["deputy"][..], &["deputy", "chair"], &["deputy", "lead", "chair"]] {
        assert_eq!(what_the_deputy_reads(others).await, with_lead, "{others:?}");
    }
    let (today, case) = with_lead;
    for name in ["R. Ash", "the lead", "P. Rowan", "the Chair", "O. Hazel"] {
        assert!(!case.contains(name), "{name}\n{case}");
    }
    assert!(!today.contains("Someone else has it"), "{today}");
    let end = "You see the child&#39;s part. Others who need to know have been told.";
    assert!(case.contains(end) || case.contains(&end.replace("&#39;", "'")), "{case}");
    assert!(case.contains("Letter to you, 15:08") && case.contains("Pass it on"), "{case}");
}

#[tokio::test]
async fn a_colleague_who_has_a_part_is_not_named_and_it_is_passed_on_without_a_name() {
    let mut house = House::new();
    let mut seats = whole(&["head"]);
    seats.extend(child_part(&["lead", "deputy"]));
    house.tell(&Story::new("HEDGE 42", 1).answer(either()).seats(seats).changes());
    let mut lead = house.signed_in("lead").await;
    lead.press("/HEDGE-42", "/HEDGE-42/take", &[("holder", "")]).await;
    let mut deputy = house.signed_in("deputy").await;
    assert!(deputy.get("/").await.body.contains("A colleague has it since 15:09"));
    assert!(deputy.get("/HEDGE-42").await.body.contains("with: a colleague since 15:09"));
    let empty = [("holder", "lead"), ("note", " ")];
    let refused = lead.press("/HEDGE-42", "/HEDGE-42/pass-on", &empty).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let note = [("holder", "lead"), ("note", "I am in court.")];
    let passed = lead.press("/HEDGE-42", "/HEDGE-42/pass-on", &note).await;
    assert_eq!(passed.status, StatusCode::SEE_OTHER);
    let acts = house.review().decisions(ID).unwrap();
    assert_eq!(acts.last().unwrap().act, Act::PassedOn { note: "I am in court.".into() });
    let page = deputy.get("/HEDGE-42").await.body;
    assert!(page.contains("handed by a colleague to a colleague 15:09"), "{page}");
    assert!(page.contains("passed on by a colleague: “I am in court.”") && page.contains("I have"));
    let mut head = house.signed_in("head").await;
    let whole = head.press("/HEDGE-42", "/HEDGE-42/pass-on", &[("holder", ""), ("note", "x")]);
    assert_eq!(whole.await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_welfare_part_is_passed_with_one_tap_and_only_once() {
    let mut house = House::new();
    let story = Story::new("LARCH 55", 1).answer(either()).category(Category::C08);
    let mut story = story.seats(whole(&["head"]));
    story.incident.tellings = vec![telling(View::Whole, None)];
    house.tell(&story.changes());
    let mut head = house.signed_in("head").await;
    let button = "Pass the child&#39;s part to the safeguarding lead";
    let has_button =
        |page: &str| page.contains(button) || page.contains(&button.replace("&#39;", "'"));
    assert!(has_button(&head.get("/LARCH-55").await.body));
    let answer = head.press("/LARCH-55", "/LARCH-55/pass-welfare", &[("holder", "")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(house.review().decisions(ID).unwrap()[0].act, Act::WelfarePassed);
    let page = head.get("/LARCH-55").await.body;
    assert!(!has_button(&page) && page.contains("part passed on by you"), "{page}");
    assert!(page.contains("I have this"), "the adult's part is still open");
}

#[tokio::test]
async fn a_matter_that_is_certainly_a_childs_or_an_adults_has_no_part_to_pass() {
    for answer in [Answer::Proven(teacher()), Answer::Proven(pupil())] {
        let mut house = House::new();
        house.tell(&Story::new("LARCH 55", 1).answer(answer).seats(whole(&["head"])).changes());
        let page = house.signed_in("head").await.get("/LARCH-55").await.body;
        assert!(!page.contains("pass-welfare"), "{page}");
    }
}

#[tokio::test]
async fn on_a_saturday_nobody_is_to_be_seen_before_they_go() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).changes());
    let friday = house.signed_in("lead").await.get("/HEDGE-42").await.body;
    assert!(friday.contains("home time 15:15") && friday.contains("before they go"), "{friday}");
    assert!(friday.contains("“On Friday 20 November at 15:08 something unsuitable"), "{friday}");
    house.clock.advance(Span::hours(18));
    let saturday = house.signed_in("lead").await.get("/HEDGE-42").await.body;
    assert!(!saturday.contains("home time") && !saturday.contains("before they go"), "{saturday}");
    assert!(saturday.contains("There is no school today."), "{saturday}");
}

#[tokio::test]
async fn the_chair_does_not_read_the_list_of_another_matter_and_lists_read_as_people_speak() {
    let mut house = House::new();
    let seats = whole(&["head", "chair", "deputy"]);
    house.tell(&Story::new("HEDGE 42", 1).seats(seats).changes());
    let mut chair = house.signed_in("chair").await;
    assert!(!chair.get("/").await.body.contains("On the list"));
    let page = chair.get("/HEDGE-42").await.body;
    let listed = "You, O. Hazel (the Headteacher) and T. Birch (the deputy) can see this.";
    assert!(page.contains(listed), "{page}");
    let lead = house.signed_in("lead").await.get("/").await.body;
    assert!(lead.contains("On the list for children: the lead, the deputy and the Headteacher."));
}

#[tokio::test]
async fn drugs_are_no_matter_for_those_who_look_for_strangers() {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).category(Category::C10a).changes());
    let page = house.signed_in("lead").await.get("/HEDGE-42").await.body;
    assert!(!page.contains("CEOP") && !page.contains("face") && page.contains("ring 999 first"));
}

#[tokio::test]
async fn letters_that_do_not_leave_are_red_and_tell_nobody_of_whom() {
    let mut house = House::new();
    let story = Story::new("HEDGE 42", 1);
    house.tell(&story.changes());
    let stuck = letter(&story.incident, &PersonId::new("lead"), 7);
    let id = stuck.id;
    let red = "the mail server does not take letters";
    let deferred = |minutes| Delivery::Deferred { tries: 1, until: NOW + Span::minutes(minutes) };
    house.tell(&[Change::Letter(stuck), Change::Delivery { id, delivery: deferred(1) }]);
    let mut head = house.signed_in("head").await;
    assert!(!head.get("/").await.body.contains(red), "a server may ask for a minute");
    house.clock.advance(Span::minutes(5));
    let page = head.get("/").await.body;
    assert!(page.contains(red) && page.contains("class=\"dark\""), "{page}");
    assert!(!page.contains("HEDGE") && !page.contains("15:08"), "{page}");
    house.tell(&[Change::Delivery { id, delivery: Delivery::Accepted { at: NOW } }]);
    assert!(!head.get("/").await.body.contains(red));
}

#[tokio::test]
async fn a_list_that_was_refused_whole_is_red_at_once_until_one_is_reached_or_has_the_matter() {
    let mut house = House::new();
    let story = Story::new("HEDGE 42", 1);
    house.tell(&story.changes());
    let ids = story.changes().into_iter().filter_map(|change| match change {
        Change::Letter(letter) => Some(letter.id),
        _ => None,
    });
    let ids: Vec<_> = ids.collect();
    let red = "the mail server does not take letters";
    let said = "No letter about it has reached anybody";
    let again = Delivery::Deferred { tries: 6, until: NOW + Span::minutes(5) };
    let refused = Delivery::Refused { at: NOW };
    let delivery = |id, delivery| Change::Delivery { id, delivery };
    let (mut lead, mut head) = (house.signed_in("lead").await, house.signed_in("head").await);
    house.tell(&[delivery(ids[0], refused)]);
    assert!(!lead.get("/").await.body.contains(red), "the other is being told");
    for round in 0..3 {
        house.tell(&[delivery(ids[0], again), delivery(ids[1], again)]);
        let page = lead.get("/").await.body;
        assert!(page.contains(red) && page.contains(said), "{round}: {page}");
        assert!(!page.contains("Next person told"), "{page}");
        let page = head.get("/").await.body;
        assert!(page.contains(red) && !page.contains(said) && !page.contains("HEDGE"), "{page}");
        // The next try: refused, and in the same breath put off again.
        house.clock.advance(Span::seconds(10));
        house.tell(&[delivery(ids[0], refused), delivery(ids[0], again)]);
    }
    house.tell(&[delivery(ids[0], again), delivery(ids[1], Delivery::Accepted { at: NOW })]);
    assert!(!lead.get("/").await.body.contains(said));
    let story = Story::new("FERRY 17", 2);
    house.tell(&story.changes());
    let mut taken = story.incident.clone();
    taken.revision = 2;
    taken.phase = Phase::Taken { by: PersonId::new("lead"), at: NOW };
    let id = letter(&story.incident, &PersonId::new("lead"), 0).id;
    house.tell(&[delivery(ids[0], Delivery::Accepted { at: NOW }), delivery(id, again)]);
    assert!(head.get("/").await.body.contains(red));
    house.tell(&[Change::Incident(taken)]);
    assert!(!head.get("/").await.body.contains(red), "somebody has it");
}

#[tokio::test]
async fn each_address_on_the_page_is_of_a_match_of_the_case() {
    let mut house = House::new();
    let mut story = Story::new("HEDGE 42", 1).answer(Answer::Proven(pupil()));
    house.tell(&story.changes());
    let mut moved = story.incident.clone();
    moved.sighting.address = [10, 1, 9, 9].into();
    house.tell(&[Change::Incident(facts::Incident { revision: 2, ..moved })]);
    let page = house.signed_in("lead").await.get("/HEDGE-42").await.body;
    assert!(!page.contains("10.1.9.9"), "no match was seen there");
    assert!(page.contains("hardware address 02:00:00:00:00:07 · network address 10.1.4.23"));
    assert!(!page.contains("more device"));
    // A second device joins.
    let second = Story::new("OTHER 11", 2);
    story.incident.matches.push(facts::MatchId::from_u128(2));
    story.incident.revision = 3;
    let mut changes = second.changes();
    changes.truncate(1);
    if let Some(Change::Match(matched)) = changes.first_mut() {
        matched.sighting.address = [10, 1, 4, 99].into();
        matched.sighting.mac = Some(facts::Mac::from_octets([2, 0, 0, 0, 0, 9]));
    }
    changes.push(Change::Incident(story.incident));
    house.tell(&changes);
    let page = house.signed_in("lead").await.get("/HEDGE-42").await.body;
    assert!(page.contains("iPad-07, and one more device"), "{page}");
    for line in [
        "hardware address 02:00:00:00:00:09 · network address 10.1.4.99",
        "hardware address 02:00:00:00:00:07 · network address 10.1.4.23",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}
