//! What was changed while the rules were in use or between two runs, in the rows of the record.

use std::fs;

use rules::{Calendar, Reading, Signatory, Source};
use store::{RecordReader, RecordWriter};

use super::*;
use crate::config::Ground;
use crate::office::Ledger;

const NOW: Timestamp = Timestamp::from_seconds(1_795_190_400);

fn set(names: &str) -> RuleSet {
    let text = format!(
        "[pack]\nname = \"own\"\nowner = \"the lead\"\nrationale = \"a test\"\n\
         source = \"the school\"\nlicence = \"own\"\nreviewed = 2026-11-20\n\
         reviewed_by = \"the lead\"\n[[service]]\nname = \"Shops\"\ncategory = \"C14\"\n\
         names = [{names}]\n"
    );
    RuleSet::compile(&[Source { file: "own.toml".into(), text }]).unwrap().set
}

fn renewal(names: &'static str, changes: Option<PathBuf>, before: &[Health]) -> Renewal {
    let rules = Arc::new(Live::new(set("\"one.example\", \"two.example\"")));
    let reread: Reread = match names {
        "" => Box::new(|| Err(vec!["a fault".to_owned()])),
        _ => Box::new(move || Ok(set(names))),
    };
    Renewal::new(rules, reread, changes, before, &[7; 32])
}

fn rows(notes: Vec<Note>) -> Vec<Health> {
    let row = |note| match note {
        Note::Health(health) => Some(health),
        _ => None,
    };
    notes.into_iter().filter_map(row).collect()
}

#[test]
fn less_that_is_watched_is_told_beside_the_swap_and_more_is_not() {
    let told = rows(renewal("\"one.example\"", None, &[]).renew(NOW));
    assert_eq!(told.len(), 2);
    assert_eq!(told[1].kind, "lowered");
    assert_eq!(told[1].sentence, "Names of Gambling that are watched no more: 1.");
    let mut more = renewal("\"one.example\", \"two.example\", \"x.example\"", None, &[]);
    let told: Vec<_> = rows(more.renew(NOW)).into_iter().map(|row| row.kind).collect();
    assert_eq!(told, ["rules"]);
}

#[test]
fn rules_with_a_fault_change_nothing_and_lower_nothing() {
    let mut renewal = renewal("", None, &[]);
    let before = renewal.rules.current().generation();
    let told = rows(renewal.renew(NOW));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].sentence, "The new rules have a fault; the rules before stay in use.");
    assert_eq!(renewal.rules.current().generation(), before);
}

#[test]
fn each_change_of_a_list_is_told_once_also_after_a_restart_and_a_shortened_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changes.jsonl");
    let line = |after: u64, lowers: bool| {
        format!(
            "{{\"time\":\"x\",\"list\":\"near\",\"before\":100,\"after\":{after},\
             \"lowers_coverage\":{lowers},\"reason\":\"old names\",\"groups\":[]}}\n"
        )
    };
    fs::write(&file, line(120, false)).unwrap();
    let begin = |before: &[Health]| {
        let mut renewal = renewal("\"one.example\"", Some(file.clone()), before);
        rows(renewal.begin(NOW))
    };
    let first = begin(&[]);
    assert_eq!(first[0].sentence, "The list near has 120 names, 100 before; reason: old names.");
    assert!(begin(&first).is_empty(), "it was told");
    fs::write(&file, format!("{}{}no json\n", line(120, false), line(60, true))).unwrap();
    let second = begin(&first);
    assert_eq!(second.len(), 3);
    assert_eq!(second[2].kind, "lowered", "a list's loss is a loss of watching");
    assert_eq!(second[2].sentence, "Change 2 of lists: some names of near are watched no more.");
    assert!(second[0].sentence.contains("some names are watched no more"));
    assert!(second[1].sentence.starts_with("Line 3 "), "{}", second[1].sentence);
    fs::write(&file, line(120, false)).unwrap();
    let told: Vec<Health> = first.into_iter().chain(second).collect();
    let shortened = begin(&told);
    let kinds: Vec<_> = shortened.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["list", "lowered"], "whoever takes a line away may hide a loss");
    assert!(shortened.iter().all(|row| row.sentence.contains("has 1 lines; 3 were told before")));
    let told: Vec<Health> = told.into_iter().chain(shortened).collect();
    assert!(begin(&told).is_empty(), "it was told");
    fs::remove_file(&file).unwrap();
    assert!(begin(&told)[0].sentence.contains("has 0 lines; 1 were told before"));
}

#[test]
fn what_was_lowered_stands_in_the_audit_chain_of_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("record.db");
    let mut record = RecordWriter::open(&place).unwrap();
    let before = record.audit_verify().unwrap();
    let rows = rows(renewal("\"one.example\"", None, &[]).renew(NOW));
    let changes: Vec<_> = rows.into_iter().map(store::Change::Health).collect();
    Ledger::apply(&mut record, &changes).unwrap();
    assert_eq!(record.audit_verify().unwrap().rows, before.rows + 2);
    drop(record);
    let told = RecordReader::open(&place).unwrap().health(NOW, Timestamp::MAX).unwrap();
    assert_eq!(told[1].kind, "lowered");
}

/// A hole of the first days: rules that were changed while the daemon stood still were
/// compared with nothing.
#[test]
fn what_was_lowered_between_two_runs_is_told_at_the_next_start_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watched.toml");
    let start = |names: &'static str, ground: &str, before: &[Health]| {
        let rules = Arc::new(Live::new(set(names)));
        let ground = Ground::from_kept([("calendar".into(), ground.into())].into());
        let mut renewal = Renewal::new(rules, || Err(vec![]), None, before, &[7; 32])
            .remembering(Remembered::new(file.clone(), ground));
        rows(renewal.begin(NOW))
    };
    let said = |rows: &[Health]| -> Vec<String> {
        rows.iter().filter(|row| row.kind == "lowered").map(|row| row.sentence.clone()).collect()
    };
    let two = "\"one.example\", \"two.example\"";
    let first = start(two, "a", &[]);
    assert_eq!(first.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["kept"]);
    assert!(start(two, "a", &first).is_empty(), "nothing was changed");
    let second = start("\"one.example\"", "a", &first);
    assert_eq!(said(&second), ["Names of Gambling that are watched no more: 1."]);
    assert!(start("\"one.example\"", "a", &second).is_empty(), "it was told");
    let third = start("\"one.example\"", "b", &second);
    let changed = "What decides how a match weighs was changed in the configuration: calendar.";
    assert_eq!(said(&third), [changed]);

    let unknown = "What was watched before this start is not known";
    fs::write(&file, fs::read_to_string(&file).unwrap() + " ").unwrap();
    assert!(said(&start("\"one.example\"", "b", &third))[0].starts_with(unknown));
    fs::remove_file(&file).unwrap();
    assert!(said(&start("\"one.example\"", "b", &third))[0].starts_with(unknown));
}

/// A hole of the first days: the sentence only says how many accounts and names they are.
#[test]
fn a_topic_with_other_names_or_accounts_is_told_anew() {
    const TOPIC: &str = "[[exception]]\ntopic = \"Chance\"\nreason = \"Maths\"\n\
        names = [\"odds.example\"]\naccounts = [\"pupil.one\"]\nfrom = \"2026-11-23 09:00\"\n\
        until = \"2026-11-27 15:15\"\nasked_by = \"head\"\napproved_by = \"deputy\"\n";
    let person = |id: &str| Signatory {
        id: facts::PersonId::new(id),
        may_approve: true,
        not_with: Vec::new(),
    };
    let people = [person("head"), person("deputy")];
    let calendar = Calendar::parse("bank_holidays = [2026-05-04]").unwrap();
    let with = |text: &str| {
        let rules = set("\"one.example\"");
        let reading = Reading { rules: &rules, calendar: &calendar, people: &people };
        let source = Source { file: "exceptions.toml".into(), text: text.into() };
        let exceptions = reading.read(&source).unwrap();
        rules.with_exceptions(exceptions)
    };
    let begin = |text: &str, before: &[Health]| {
        let rules = Arc::new(Live::new(with(text)));
        rows(Renewal::new(rules, || Err(vec![]), None, before, &[7; 32]).begin(NOW))
    };
    let first = begin(TOPIC, &[]);
    assert_eq!((first.len(), first[0].kind.as_str()), (1, "exception"));
    assert!(first[0].sentence.contains("(one name) is open for one account from "), "{first:?}");
    assert!(begin(TOPIC, &first).is_empty(), "it was told");
    for other in [TOPIC.replace("pupil.one", "pupil.two"), TOPIC.replace("odds.", "bets.")] {
        let again = begin(&other, &first);
        assert_eq!(again.len(), 1);
        assert_eq!(again[0].sentence, first[0].sentence, "no account and no name is said");
        assert_ne!(again[0].figure, first[0].figure);
    }
}

#[test]
fn a_list_that_no_import_wrote_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let changes = folder.path().join("changes.jsonl");
    let list = folder.path().join("lists");
    let map = "[list]\nname = \"near\"\nsource = \"a test\"\nlicence = \"own\"\n\
        from = \"names\"\nformat = \"plain\"\n[groups]\nall = \"C14\"\n";
    let map = rules::ListMap::read("map.toml", map).unwrap();
    fs::create_dir(&list).unwrap();
    let put = |names: &str| {
        let from = folder.path().join("names");
        fs::write(&from, names).unwrap();
        let rules = RuleSet::builtin().unwrap().set;
        let import = rules::Import { map: &map, from: &from, rules: &rules };
        import.read().unwrap().write(&list.join("near.list")).unwrap();
        RuleSet::load(Some(folder.path())).unwrap().set
    };
    let digest = |set: &RuleSet| set.list_digests().next().unwrap().1;
    let begin = |set: RuleSet, before: &[Health]| {
        let rules = Arc::new(Live::new(set));
        let file = Some(changes.clone());
        rows(Renewal::new(rules, || Err(vec![]), file, before, &[7; 32]).begin(NOW))
    };
    let one = put("one.example\ntwo.example\n");
    let line = format!(
        "{{\"list\":\"near\",\"before\":0,\"after\":2,\"lowers_coverage\":false,\
         \"reason\":null,\"digest\":\"{}\"}}\n",
        digest(&one)
    );
    fs::write(&changes, line).unwrap();
    let first = begin(one, &[]);
    assert_eq!(first.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["list"]);
    let other = put("three.example\nfour.example\n");
    let said =
        format!("The list near in use ({}) is not what an import wrote last.", digest(&other));
    let second = begin(other, &first);
    assert_eq!((second[0].kind.as_str(), &second[0].sentence), ("lowered", &said));
    let all: Vec<Health> = first.into_iter().chain(second).collect();
    assert!(begin(put("three.example\nfour.example\n"), &all).is_empty(), "it was told");
}

#[test]
fn no_sentence_is_left_out_where_many_are_said() {
    let sentences: Vec<String> = (0..45).map(|number| format!("Sentence {number}.")).collect();
    let rows = rows(lowered_rows(&sentences, NOW).collect());
    assert_eq!(
        rows.iter().map(|row| row.figure).collect::<Vec<_>>(),
        [Some(20), Some(20), Some(5)]
    );
    assert!(rows[2].sentence.ends_with("Sentence 44."));
}
