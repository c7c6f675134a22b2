//! Rules renewed while they are in use: what is watched less than before, which topics were
//! opened and what became of lists goes into the record and its chain, for a second person.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use facts::Timestamp;
use rules::{Live, RuleSet};
use serde::Deserialize;
use store::Health;

use crate::office::Note;

/// Swaps of rules are told by this.
const RENEWED: &str = "rules";
/// A swap after which less is watched.
const LOWERED: &str = "lowered";
/// A topic that was opened.
const EXCEPTION: &str = "exception";
/// A change of a list that others keep; the figure is its line in the file of changes.
const LIST: &str = "list";
/// So many sentences of one swap are told; the others are only counted.
const MOST_TOLD: usize = 20;

/// Reads the rules anew, all or nothing.
type Reread = Box<dyn Fn() -> Result<RuleSet, Vec<String>>>;

/// The rules in use, how they are read anew, and how much of their changes was told.
pub struct Renewal {
    rules: Arc<Live>,
    reread: Reread,
    /// Where imports of lists write what they changed.
    changes: Option<PathBuf>,
    lines_told: u64,
    exceptions_told: BTreeSet<String>,
}

impl Renewal {
    /// Takes up where the record says it was left: `told` is what was told before. `reread`
    /// gives a whole set, or every fault.
    #[must_use]
    pub fn new(
        rules: Arc<Live>,
        reread: impl Fn() -> Result<RuleSet, Vec<String>> + 'static,
        changes: Option<PathBuf>,
        told: &[Health],
    ) -> Self {
        let of = |kind: &'static str| told.iter().filter(move |event| event.kind == kind);
        Self {
            rules,
            reread: Box::new(reread),
            changes,
            lines_told: of(LIST).filter_map(|event| event.figure).next_back().unwrap_or(0),
            exceptions_told: of(EXCEPTION).map(|event| event.sentence.clone()).collect(),
        }
    }

    /// What changed while nobody listened: topics that were opened, and lists.
    pub(super) fn begin(&mut self, at: Timestamp) -> Vec<Note> {
        let mut notes = self.exceptions(at);
        notes.extend(self.list_changes(at));
        notes
    }

    /// Reads the rules anew and puts them in use. Whatever can fail, fails before the swap.
    pub(super) fn renew(&mut self, at: Timestamp) -> Vec<Note> {
        let set = match (self.reread)() {
            Ok(set) => set,
            Err(faults) => return vec![refused(&faults, at)],
        };
        let lowered = set.lowered_since(&self.rules.current());
        let generation = self.rules.replace(set);
        tracing::info!("rules renewed, generation {generation}");
        let sentence = "The rules were read anew and are in use.".to_owned();
        let mut notes = vec![Note::Rules(self.rules.snapshot()), told(RENEWED, sentence, None, at)];
        if !lowered.is_empty() {
            let count = u64::try_from(lowered.len()).ok();
            notes.push(told(LOWERED, in_short(lowered), count, at));
        }
        notes.extend(self.exceptions(at));
        notes.extend(self.list_changes(at));
        notes
    }

    fn exceptions(&mut self, at: Timestamp) -> Vec<Note> {
        let rules = self.rules.current();
        let sentences = rules.exceptions().iter().map(rules::Exception::in_words);
        let fresh: Vec<_> =
            sentences.filter(|sentence| self.exceptions_told.insert(sentence.clone())).collect();
        fresh.into_iter().map(|sentence| told(EXCEPTION, sentence, None, at)).collect()
    }

    /// Lines of the file of changes that were not told yet. A file with fewer lines than
    /// were told has been tampered with or lost, which is told too.
    fn list_changes(&mut self, at: Timestamp) -> Vec<Note> {
        let Some(file) = self.changes.as_deref() else { return Vec::new() };
        // A file that is gone has no lines any more, which is told.
        let text = fs::read_to_string(file).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let count = lines.len() as u64;
        if count < self.lines_told {
            let sentence = format!(
                "The file of changes of lists has {count} lines; {} were told before.",
                self.lines_told
            );
            self.lines_told = count;
            return vec![told(LIST, sentence, Some(count), at)];
        }
        let fresh = (1_u64..).zip(lines).filter(|(number, _)| *number > self.lines_told);
        let notes = fresh
            .map(|(number, line)| told(LIST, in_words(number, line), Some(number), at))
            .collect();
        self.lines_told = count;
        notes
    }
}

/// One line of the file of changes.
#[derive(Deserialize)]
struct Line {
    list: String,
    before: u64,
    after: u64,
    lowers_coverage: bool,
    reason: Option<String>,
}

fn in_words(number: u64, line: &str) -> String {
    let Ok(line) = serde_json::from_str::<Line>(line) else {
        return format!("Line {number} of the file of changes of lists can not be read.");
    };
    let Line { list, before, after, lowers_coverage, reason } = line;
    let lowers = if lowers_coverage { "; some names are watched no more" } else { "" };
    let reason = reason.map(|reason| format!("; reason: {reason}")).unwrap_or_default();
    format!("The list {list} has {after} names, {before} before{lowers}{reason}.")
}

fn in_short(mut sentences: Vec<String>) -> String {
    let more = sentences.len().saturating_sub(MOST_TOLD);
    sentences.truncate(MOST_TOLD);
    if more > 0 {
        sentences.push(format!("And {more} changes more."));
    }
    sentences.join(" ")
}

fn refused(faults: &[String], at: Timestamp) -> Note {
    for fault in faults {
        tracing::error!("{fault}");
    }
    let number = match faults.len() {
        1 => "a fault".to_owned(),
        number => format!("{number} faults"),
    };
    let sentence = format!("The new rules have {number}; the rules before stay in use.");
    told(RENEWED, sentence, u64::try_from(faults.len()).ok(), at)
}

fn told(kind: &str, sentence: String, figure: Option<u64>, at: Timestamp) -> Note {
    Note::Health(Health { at, kind: kind.to_owned(), sentence, figure })
}

#[cfg(test)]
mod tests {
    use rules::Source;
    use store::{RecordReader, RecordWriter};

    use super::*;
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
        Renewal::new(rules, reread, changes, before)
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
        assert_eq!(
            first[0].sentence,
            "The list near has 120 names, 100 before; reason: old names."
        );
        assert!(begin(&first).is_empty(), "it was told");
        fs::write(&file, format!("{}{}no json\n", line(120, false), line(60, true))).unwrap();
        let second = begin(&first);
        assert_eq!(second.len(), 2);
        assert!(second[0].sentence.contains("some names are watched no more"));
        assert!(second[1].sentence.starts_with("Line 3 "), "{}", second[1].sentence);
        fs::write(&file, line(120, false)).unwrap();
        let told: Vec<Health> = first.into_iter().chain(second).collect();
        let shortened = begin(&told);
        assert!(shortened[0].sentence.contains("has 1 lines; 3 were told before"));
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
}
