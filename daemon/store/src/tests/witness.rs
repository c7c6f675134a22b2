//! The filter's witness: cells add up, and the governor's page holds none of adults.

use facts::{Category, Profile, Rung};

use super::samples::*;
use crate::{Change, RecordReader, RecordWriter, Retention, WitnessCell, Witnessed};

fn seen(seconds: i64, profile: Profile, rung: Rung, devices: u64) -> Change {
    Change::Witnessed(Witnessed {
        at: at(seconds),
        network: Some("BYOD".to_owned()),
        profile,
        category: Category::C14,
        rung,
        devices,
    })
}

fn told(changes: &[Change]) -> Vec<WitnessCell> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    RecordWriter::open(&path).unwrap().apply(changes).unwrap();
    RecordReader::open(&path).unwrap().weekly(at(-86_400), at(10 * 86_400)).unwrap().witness
}

#[test]
fn a_cell_counts_how_often_and_keeps_the_most_devices_of_a_day() {
    let cells = told(&[
        seen(10, Profile::Ks2, Rung::Loaded, 1),
        seen(20, Profile::Ks2, Rung::Loaded, 2),
        // A daemon that started again counts devices from one.
        seen(30, Profile::Ks2, Rung::Loaded, 1),
        seen(40, Profile::Ks2, Rung::Refused, 1),
        seen(86_400 * 2, Profile::Ks2, Rung::Loaded, 1),
    ]);
    let figures: Vec<_> = cells.iter().map(|cell| (cell.rung, cell.count, cell.devices)).collect();
    assert_eq!(figures, [(Rung::Loaded, 3, 2), (Rung::Refused, 1, 1), (Rung::Loaded, 1, 1)]);
    assert_eq!(cells[0].network.as_deref(), Some("BYOD"));
}

#[test]
fn the_page_is_the_same_whatever_adults_did() {
    let children = [seen(10, Profile::Ks2, Rung::Loaded, 1)];
    let mut everybody = children.to_vec();
    everybody.push(seen(11, Profile::Staff, Rung::Loaded, 9));
    everybody.push(seen(12, Profile::Guest, Rung::Loaded, 9));
    assert_eq!(told(&children), told(&everybody));
}

#[test]
fn cells_go_when_counts_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    writer.apply(&[seen(10, Profile::Ks2, Rung::Loaded, 1)]).unwrap();
    let retention = Retention::default();
    assert_eq!(writer.retain(at(10) + retention.tallies, &retention).unwrap().tallies, 1);
}
