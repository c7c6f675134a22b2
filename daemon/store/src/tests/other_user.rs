//! A second user with read permission only: the daemon up, stopped, killed.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use facts::{Act, Decision, DecisionId, IncidentId, PersonId};

use super::samples::*;
use crate::{Change, Mark, RecordReader, RecordWriter, ReviewReader, ReviewWriter};

const RECORD: &str = "WARDLINE_TEST_RECORD";
const REVIEW: &str = "WARDLINE_TEST_REVIEW";
const WRITES: &str = "WARDLINE_TEST_WRITES";
/// The user and group "nobody" of every Linux.
const NOBODY: &str = "65534";

#[test]
fn a_user_who_may_only_read_reads_in_every_state_and_can_not_write() {
    if let Some(record) = std::env::var_os(RECORD) {
        return tell_what_can_be_read(Path::new(&record));
    }
    let folder = tempfile::tempdir().unwrap();
    let (record, review) = (folder.path().join("record.db"), folder.path().join("review.db"));
    // The group may read, nobody but the owner may write: as the package sets it up.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o750)).unwrap();
    let Some(reader) = OtherUser::new(folder.path()) else {
        eprintln!("not root: the reader with another uid was not tried, the same user was");
        return;
    };
    let mut writer = RecordWriter::open(&record).unwrap();
    writer.apply(&[Change::Incident(incident(1))]).unwrap();
    let mut decisions = ReviewWriter::open(&review).unwrap();
    decisions.decide(&decision()).unwrap();
    assert_eq!(mode(&record), 0o640);
    assert_eq!(mode(&review), 0o640);
    assert_eq!(mode(&crate::open::wal_of(&record)), 0o640);

    let up = reader.reads(&record, &review);
    writer.apply(&[Change::Incident(incident(2))]).unwrap();
    let up_again = reader.reads(&record, &review);
    drop((writer, decisions));
    assert!(!crate::open::wal_of(&record).exists());
    let stopped = reader.reads(&record, &review);
    kill_a_writer(&record);
    assert!(crate::open::wal_of(&record).exists());
    let killed = reader.reads(&record, &review);

    let refused = "write record: refused, write review: refused";
    assert_eq!(up, format!("cases 1, decisions 1, {refused}"));
    assert_eq!(up_again, format!("cases 2, decisions 1, {refused}"));
    assert_eq!(stopped, format!("cases 2, decisions 1, {refused}"));
    assert_eq!(killed, format!("cases 3, decisions 1, {refused}"));
    assert!(RecordWriter::open(&record).unwrap().audit_verify().is_ok());
}

#[test]
fn the_same_user_reads_after_a_writer_was_killed() {
    if let Some(record) = std::env::var_os(WRITES) {
        write_and_die(Path::new(&record));
    }
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record.db");
    kill_a_writer(&record);
    let cases = RecordReader::open(&record).unwrap().incidents_for(&PersonId::new("lead")).unwrap();
    assert_eq!(cases, [incident(3)]);
}

fn decision() -> Decision {
    Decision {
        id: DecisionId::from_u128(1),
        incident: IncidentId::from_u128(1),
        by: PersonId::new("lead"),
        at: at(1),
        act: Act::Seen,
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A user of its own, in the group of the files and with no other right.
struct OtherUser {
    program: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl OtherUser {
    /// None where this user may not become another.
    fn new(data: &Path) -> Option<Self> {
        // A copy, for the folder this program was built in may be closed to others.
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let program = folder.path().join("reader");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        let other = Self { program, _folder: folder };
        let may = other.command("true".as_ref()).status();
        std::os::unix::fs::chown(data, None, Some(65_534)).ok()?;
        // New files take the folder's group, as with the package's set-gid folder.
        fs::set_permissions(data, Permissions::from_mode(0o2750)).unwrap();
        may.is_ok_and(|status| status.success()).then_some(other)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--"]);
        command.arg(program);
        command
    }

    fn reads(&self, record: &Path, review: &Path) -> String {
        let told = self
            .command(&self.program)
            .args(["--exact", "--nocapture"])
            .arg("tests::other_user::a_user_who_may_only_read_reads_in_every_state_and_can_not_write")
            .envs([(RECORD, record), (REVIEW, review)])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&told.stdout).into_owned();
        let line = text.lines().find_map(|line| line.split_once("told: ")).map(|(_, rest)| rest);
        line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&told.stderr))).to_owned()
    }
}

fn tell_what_can_be_read(record: &Path) {
    let review = std::env::var_os(REVIEW).unwrap();
    let reader = RecordReader::open(record).unwrap();
    let cases = reader.incidents_for(&PersonId::new("lead")).unwrap().len();
    let decisions = ReviewReader::open(Path::new(&review)).unwrap();
    let decisions = decisions.decisions_since(Mark::START).unwrap().0.len();
    let tried = |refused: bool| if refused { "refused" } else { "done" };
    println!(
        "told: cases {cases}, decisions {decisions}, write record: {}, write review: {}",
        tried(RecordWriter::open(record).is_err()),
        tried(ReviewWriter::open(Path::new(&review)).is_err()),
    );
}

/// Starts a writer that commits case 3 and dies without closing anything.
fn kill_a_writer(record: &Path) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::other_user::the_same_user_reads_after_a_writer_was_killed"])
        .env(WRITES, record)
        .output()
        .unwrap()
        .status;
    assert!(!status.success());
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(6));
}

fn write_and_die(record: &Path) -> ! {
    let mut writer = RecordWriter::open(record).unwrap();
    writer.apply(&[Change::Incident(incident(3))]).unwrap();
    std::process::abort();
}
