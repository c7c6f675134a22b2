//! Kills the running daemon again and again, and proves that no committed match is lost.
//!
//! A round starts the daemon, waits until it says it is ready, puts the traffic of two
//! pupils who reach P1 names on the mirror port and kills it with SIGKILL after a random
//! while, between two packets or after the last. What record.db then holds is read from a
//! copy of the file and its `-wal`, as a kill leaves them. After the last round the daemon
//! runs until nothing waits; then every match that was ever committed must belong to a case,
//! and every case must have a letter that lies in a mailbox of a real mail server.

mod ledger;
mod school;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

pub use ledger::Ledger;

use crate::Chance;
use crate::daemon::Daemon;
use crate::lab::{Lab, message_id};
use ledger::{Case, read};
use school::School;

/// How many times the daemon is killed, where, and the seed of the moments.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The lab's name: another run under the same name would end this one.
    pub lab: &'static str,
    /// Kills.
    pub kills: u32,
    /// The seed: the same one gives the same moments.
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Kills.
    pub kills: u32,
    /// Kills at which at least one committed match was waiting for its grace to end.
    pub inside_grace: u32,
    /// Matches that were ever committed.
    pub committed: usize,
    /// Of these, the ones that came to no case because the kill hid how far their
    /// connection got; each is counted, none is a loss of what was committed.
    pub below_a_case: u64,
    /// Cases at the end.
    pub cases: usize,
    /// Of these, the ones below the first level, because a kill hid that the page loaded.
    pub later: usize,
    /// Different letters in mailboxes.
    pub letters: usize,
    /// Letters that arrived once more than they were written.
    pub duplicates: usize,
    /// One sentence for each match, case or letter that was lost.
    pub lost: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kills, {} inside the grace: {} matches committed, {} of them below a case, \
             {} cases, {} of them not urgent, {} letters, {} duplicates, {} lost",
            self.kills,
            self.inside_grace,
            self.committed,
            self.below_a_case,
            self.cases,
            self.later,
            self.letters,
            self.duplicates,
            self.lost.len(),
        )
    }
}

/// The longest the daemon is left alive after its traffic, in thousandths of the grace.
const LONGEST_LIFE: usize = 2_000;

/// Slow enough that some kills fall between two packets of a visit.
const PACKETS_PER_SECOND: u32 = 100;

/// How often the daemon is looked at while it settles, before that counts as never.
const LAST_LOOKS: u32 = 60;

/// Carries the plan out.
///
/// # Errors
/// Says why the lab or the daemon did not come up, or the daemon never settled.
pub fn carry_out(plan: Plan) -> Result<Report, String> {
    let lab = Lab::up(plan.lab)?;
    let folder = tempfile::tempdir().map_err(|why| why.to_string())?;
    let school = School::lay_out(folder.path(), &lab)?;
    let mut chance = Chance::new(plan.seed);
    let mut ever = Ledger::default();
    let mut inside_grace = 0;
    for round in 0..plan.kills {
        let capture = school.morning(round)?;
        let daemon = Daemon::start(&lab, folder.path())?;
        let replay = lab.replay(&capture, PACKETS_PER_SECOND)?;
        let life = chance.below(LONGEST_LIFE) as u64 * school::GRACE_MILLIS / 1_000;
        std::thread::sleep(Duration::from_millis(life));
        daemon.kill()?;
        replay.wait()?;
        let now = read(&school.record(), folder.path())?;
        inside_grace += u32::from(now.waiting > 0);
        ever.absorb(now);
    }
    let last = settle(&lab, &school, folder.path())?;
    ever.absorb(last.clone());
    let mut report = judge(&ever, &last, &lab.letters()?);
    report.kills = plan.kills;
    report.inside_grace = inside_grace;
    Ok(report)
}

/// Lets the daemon run until no match waits and no letter that is due is unsent.
fn settle(lab: &Lab, school: &School, folder: &Path) -> Result<Ledger, String> {
    for _ in 0..LAST_LOOKS {
        let daemon = Daemon::start(lab, folder)?;
        std::thread::sleep(Duration::from_millis(2 * school::GRACE_MILLIS));
        daemon.kill()?;
        let now = read(&school.record(), folder)?;
        if now.waiting == 0 && now.cases.values().all(Case::is_told) {
            return Ok(now);
        }
    }
    let now = read(&school.record(), folder)?;
    let untold: Vec<String> =
        now.cases.iter().filter(|(_, case)| !case.is_told()).map(Case::line).collect();
    Err(format!(
        "after {LAST_LOOKS} starts without a kill {} matches still wait, and {} cases have no \
         letter that was taken:\n{}",
        now.waiting,
        untold.len(),
        untold.join("\n"),
    ))
}

/// Compares what was ever committed with what there is in the end.
fn judge(ever: &Ledger, last: &Ledger, arrived: &[(String, String)]) -> Report {
    let mut lost = Vec::new();
    let mut copies = BTreeMap::<(&str, &str), Vec<&str>>::new();
    for (mailbox, letter) in arrived {
        let same = copies.entry((mailbox, message_id(letter))).or_default();
        same.push(as_written(letter));
        if same.first() != same.last() {
            lost.push(format!("letter {} came a second time with other words", message_id(letter)));
        }
    }
    let mut below_a_case = 0_u64;
    for (id, seen) in &ever.matches {
        let case = last.cases.values().find(|case| case.matches.contains(id));
        match case {
            Some(_) => {}
            None if !seen.has_loaded => below_a_case += 1,
            None => lost.push(format!("match {id} loaded and has no case")),
        }
    }
    if below_a_case > last.forgotten {
        let counted = last.forgotten;
        lost.push(format!("{below_a_case} matches have no case, {counted} of them are counted"));
    }
    for (id, case) in &last.cases {
        let arrived = |message: &&String| copies.keys().any(|(_, id)| id == message);
        if !case.accepted.iter().any(|message| arrived(&message)) {
            lost.push(format!("case {id} has no letter in a mailbox"));
        }
        for message in case.accepted.iter().filter(|message| !arrived(message)) {
            lost.push(format!("letter {message} is marked sent and lies in no mailbox"));
        }
    }
    for id in ever.cases.keys().filter(|id| !last.cases.contains_key(id)) {
        lost.push(format!("case {id} is gone"));
    }
    Report {
        kills: 0,
        inside_grace: 0,
        committed: ever.matches.len(),
        below_a_case,
        cases: last.cases.len(),
        later: last.cases.values().filter(|case| !case.is_urgent).count(),
        letters: copies.len(),
        duplicates: copies.values().map(|same| same.len() - 1).sum(),
        lost,
    }
}

/// A letter as it was handed over: without the lines that servers put before it.
fn as_written(letter: &str) -> &str {
    letter.find("\nFrom:").and_then(|at| letter.get(at..)).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use facts::{IncidentId, MatchId};

    use super::*;
    use ledger::Seen;

    fn ledger(has_loaded: bool) -> Ledger {
        let id = MatchId::from_u128(1);
        let case = Case {
            is_urgent: true,
            letters: 1,
            matches: vec![id],
            accepted: vec!["<1@elmrow.example>".into()],
        };
        Ledger {
            waiting: 0,
            forgotten: 0,
            matches: BTreeMap::from([(id, Seen { has_loaded })]),
            cases: BTreeMap::from([(IncidentId::from_u128(7), case)]),
        }
    }

    fn arrived(times: usize) -> Vec<(String, String)> {
        let letter = "Received: y\nFrom: w\nMessage-ID: <1@elmrow.example>\n\nMessage-ID: <2@elmrow.example>";
        vec![("d.lead".to_owned(), letter.to_owned()); times]
    }

    #[test]
    fn what_is_there_in_the_end_is_not_lost() {
        let report = judge(&ledger(true), &ledger(true), &arrived(1));
        assert_eq!(report.lost, [""; 0]);
        assert_eq!((report.committed, report.cases, report.letters), (1, 1, 1));
    }

    #[test]
    fn a_letter_that_arrived_twice_is_counted() {
        let report = judge(&ledger(true), &ledger(true), &arrived(3));
        assert_eq!((report.letters, report.duplicates, report.lost.len()), (1, 2, 0));
    }

    #[test]
    fn a_repeat_in_other_words_is_a_fault_and_one_by_another_way_is_none() {
        let mut twice = arrived(2);
        twice[1].1 = twice[1].1.replace("Received: y", "Received: z");
        assert_eq!(judge(&ledger(true), &ledger(true), &twice).lost, [""; 0]);
        twice[1].1.push_str("more");
        assert_eq!(judge(&ledger(true), &ledger(true), &twice).lost.len(), 1);
    }

    #[test]
    fn each_kind_of_loss_is_found() {
        let gone = Ledger { cases: BTreeMap::new(), ..ledger(true) };
        let report = judge(&ledger(true), &gone, &arrived(1));
        assert_eq!(report.lost.len(), 2, "the match and its case: {:?}", report.lost);
        assert_eq!(judge(&ledger(true), &ledger(true), &[]).lost.len(), 2);
    }

    #[test]
    fn a_match_that_only_tried_may_come_to_no_case_if_it_is_counted() {
        let ever = Ledger { cases: BTreeMap::new(), ..ledger(false) };
        let counted = Ledger { forgotten: 1, ..Ledger::default() };
        assert_eq!(judge(&ever, &counted, &[]).lost, [""; 0]);
        assert_eq!(judge(&ever, &counted, &[]).below_a_case, 1);
        assert_eq!(judge(&ever, &Ledger::default(), &[]).lost.len(), 1);
    }
}
