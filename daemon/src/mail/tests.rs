//! Letters word for word, and what the linter refuses.

use std::collections::BTreeSet;

use facts::{
    Answer, Attribution, Candidate, Category, CodeWords, Device, Duty, HostName, Letter, LetterId,
    Mac, PersonId, Reason, Role, SensorId, Sighting, SiteId, Timestamp, UserName,
};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rules::Calendar;

use super::linter::{CaseFacts, Flaw, inspect};
use super::render::{Draft, Form, Letterhead, Notice, Occasion, render, render_plain, usual_reach};
use super::{Addressed, compose};

/// A letter on its way to the lead.
pub fn letter(number: u128) -> Letter {
    Letter {
        id: LetterId::from_u128(number),
        incident: None,
        reason: Reason::First,
        to: PersonId::new("lead"),
        to_role: Duty::Lead,
        mail: "lead@elmrow.example".to_owned(),
        due: Timestamp::EPOCH,
        subject: "Please act now: HEDGE 42".to_owned(),
        body: String::new(),
        message: b"Subject: Please act now: HEDGE 42\r\n\r\n".to_vec(),
    }
}

fn at(text: &str) -> Timestamp {
    let civil: DateTime = text.parse().unwrap();
    let moment = TimeZone::get("Europe/London").unwrap().to_timestamp(civil).unwrap();
    Timestamp::from_micros(moment.as_microsecond())
}

fn calendar() -> Calendar {
    Calendar::parse("[hours]\nhome_time = \"15:15\"\nchildren_until = \"18:00\"\n").unwrap()
}

fn head() -> Letterhead {
    Letterhead {
        school: "Elm Row".into(),
        from: "wardline@elmrow.example".parse().unwrap(),
        base_url: "https://wardline.elmrow.example".into(),
        reach: "It works on the school network and on staff Wi-Fi.".into(),
    }
}

fn code(text: &str) -> CodeWords {
    CodeWords::parse(text).unwrap()
}

fn act_now(occasion: Occasion, number: usize) -> Notice {
    let next_at = Some(at("2026-11-20 15:13"));
    Notice::ActNow { code: code("HEDGE 42"), occasion, number, next_at, in_hand: false }
}

fn look_today(occasion: Occasion, number: usize) -> Notice {
    Notice::LookToday {
        code: code("FERRY 17"),
        occasion,
        number,
        arrived: None,
        remind_at: Some(at("2026-11-20 14:30")),
        next_at: Some(at("2026-11-20 15:00")),
        in_hand: false,
    }
}

fn draft(notice: &Notice, due: &str) -> Draft {
    render(notice, &head(), &calendar(), at(due))
}

/// Every kind of letter, with every reason and with everything that can vary.
fn every_letter() -> Vec<(Notice, &'static str)> {
    let mut all = Vec::new();
    let first = at("2026-11-20 10:08");
    for occasion in
        [Occasion::First, Occasion::More(first), Occasion::NotTaken, Occasion::HandedOver]
    {
        for number in 1..7 {
            for due in ["2026-11-20 15:08", "2026-11-21 03:00", "2026-12-26 23:59"] {
                for next_at in [None, Some(at("2026-11-20 15:13")), Some(at("2026-11-23 07:45"))] {
                    for in_hand in [false, true] {
                        let code = code("CUPBOARD 00");
                        all.push((
                            Notice::ActNow {
                                code: code.clone(),
                                occasion,
                                number,
                                next_at,
                                in_hand,
                            },
                            due,
                        ));
                        for arrived in [None, Some(first)] {
                            let (code, remind_at) = (code.clone(), next_at);
                            let notice = Notice::LookToday {
                                code,
                                occasion,
                                number,
                                arrived,
                                remind_at,
                                next_at,
                                in_hand,
                            };
                            all.push((notice, due));
                        }
                    }
                }
            }
        }
    }
    all.extend([1, 2, 120].map(|count| (Notice::EndOfDay { count }, "2026-11-20 15:35")));
    let code = code("CUPBOARD 00");
    all.push((Notice::Taken { code: code.clone(), since: first }, "2026-11-20 15:11"));
    all.push((Notice::Taken { code: code.clone(), since: first }, "2026-11-23 07:45"));
    all.push((Notice::Changed { code }, "2026-11-20 15:11"));
    all
}

#[test]
fn the_letter_that_needs_somebody_now_is_word_for_word() {
    let draft = draft(&act_now(Occasion::First, 1), "2026-11-20 15:08");
    assert_eq!(draft.subject, "Please act now: HEDGE 42");
    let expected = r#"Someone may need to be seen before they leave. Open HEDGE 42, or ring the number on your card.

Friday 20 November, 15:08. Home time today: 15:15.

1. Open https://wardline.elmrow.example/HEDGE-42
   It works on the school network and on staff Wi-Fi.
2. Press "I have this". That stops the next letter.
3. Can not open it? Ring the number on your card. Say "HEDGE 42, I have it" or "HEDGE 42, pass it on".

If anyone is in danger now, ring 999 first.

If nobody has it by 15:13, the next person on the list for this matter is told.

This is the first letter about HEDGE 42. It holds no names, on purpose. It says that something was seen which a trained person should judge. It does not say that anyone did anything wrong."#;
    assert_eq!(draft.body.trim_end(), expected);
}

#[test]
fn the_letter_for_today_is_word_for_word() {
    let draft = draft(&look_today(Occasion::First, 1), "2026-11-20 10:52");
    assert_eq!(draft.subject, "Please look today: FERRY 17");
    let expected = r#"Please read FERRY 17 before 14:30 today, at a quiet moment.

Friday 20 November, 10:52.

Open https://wardline.elmrow.example/FERRY-17 and press "I have this", or choose someone to pass it to.
If nobody has it by 14:30 we remind you once. At 15:00 the next person is told.

Two minutes are enough to decide whether it can wait. "It can wait until Monday, because ..." is a good answer.

First letter about FERRY 17. It holds no names, on purpose, and blames nobody."#;
    assert_eq!(draft.body.trim_end(), expected);
}

#[test]
fn a_letter_for_today_says_its_time_once_and_its_lateness_only_where_it_is_late() {
    let body = |seen: &str| {
        let mut notice = look_today(Occasion::First, 1);
        if let Notice::LookToday { arrived, .. } = &mut notice {
            *arrived = Some(at(seen));
        }
        draft(&notice, "2026-11-20 15:05").body
    };
    for seen in ["2026-11-20 15:05", "2026-11-20 15:04"] {
        assert!(body(seen).contains("Friday 20 November, 15:05.\n"), "{}", body(seen));
    }
    assert!(body("2026-11-20 15:02").contains("15:05. It arrived late, at 15:02."));
}

#[test]
fn later_letters_of_a_thread_change_only_the_line_that_says_why() {
    let first = draft(&act_now(Occasion::First, 1), "2026-11-20 15:08").body;
    let more = Occasion::More(at("2026-11-20 15:08"));
    let cases = [
        (Occasion::NotTaken, "Second letter: nobody has taken HEDGE 42 yet."),
        (Occasion::HandedOver, "Second letter: HEDGE 42 was handed over and is not taken yet."),
        (more, "Second letter: there is more since 15:08. Nothing you noted is lost."),
    ];
    for (occasion, why) in cases {
        let later = draft(&act_now(occasion, 2), "2026-11-20 15:08").body;
        assert_eq!(later, first.replace("This is the first letter about HEDGE 42.", why));
    }
}

#[test]
fn the_other_letters_begin_word_for_word() {
    let taken = Notice::Taken { code: code("HEDGE 42"), since: at("2026-11-20 15:11") };
    let begins = |notice: &Notice, text: &str| {
        let draft = draft(notice, "2026-11-20 15:11");
        assert!(draft.body.starts_with(text), "{}", draft.body);
        draft.subject
    };
    let words = "HEDGE 42 is in hand since 15:11. You need do nothing.";
    assert_eq!(begins(&taken, words), "Taken: HEDGE 42");
    let words = "What we told you about HEDGE 42 has become less certain. Please read the page \
                 before you do anything more.";
    let changed = Notice::Changed { code: code("HEDGE 42") };
    assert_eq!(begins(&changed, words), "Changed: HEDGE 42");
    let words = "At the end of today: 2 new things for your list. None needs you tonight. They \
                 will also be in Monday's weekly page.";
    let list = Notice::EndOfDay { count: 2 };
    assert_eq!(begins(&list, words), "At the end of today: 2 new things");
}

#[test]
fn every_letter_passes_the_linter_and_stays_within_its_length() {
    let letters = every_letter();
    assert!(letters.len() > 900);
    for (notice, due) in letters {
        for draft in [draft(&notice, due), render_plain(&notice, &head())] {
            let found = inspect(&draft, notice.code(), &head(), &CaseFacts::default());
            let words = draft.body.split_whitespace().count();
            assert_eq!(found, Ok(()), "{words} {notice:?}\n{}", draft.body);
        }
    }
}

#[test]
fn a_letter_that_leaves_on_another_day_says_the_day() {
    let next_at = Some(at("2026-11-23 07:45"));
    let code = code("HEDGE 42");
    let (occasion, number) = (Occasion::First, 1);
    let notice = Notice::ActNow { code, occasion, number, next_at, in_hand: false };
    let body = draft(&notice, "2026-11-21 03:00").body;
    assert!(body.contains("Saturday 21 November, 03:00. No school today."), "{body}");
    assert!(body.contains("If nobody has it by 07:45 on Monday, the next"), "{body}");
}

/// Facts of a case in which everything has a name.
fn facts_of_a_case() -> CaseFacts {
    let candidate = Candidate {
        account: UserName::new("j.tester"),
        role: Some(Role::Pupil),
        duties: Vec::new(),
        year: Some("8".into()),
        group: Some("Kestrels".into()),
        display: Some("Jo Tester".into()),
        one_sided: false,
    };
    let mac = Mac::from_octets([0x52, 0x54, 0, 0x1d, 0, 5]);
    let attribution = Attribution {
        answer: Answer::Proven(candidate),
        device: Some(Device { mac, name: Some("trolley-tablet-07".into()) }),
        grounds: Vec::new(),
    };
    let address = "10.77.0.101".parse().unwrap();
    let sighting =
        Sighting { site: SiteId(1), sensor: SensorId(1), vlan: None, mac: Some(mac), address };
    let name = HostName::from_text("chat.strangers.example").unwrap();
    CaseFacts::of(Category::C05a, &attribution, [&sighting].into_iter(), [&name].into_iter())
}

fn flaws(change: impl Fn(&mut Draft)) -> BTreeSet<Flaw> {
    let mut draft = draft(&act_now(Occasion::First, 1), "2026-11-20 15:08");
    change(&mut draft);
    inspect(&draft, Some(&code("HEDGE 42")), &head(), &facts_of_a_case()).err().unwrap_or_default()
}

#[test]
fn a_letter_about_a_case_full_of_names_passes() {
    assert!(flaws(|_| {}).is_empty());
}

#[test]
fn whatever_could_tell_whom_or_what_it_is_about_is_refused() {
    let words = [
        "j.tester",
        "Tester",
        "J.TESTER",
        "tester,",
        "Kestrels",
        "trolley-tablet-07",
        "10.77.0.101",
        "52:54:00:1d:00:05",
        "52-54-00-1d-00-05",
        "chat.strangers.example",
        "strangers",
        "chat[.]strangers[.]example",
        "C05a",
        "Random video and stranger chat",
        "pupil",
        "pupil's",
        "teacher",
        "staff",
        "Headteacher",
        "governor",
        "child",
        "boy",
        "iPad",
        "Room",
        "suicide",
        "gambling",
        "someone@elmrow.example",
        "2001:db8::1",
        "fe80::1",
        "10.1",
        "A.B.",
        "Türk",
        "名前",
        "O'Tester",
        "99999",
    ];
    for word in words {
        let found = flaws(|draft| draft.body.push_str(&format!("\n{word}\n")));
        assert!(!found.is_empty(), "{word} passed");
        let found = flaws(|draft| draft.subject.push_str(&format!(" {word}")));
        assert!(!found.is_empty(), "{word} passed in the subject");
    }
    let inside = flaws(|draft| draft.body = draft.body.replace("this matter", "this pupil"));
    assert_eq!(inside, BTreeSet::from([Flaw::ForeignWord]));
}

#[test]
fn form_length_and_links_are_held() {
    let only = |flaw, change: fn(&mut Draft)| assert_eq!(flaws(change), BTreeSet::from([flaw]));
    only(Flaw::TooManyWords, |draft| draft.body.push_str(&" now".repeat(30)));
    only(Flaw::ActionNotFirst, |draft| draft.body = draft.body.replacen("HEDGE 42", "it", 1));
    only(Flaw::Links, |draft| {
        draft.body = draft.body.replace("https://wardline.elmrow.example/HEDGE-42", "")
    });
    only(Flaw::ControlCharacter, |draft| draft.body.push_str(" \u{7}"));
    only(Flaw::SubjectForm, |draft| draft.subject = "Please act now: HEDGE 43".into());
    let long =
        flaws(|draft| draft.subject = format!("Please act now: HEDGE 42{}", " now".repeat(8)));
    assert!(long.contains(&Flaw::SubjectLength));
    let second = flaws(|draft| draft.body.push_str("\nhttps://elsewhere.example/x"));
    assert!(second.contains(&Flaw::Links));
}

fn addressed() -> Addressed {
    let letter = Letter {
        id: LetterId::from_u128(0xabc),
        incident: None,
        reason: Reason::First,
        to: PersonId::new("lead"),
        to_role: Duty::Lead,
        mail: "lead@elmrow.example".into(),
        due: at("2026-11-20 15:08"),
        subject: String::new(),
        body: String::new(),
        message: Vec::new(),
    };
    Addressed { letter, thread: Some("0000000000000000000000000000beef".into()) }
}

#[test]
fn a_message_is_the_same_bytes_each_time_and_holds_no_header_too_many() {
    let make = || {
        let notice = act_now(Occasion::First, 1);
        compose(addressed(), &notice, &head(), &calendar(), &facts_of_a_case()).unwrap()
    };
    let composed = make();
    assert_eq!(composed, make());
    assert!(composed.refused_for.is_empty(), "{:?}", composed.refused_for);
    let message = String::from_utf8(composed.letter.message).unwrap();
    let (headers, body) = message.split_once("\r\n\r\n").unwrap();
    let expected = [
        "From: \"Wardline at Elm Row\" <wardline@elmrow.example>",
        "To: lead@elmrow.example",
        "Subject: Please act now: HEDGE 42",
        "Date: Fri, 20 Nov 2026 15:08:00 +0000",
        "Message-ID: <00000000000000000000000000000abc@elmrow.example>",
        "In-Reply-To: <0000000000000000000000000000beef@elmrow.example>",
        "References: <0000000000000000000000000000beef@elmrow.example>",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 7bit",
    ];
    for line in expected {
        assert!(headers.lines().any(|header| header == line), "{line} is not in\n{headers}");
    }
    assert_eq!(headers.lines().count(), expected.len() + 1, "{headers}");
    assert_eq!(body.replace("\r\n", "\n"), composed.letter.body);
}

#[test]
fn a_letter_that_the_linter_refuses_is_sent_in_its_plain_form() {
    let reach = "It works in the staff room of Mrs Tester.".to_owned();
    let head =
        Letterhead { base_url: "https://chat.strangers.example/x y".into(), reach, ..head() };
    let notice = act_now(Occasion::First, 1);
    let composed = compose(addressed(), &notice, &head, &calendar(), &facts_of_a_case()).unwrap();
    assert!(composed.refused_for.contains(&Flaw::Links));
    assert!(composed.letter.body.starts_with("Open HEDGE 42, or ring the number on your card."));
    assert!(!composed.letter.body.contains("Tester"));
}

#[test]
fn a_person_without_a_mail_address_is_an_error_and_no_panic() {
    let mut addressed = addressed();
    addressed.letter.mail = "not an address\r\nBcc: x@y.example".into();
    let notice = act_now(Occasion::First, 1);
    let facts = CaseFacts::default();
    assert!(compose(addressed, &notice, &head(), &calendar(), &facts).is_err());
}

#[test]
fn the_level_that_a_letter_told_is_read_from_its_subject() {
    use facts::Severity::{P1, P2};
    assert_eq!(Form::severity_told("Please act now: HEDGE 42"), Some(P1));
    assert_eq!(Form::severity_told("Please look today: HEDGE 42"), Some(P2));
    for form in [Form::EndOfDay, Form::Taken, Form::Changed] {
        assert_eq!(Form::severity_told(form.opening()), None);
    }
}

#[test]
fn a_letter_promises_no_network_that_nobody_has_named() {
    for (address, says) in [
        ("http://127.0.0.1:8443", "It opens on the Wardline machine alone."),
        ("http://127.0.0.1", "It opens on the Wardline machine alone."),
        ("https://wardline.elmrow.example", "It opens where your school has arranged it."),
    ] {
        assert_eq!(usual_reach(address), says);
        let head = Letterhead { base_url: address.into(), reach: says.into(), ..head() };
        let notice = act_now(Occasion::First, 1);
        let draft = render(&notice, &head, &calendar(), at("2026-11-20 15:08"));
        assert!(draft.body.contains(says) && !draft.body.contains("Wi-Fi"), "{}", draft.body);
        assert_eq!(inspect(&draft, notice.code(), &head, &CaseFacts::default()), Ok(()));
    }
}

#[test]
fn the_longest_sentence_on_where_the_page_opens_leaves_room_for_every_letter() {
    let reach = "It works on staff Wi-Fi, in the office and outside.";
    assert_eq!(reach.split_whitespace().count(), 10);
    let head = Letterhead { reach: reach.into(), ..head() };
    for (notice, due) in every_letter() {
        let draft = render(&notice, &head, &calendar(), at(due));
        assert_eq!(inspect(&draft, notice.code(), &head, &CaseFacts::default()), Ok(()));
    }
}
