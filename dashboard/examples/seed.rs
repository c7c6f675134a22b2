//! Fills a folder with an invented school's record, so that the pages can be looked at.
//!
//! `cargo run -p wardline-dashboard --example seed -- FOLDER` prints the command that
//! shows it.

#[path = "../tests/house/mod.rs"]
mod house;

use std::io::Write as _;
use std::path::PathBuf;

use facts::{Answer, Category, Phase, Rung, Several, Severity, Span};
use house::cases::{Story, account, child_part, earlier, pupil, teacher, whole};
use store::{Change, Health, RecordWriter};
use wardline_dashboard::{Cost, Credentials, hash_password};

const ROUTER: &str = "The device 02:00:5e:01:02:03 sends with many addresses that are not its own \
    and is taken for a router: who is behind it is less sure. For the technician: if it is one, \
    name it under `routers` in wardline.toml; if not, find out what it does.";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder: PathBuf = std::env::args().nth(1).ok_or("name a folder")?.into();
    std::fs::create_dir_all(&folder)?;
    let mut record = RecordWriter::open(&folder.join("record.db"))?;
    record
        .apply(&[Change::People(house::people()), Change::Coverage(house::coverage(house::NOW))])?;
    for (kind, sentence) in [
        ("started", "Monitoring started."),
        ("coverage", "Nothing in Suicide and self-harm can be found: no list is loaded."),
        ("network", ROUTER),
    ] {
        let (kind, sentence) = (kind.to_owned(), sentence.to_owned());
        let at = house::NOW - Span::hours(7);
        record.apply(&[Change::Health(Health { at, kind, sentence, figure: None })])?;
    }
    for story in stories() {
        record.apply(&story.changes())?;
    }
    let credentials = Credentials::at(folder.join("credentials.toml"));
    for person in house::people() {
        credentials.set(&person.id, &hash_password(house::PASSWORD, Cost::FLOOR)?)?;
    }
    let at = |name: &str| folder.join(name).display().to_string();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "wardline-dashboard run --record {} --review {} --credentials {} \
         --listen 127.0.0.1:8443 --site-name 'Elm Row Primary School' --home-time 15:15",
        at("record.db"),
        at("review.db"),
        at("credentials.toml"),
    )?;
    writeln!(out, "sign in as lead, deputy, head or chair with: {}", house::PASSWORD)?;
    Ok(())
}

fn stories() -> Vec<Story> {
    let both = Several::new(vec![teacher(), account("b.pupil", facts::Role::Pupil, "B. Pupil")]);
    let mut two_parts = whole(&["head"]);
    two_parts.extend(child_part(&["lead", "deputy"]));
    let likely = Answer::Likely { candidate: pupil(), proof_age: Span::minutes(4) };
    let mut stories = vec![
        Story::new("HEDGE 42", 1),
        Story::new("FERRY 17", 2)
            .severity(Severity::P2)
            .category(Category::C08)
            .rung(Rung::Refused)
            .answer(likely),
        Story::new("TULIP 08", 3)
            .severity(Severity::P3)
            .category(Category::C19)
            .answer(Answer::DeviceOnly),
        Story::new("CABIN 63", 4)
            .severity(Severity::P3)
            .category(Category::C15)
            .rung(Rung::LookedUp)
            .answer(Answer::Proven(pupil())),
        Story::new("HEDGE 31", 5)
            .severity(Severity::P2)
            .category(Category::C11b)
            .answer(Answer::Proven(pupil()))
            .phase(Phase::Taken { by: facts::PersonId::new("lead"), at: earlier(100) }),
        Story::new("LARCH 55", 6)
            .severity(Severity::P2)
            .category(Category::C08)
            .answer(Answer::Proven(teacher()))
            .seats(whole(&["head"])),
    ];
    if let Some(both) = both {
        stories.push(
            Story::new("MEADOW 29", 7)
                .severity(Severity::P2)
                .category(Category::C05a)
                .answer(Answer::OneOf(both))
                .seats(two_parts),
        );
    }
    let mut study = Story::new("WILLOW 24", 9)
        .severity(Severity::P3)
        .category(Category::C14)
        .answer(Answer::Likely { candidate: pupil(), proof_age: Span::minutes(12) });
    study.incident.exception_unproven = true;
    stories.push(study);
    if let Some(perhaps) = Several::or_unknown(vec![pupil()]) {
        stories.push(
            Story::new("PERCH 12", 8)
                .severity(Severity::P2)
                .category(Category::C08)
                .answer(Answer::OneOf(perhaps)),
        );
    }
    stories
}
