//! What was forgotten is gone to the last byte.

use std::fs;
use std::path::Path;

use facts::{
    Answer, Assertion, Category, Claim, Exchange, HostName, MatchId, Role, Source, UserName, Weight,
};

use super::samples::*;
use crate::{Change, RecordWriter};

/// In how many files of a folder a text stands.
pub(super) fn files_with(folder: &Path, text: &str) -> usize {
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| holds(&fs::read(path).unwrap())).count()
}

/// A match for a name and account of their own, attributed and then forgotten or kept.
pub(super) fn planted(number: u128, word: &str) -> [Change; 2] {
    let mut one = matched(number);
    one.name = HostName::from_text(&format!("{word}{number}.planted.example")).unwrap();
    let person = candidate(&format!("{word}.account{number}"), Some(Role::Pupil));
    let attributed = Change::Attributed {
        id: one.id,
        at: at(20),
        attribution: attributed(Answer::Proven(person)),
        weight: Weight::Trend,
    };
    [Change::Match(one), attributed]
}

fn forget(number: u128) -> Change {
    let id = MatchId::from_u128(number);
    Change::Forget { id, at: at(30), counted: Some(Category::C05a) }
}

#[test]
fn a_match_forgotten_after_its_grace_leaves_no_byte_of_name_or_account() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RecordWriter::open(&folder.path().join("record.db")).unwrap();
    // As a day goes: ids without order, forgotten some matches later, every fifth stays.
    let ids: Vec<u128> = (0..600_u128).map(|number| number * 7_919 % 600 + 1).collect();
    for (place, &number) in ids.iter().enumerate() {
        let stays = number.is_multiple_of(5);
        writer.apply(&planted(number, if stays { "kept" } else { "gone" })).unwrap();
        if place >= 20 && !ids[place - 20].is_multiple_of(5) {
            writer.apply(&[forget(ids[place - 20])]).unwrap();
        }
    }
    assert!(writer.checkpoint().unwrap());
    assert_eq!(files_with(folder.path(), "gone"), 1);
    for &number in ids[580..].iter().filter(|number| !number.is_multiple_of(5)) {
        writer.apply(&[forget(number)]).unwrap();
    }
    assert!(writer.checkpoint().unwrap());
    assert_eq!(files_with(folder.path(), "gone"), 0);
    assert_eq!(files_with(folder.path(), "kept.account300"), 1);
    assert_eq!(writer.snapshot(at(0), at(0)).unwrap().waiting.len(), 120);
}

#[test]
fn a_file_written_anew_holds_nothing_forgotten_in_whatever_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RecordWriter::open(&folder.path().join("record.db")).unwrap();
    for number in 1..=600 {
        writer.apply(&planted(number, if number % 2 == 0 { "gone" } else { "kept" })).unwrap();
    }
    for number in 0..600_u128 {
        let scattered = number * 7_919 % 600 + 1;
        if scattered % 2 == 0 {
            writer.apply(&[forget(scattered)]).unwrap();
        }
    }
    assert!(writer.scrub().unwrap());
    assert_eq!(files_with(folder.path(), "gone"), 0);
    assert_eq!(writer.snapshot(at(0), at(0)).unwrap().waiting.len(), 300);
    writer.apply(&planted(2, "back")).unwrap();
    assert_eq!(files_with(folder.path(), "back2.planted"), 1);
}

#[test]
fn a_claim_is_kept_as_a_fact_and_its_text_is_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RecordWriter::open(&folder.path().join("record.db")).unwrap();
    let claim = Claim {
        at: at(0),
        assertion: Assertion::KerberosGranted {
            client: sighting(2),
            cname: UserName::new("planted.account"),
            realm: "ELMROW.EXAMPLE".into(),
        },
        source: Source::Mirror,
        exchange: Exchange::Whole,
    };
    writer.apply(&[Change::Claim(claim)]).unwrap();
    assert!(writer.checkpoint().unwrap());
    assert_eq!(files_with(folder.path(), "planted.account"), 1);
    let later = at(0) + crate::Retention::default().claims;
    let certificate = writer.retain(later, &crate::Retention::default()).unwrap();
    assert_eq!((certificate.claims, certificate.bytes_gone), (1, true));
    assert_eq!(files_with(folder.path(), "planted.account"), 0);
}
