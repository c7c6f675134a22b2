//! Every page for every kind of visitor, and the headers of every answer.

mod house;

use axum::http::{Method, StatusCode};
use facts::{Incident, Phase};
use house::House;
use house::browser::Browser;
use house::cases::{Story, earlier, whole};
use store::Change;

const PAGES: [&str; 7] =
    ["/", "/sign-in", "/style.css", "/icon.svg", "/HEDGE-42", "/HEDGE-43", "/no/such/page"];
const BUTTONS: [&str; 4] =
    ["/HEDGE-42/take", "/HEDGE-42/told", "/HEDGE-42/hand-over", "/HEDGE-42/close"];

fn with_a_case() -> House {
    let mut house = House::new();
    house.tell(&Story::new("HEDGE 42", 1).changes());
    house
}

async fn statuses(browser: &mut Browser, method: Method) -> Vec<u16> {
    let mut found = Vec::new();
    for page in PAGES {
        found.push(browser.send(method.clone(), page, &[], None).await.status.as_u16());
    }
    found
}

#[tokio::test]
async fn a_case_is_there_for_a_seated_person_and_for_nobody_else() {
    let house = with_a_case();
    let expected = [
        ("", [303, 200, 200, 200, 303, 303, 404]),
        ("lead", [200, 200, 200, 200, 200, 404, 404]),
        ("deputy", [200, 200, 200, 200, 200, 404, 404]),
        ("head", [200, 200, 200, 200, 404, 404, 404]),
        ("chair", [200, 200, 200, 200, 404, 404, 404]),
        ("tech", [200, 200, 200, 200, 404, 404, 404]),
    ];
    for (person, statuses_expected) in expected {
        let mut browser = match person {
            "" => house.browser(),
            person => house.signed_in(person).await,
        };
        for method in [Method::GET, Method::HEAD] {
            let found = statuses(&mut browser, method.clone()).await;
            assert_eq!(found, statuses_expected, "{method} as {person:?}");
        }
    }
}

#[tokio::test]
async fn the_answer_for_a_case_of_somebody_else_is_that_for_no_case_byte_for_byte() {
    let house = with_a_case();
    let mut head = house.signed_in("head").await;
    let (theirs, missing) = (head.get("/HEDGE-42").await, head.get("/HEDGE-43").await);
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(theirs.body, missing.body);
    assert_eq!(theirs.headers, missing.headers);
    let token = head.get("/").await.form_token();
    let form = [("form", token.as_str()), ("holder", "")];
    for button in BUTTONS {
        let theirs = head.post(button, &form).await;
        let missing = head.post(&button.replace("42", "43"), &form).await;
        assert_eq!(theirs.status, StatusCode::NOT_FOUND, "{button}");
        assert_eq!(theirs.body, missing.body);
    }
    assert!(house.review().views(facts::IncidentId::from_u128(1)).unwrap().is_empty());
    assert!(house.review().decisions(facts::IncidentId::from_u128(1)).unwrap().is_empty());
}

#[tokio::test]
async fn a_case_that_is_about_its_reader_now_is_gone_like_any_other_and_nothing_says_so() {
    let mut house = with_a_case();
    house.tell(&Story::new("FERRY 13", 2).changes());
    let mut lead = house.signed_in("lead").await;
    assert_eq!(lead.get("/HEDGE-42").await.status, StatusCode::OK);
    assert!(lead.get("/").await.body.contains("You have opened 1 matter in"));
    let revised = Story::new("HEDGE 42", 1).seats(whole(&["head", "chair"])).incident;
    house.tell(&[Change::Incident(Incident { revision: 2, ..revised })]);
    // Withdrawn in another's hands, and closed before this reader ever had a seat.
    let withdrawn = Phase::Withdrawn { at: earlier(30) };
    house.tell(&Story::new("OLIVE 16", 3).seats(whole(&["head"])).phase(withdrawn).changes());
    let (mine, never) = (lead.get("/HEDGE-42").await, lead.get("/HEDGE-43").await);
    assert_eq!((mine.status, &mine.body), (StatusCode::NOT_FOUND, &never.body));
    assert_eq!(mine.headers, never.headers);
    for page in ["/OLIVE-16", "/no-such-page", "/HEDGE-42/take-it"] {
        assert_eq!(lead.get(page).await.body, never.body, "{page}");
    }
    assert!(never.body.contains("no open matter of this name on your list"), "{}", never.body);
    assert!(!never.body.contains("for you"), "{}", never.body);
    let today = lead.get("/").await.body;
    assert!(!today.contains("HEDGE 42") && today.contains("FERRY 13"), "{today}");
    assert!(today.contains("You have opened 1 matter in"), "the count stays: {today}");
}

#[tokio::test]
async fn without_a_session_every_button_leads_to_the_sign_in() {
    let house = with_a_case();
    let mut browser = house.browser();
    for button in BUTTONS {
        let answer = browser.post(button, &[("form", "x")]).await;
        assert_eq!(
            (answer.status, answer.place()),
            (StatusCode::SEE_OTHER, "/sign-in?to=HEDGE-42")
        );
        assert_eq!(browser.get(button).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(browser.post("/sign-out", &[]).await.place(), "/sign-in");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_and_no_script_or_style_of_its_own() {
    let house = with_a_case();
    let mut lead = house.signed_in("lead").await;
    let mut answers = Vec::new();
    for page in PAGES {
        answers.push(lead.get(page).await);
        answers.push(house.browser().get(page).await);
    }
    answers.push(lead.post("/HEDGE-42/take", &[]).await);
    answers.push(lead.send(Method::DELETE, "/", &[], None).await);
    answers.push(lead.send(Method::GET, "/", &[("host", "elmrow.example")], None).await);
    answers.push(lead.send(Method::POST, "/HEDGE-42/take", &[], Some(&[])).await);
    house.lose("record.db");
    answers.push(lead.get("/").await);
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    for expected in [200, 303, 403, 404, 421, 503] {
        assert!(statuses.contains(&expected), "{expected} is not among {statuses:?}");
    }
    for answer in &answers {
        let header = |name: &str| {
            answer.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{}: {policy}", answer.status);
        }
        assert!(!policy.contains("unsafe"));
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        for forbidden in ["<script", "<style", " style=", " onclick", "javascript:"] {
            assert!(!answer.body.contains(forbidden), "{forbidden} in {}", answer.body);
        }
    }
}

#[tokio::test]
async fn reading_changes_nothing_but_the_log_of_views() {
    let house = with_a_case();
    let mut lead = house.signed_in("lead").await;
    let id = facts::IncidentId::from_u128(1);
    for page in PAGES.into_iter().chain(BUTTONS) {
        lead.head(page).await;
    }
    assert!(house.review().views(id).unwrap().is_empty(), "HEAD shows nothing");
    for page in PAGES.into_iter().chain(BUTTONS) {
        lead.get(page).await;
    }
    let ahead = [("sec-purpose", "prefetch;prerender")];
    lead.send(Method::GET, "/HEDGE-42", &ahead, None).await;
    assert_eq!(house.review().views(id).unwrap().len(), 1, "one look, one row");
    assert!(house.review().decisions(id).unwrap().is_empty());
}

#[tokio::test]
async fn no_page_speaks_of_paths_or_queries_when_something_is_broken() {
    let house = with_a_case();
    let mut lead = house.signed_in("lead").await;
    house.lose("record.db");
    for page in ["/", "/HEDGE-42"] {
        let answer = lead.get(page).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        for word in [house.folder.path().to_str().unwrap(), "record.db", "SQL", "panic", "src/"] {
            assert!(!answer.body.contains(word), "{word}: {}", answer.body);
        }
        assert!(answer.body.contains("ring the number on your card"));
    }
}
