//! A person without a seat learns of a case neither that it is nor that it is not.

use facts::{Incident, IncidentId, PersonId, View};

use super::samples::*;
use crate::{Change, RecordReader, RecordWriter};

const WHO: [&str; 5] = ["lead", "deputy", "head", "chair", "tech"];

/// Case `number` seats the people whose bits are set, some with the child's part only.
fn seated(number: u32) -> Incident {
    let taken = WHO.iter().enumerate().filter(|(bit, _)| number >> bit & 1 == 1);
    let seats = taken
        .map(|(bit, who)| {
            seat(
                who,
                if bit == 0 && number.is_multiple_of(3) { View::ChildPart } else { View::Whole },
            )
        })
        .collect();
    Incident { seats, ..incident(u128::from(number)) }
}

#[test]
fn nobody_is_ever_given_a_case_without_a_seat() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    for number in 0..32 {
        writer.apply(&[Change::Incident(seated(number))]).unwrap();
    }
    let reader = RecordReader::open(&path).unwrap();
    for (bit, who) in WHO.iter().enumerate() {
        let person = PersonId::new(who);
        let cases = reader.incidents_for(&person).unwrap();
        assert_eq!(cases.len(), 16, "{who}");
        assert!(cases.iter().all(|case| case.id.as_u128() >> bit & 1 == 1), "{who}");
        for number in 0..32_u32 {
            let case = seated(number);
            let expected = case.seats.iter().find(|seat| seat.person == person).map(|s| s.view);
            let found = reader.incident_for(&person, case.id).unwrap();
            assert_eq!(found.map(|(case, view)| (case.id, view)), expected.map(|v| (case.id, v)));
        }
    }
    for stranger in ["", "LEAD", "lead ", "l%", "' OR '1'='1"] {
        let person = PersonId::new(stranger);
        assert!(reader.incidents_for(&person).unwrap().is_empty(), "{stranger}");
        assert_eq!(reader.incident_for(&person, IncidentId::from_u128(31)).unwrap(), None);
        assert_eq!(reader.incident_by_code_for(&person, "HEDGE-42").unwrap(), None);
    }
}

#[test]
fn who_loses_the_seat_in_a_later_revision_loses_the_case() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    let later = Incident { revision: 2, seats: vec![seat("chair", View::Whole)], ..incident(5) };
    writer.apply(&[Change::Incident(incident(5)), Change::Incident(later.clone())]).unwrap();
    // An earlier revision that comes late changes nothing of who may see the case.
    let late = Incident { revision: 3, ..later.clone() };
    let early = Incident { revision: 2, ..incident(6) };
    writer.apply(&[Change::Incident(late), Change::Incident(early)]).unwrap();
    writer
        .apply(&[Change::Incident(Incident {
            seats: vec![seat("chair", View::Whole)],
            ..incident(6)
        })])
        .unwrap();
    let reader = RecordReader::open(&path).unwrap();
    let ids = |who| -> Vec<u128> {
        let cases = reader.incidents_for(&PersonId::new(who)).unwrap();
        cases.iter().map(|case| case.id.as_u128()).collect()
    };
    assert_eq!(ids("lead"), [6]);
    assert_eq!(ids("head"), [6]);
    assert_eq!(ids("chair"), [5]);
}
