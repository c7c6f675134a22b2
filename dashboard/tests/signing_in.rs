//! Signing in: cookies, sessions, the slow-down, and whose session ends when.

mod house;

use axum::http::{Method, StatusCode, header};
use facts::{PersonId, Span};
use house::browser::HOST;
use house::{House, PASSWORD};
use store::Change;
use wardline_dashboard::{ABSOLUTE, Credentials, IDLE};

const SESSION: &str = "wardline_session";

#[tokio::test]
async fn a_sign_in_gives_a_new_opaque_cookie_and_leads_to_the_case_of_the_letter() {
    let house = House::new();
    let mut browser = house.browser();
    let sent = browser.get("/HEDGE-42").await;
    assert_eq!(sent.place(), "/sign-in?to=HEDGE-42");
    let form = browser.get(sent.place()).await;
    assert!(form.body.contains("Sign in to open HEDGE 42"));
    let token = form.form_token();
    let fields =
        [("form", token.as_str()), ("person", "Lead "), ("password", PASSWORD), ("to", "HEDGE-42")];
    let answer = browser.post("/sign-in", &fields).await;
    assert_eq!((answer.status, answer.place()), (StatusCode::SEE_OTHER, "/HEDGE-42"));
    let lines: Vec<&str> = answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|line| line.to_str().unwrap())
        .collect();
    let line = lines.iter().find(|line| line.starts_with(SESSION)).unwrap();
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Strict"] {
        assert!(line.contains(part), "{line}");
    }
    let first = browser.cookies[SESSION].clone();
    assert_eq!(first.len(), 64, "256 bits");
    let old = browser.clone();
    browser.sign_in("lead", PASSWORD).await;
    assert_ne!(browser.cookies[SESSION], first, "new at each sign-in");
    let stale = {
        let mut old = old;
        old.get("/").await
    };
    assert_eq!(stale.place(), "/sign-in", "the old one has ended");
}

#[tokio::test]
async fn an_address_after_the_sign_in_can_only_be_that_of_a_case() {
    let house = House::new();
    for to in ["https://other.example/", "//other.example", "/sign-out", "HEDGE-42/../x", "\"><b>"]
    {
        let mut browser = house.browser();
        let token = browser.get("/sign-in?to=%22%3E%3Cb%3E").await.form_token();
        let fields =
            [("form", token.as_str()), ("person", "lead"), ("password", PASSWORD), ("to", to)];
        assert_eq!(browser.post("/sign-in", &fields).await.place(), "/", "{to}");
    }
}

#[tokio::test]
async fn a_wrong_word_and_a_wrong_password_get_the_same_answer() {
    let house = House::new();
    let answer = async |person: &str, password: &str| {
        let mut browser = house.browser();
        let answer = browser.sign_in(person, password).await;
        assert!(!browser.cookies.contains_key(SESSION));
        let said = answer.body.split("role=\"alert\">").nth(1).unwrap().split('<').next().unwrap();
        (answer.status, said.to_owned())
    };
    let wrong = answer("lead", "brown heron over water").await;
    assert_eq!(wrong.0, StatusCode::FORBIDDEN);
    assert_eq!(wrong, answer("nobody", PASSWORD).await);
    assert_eq!(wrong, answer("", "").await);
    assert_eq!(wrong, answer("lead", &"x".repeat(2_000)).await);
}

#[tokio::test]
async fn guessing_gets_slow_for_one_account_and_not_for_the_others() {
    let house = House::new();
    let mut browser = house.browser();
    for _ in 0..5 {
        assert_eq!(
            browser.sign_in("lead", "wrong wrong wrong").await.status,
            StatusCode::FORBIDDEN
        );
    }
    let slow = browser.sign_in("lead", PASSWORD).await;
    assert_eq!(slow.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(slow.headers.contains_key(header::RETRY_AFTER));
    house.signed_in("deputy").await;
    house.clock.advance(Span::seconds(11));
    house.signed_in("lead").await;
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_when_signed_out() {
    let house = House::new();
    let mut lead = house.signed_in("lead").await;
    house.clock.advance(IDLE);
    assert_eq!(lead.get("/").await.status, StatusCode::OK);
    house.clock.advance(IDLE + Span::micros(1));
    assert_eq!(lead.get("/").await.place(), "/sign-in", "idle");
    let mut lead = house.signed_in("lead").await;
    let mut passed = Span::ZERO;
    while passed + Span::minutes(14) < ABSOLUTE {
        house.clock.advance(Span::minutes(14));
        passed = passed + Span::minutes(14);
        assert_eq!(lead.get("/").await.status, StatusCode::OK);
    }
    house.clock.advance(Span::minutes(14));
    assert_eq!(lead.get("/").await.place(), "/sign-in", "eight hours");
    let mut lead = house.signed_in("lead").await;
    let kept = lead.cookies.clone();
    let out = lead.press("/", "/sign-out", &[]).await;
    assert_eq!(out.place(), "/sign-in");
    assert!(!lead.cookies.contains_key(SESSION));
    lead.cookies = kept;
    assert_eq!(lead.get("/").await.place(), "/sign-in", "the old cookie is worth nothing");
}

#[tokio::test]
async fn a_person_who_left_the_list_or_has_a_new_password_is_out_at_once() {
    let mut house = House::new();
    let mut lead = house.signed_in("lead").await;
    let mut deputy = house.signed_in("deputy").await;
    let rest: Vec<_> =
        house::people().into_iter().filter(|p| p.id != PersonId::new("lead")).collect();
    house.tell(&[Change::People(rest)]);
    assert_eq!(lead.get("/").await.place(), "/sign-in");
    assert_eq!(deputy.get("/").await.status, StatusCode::OK);
    let credentials = Credentials::at(house.path("credentials.toml"));
    credentials.set(&PersonId::new("deputy"), "$argon2id$other").unwrap();
    assert_eq!(deputy.get("/").await.place(), "/sign-in");
}

#[tokio::test]
async fn a_sign_in_form_works_only_in_the_browser_it_was_shown_in() {
    let house = House::new();
    let token = house.browser().get("/sign-in").await.form_token();
    let fields = [("form", token.as_str()), ("person", "lead"), ("password", PASSWORD)];
    let mut victim = house.browser();
    assert_eq!(victim.post("/sign-in", &fields).await.status, StatusCode::FORBIDDEN);
    victim.get("/sign-in").await;
    assert_eq!(victim.post("/sign-in", &fields).await.status, StatusCode::FORBIDDEN);
    assert!(!victim.cookies.contains_key(SESSION));
}

#[tokio::test]
async fn a_foreign_page_can_press_no_button() {
    let mut house = House::new();
    house.tell(&house::cases::Story::new("HEDGE 42", 1).changes());
    let mut lead = house.signed_in("lead").await;
    let token = lead.get("/").await.form_token();
    let other = house.signed_in("deputy").await.get("/").await.form_token();
    let own = format!("http://{HOST}");
    let good = [("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[], &token),
        (&[("origin", "null")], &token),
        (&[("origin", "https://other.example")], &token),
        (&[("origin", own.as_str()), ("sec-fetch-site", "cross-site")], &token),
        (&[("sec-fetch-site", "none")], &token),
        (&good, ""),
        (&good, &other),
    ];
    for path in
        ["/HEDGE-42/take", "/HEDGE-42/told", "/HEDGE-42/hand-over", "/HEDGE-42/close", "/sign-out"]
    {
        for (headers, form) in &cases {
            let fields = [("form", *form), ("holder", ""), ("outcome", "test"), ("record", "x")];
            let answer = lead.send(Method::POST, path, headers, Some(&fields)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?} {form}");
        }
    }
    let id = facts::IncidentId::from_u128(1);
    assert!(house.review().decisions(id).unwrap().is_empty());
    assert_eq!(lead.get("/").await.status, StatusCode::OK, "still signed in");
}
