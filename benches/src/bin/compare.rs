//! Reads a capture with every reader that is installed, in turn, and prints what each cost and
//! which names it found: `compare CAPTURE [ROUNDS]`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use tempfile::TempDir;
use wait4::Wait4;
use wardline_benches::{Agreement, Kind, Reader, agree, read_truth, truth_of};

const ROUNDS: usize = 3;
const MIB: f64 = 1024.0 * 1024.0;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (capture, rounds) = match &words[..] {
        [capture] => (capture, Some(ROUNDS)),
        [capture, rounds] => (capture, rounds.parse().ok().filter(|rounds| *rounds > 0)),
        _ => (&String::new(), None),
    };
    let Some(rounds) = rounds else {
        eprintln!(
            "Say which capture, and how often if not {ROUNDS} times: compare CAPTURE [ROUNDS]"
        );
        return ExitCode::from(64);
    };
    match compare(Path::new(capture), rounds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{capture}: {error}");
            ExitCode::from(74)
        }
    }
}

/// What one run of a whole process cost.
#[derive(Clone, Copy)]
struct Cost {
    /// Seconds of the processor, the program's own and the system's for it.
    seconds: f64,
    peak: f64,
}

/// A reader that is installed, its folder, and what its runs cost.
struct Runs {
    reader: Reader,
    program: PathBuf,
    folder: TempDir,
    costs: Vec<Cost>,
}

fn compare(capture: &Path, rounds: usize) -> io::Result<()> {
    let capture = fs::canonicalize(capture)?;
    let mut all = Vec::new();
    for reader in Reader::ALL {
        match program(reader) {
            Some(program) => {
                let folder = tempfile::tempdir()?;
                all.push(Runs { reader, program, folder, costs: Vec::new() });
            }
            None => println!("{}: not installed, left out", reader.name()),
        }
    }
    // In turn, so that all meet the same moods of the machine; the first round warms up. What
    // this process holds counts as the least of each, so answers are read when all is over.
    for round in 0..=rounds {
        for runs in &mut all {
            let cost = runs.once(&capture)?;
            if round > 0 {
                runs.costs.push(cost);
            }
        }
    }
    let (packets, octets) = counted(&all)
        .ok_or_else(|| io::Error::other("the empty loop, built beside this, did not count it"))?;
    println!("{packets:.0} packets, {octets:.0} octets, {rounds} rounds in turn, medians\n");
    print_table(&all, packets, octets);
    print_names(&all, &capture)
}

impl Runs {
    fn once(&self, capture: &Path) -> io::Result<Cost> {
        let folder = self.folder.path();
        for file in self.reader.files() {
            // Some would go on where the last run ended.
            let _ = fs::remove_file(folder.join(file));
        }
        if let Some((file, text)) = self.reader.setting() {
            fs::write(folder.join(file), text)?;
        }
        let mut child = Command::new(&self.program)
            .args(self.reader.words(capture))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(File::create(folder.join("told"))?)
            .stderr(File::create(folder.join("faults"))?)
            .spawn()?;
        let used = child.wait4()?;
        if !used.status.success() {
            let faults = fs::read_to_string(folder.join("faults")).unwrap_or_default();
            println!("{}: {}: {}", self.reader.name(), used.status, faults.trim_end());
        }
        let seconds = (used.rusage.utime + used.rusage.stime).as_secs_f64();
        Ok(Cost { seconds, peak: used.rusage.maxrss as f64 })
    }

    fn told(&self) -> String {
        let files = match self.reader.files() {
            [] => &["told"],
            files => files,
        };
        // A reader that found nothing of a kind writes no file for it.
        files
            .iter()
            .filter_map(|file| fs::read(self.folder.path().join(file)).ok())
            .map(|octets| String::from_utf8_lossy(&octets).into_owned())
            .collect()
    }
}

/// Where the program is: beside this one where it is ours, else on the path.
fn program(reader: Reader) -> Option<PathBuf> {
    let is_there = |folder: &Path| {
        let path = folder.join(reader.program());
        path.is_file().then_some(path)
    };
    if reader.is_ours() {
        return is_there(std::env::current_exe().ok()?.parent()?);
    }
    std::env::split_paths(&std::env::var_os("PATH")?).find_map(|folder| is_there(&folder))
}

/// The packets and octets of the capture, as the empty loop counted them.
fn counted(all: &[Runs]) -> Option<(f64, f64)> {
    let text = all.iter().find(|runs| runs.reader == Reader::EmptyLoop)?.told();
    let mut numbers = text.split_whitespace().filter_map(|word| word.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

fn print_table(all: &[Runs], packets: f64, octets: f64) {
    let ours = all.iter().find(|runs| runs.reader == Reader::Wardline);
    println!(
        "{:18}{:>10}{:>12}{:>14}{:>10}{:>12}",
        "reader", "cpu s", "Mpps/cpu s", "Gbit/s/cpu s", "peak MiB", "ours / its"
    );
    for runs in all {
        let seconds = median(runs.costs.iter().map(|cost| cost.seconds));
        let peak = median(runs.costs.iter().map(|cost| cost.peak / MIB));
        let ratio = ours.map(|ours| {
            let pairs = ours.costs.iter().zip(&runs.costs);
            median(pairs.map(|(own, other)| own.seconds / other.seconds))
        });
        println!(
            "{:18}{seconds:>10.3}{:>12.2}{:>14.1}{peak:>10.1}{:>12}",
            runs.reader.name(),
            packets / seconds / 1e6,
            octets * 8.0 / seconds / 1e9,
            ratio.map_or("".to_owned(), |ratio| format!("{ratio:.3}")),
        );
    }
}

fn print_names(all: &[Runs], capture: &Path) -> io::Result<()> {
    let file = truth_of(capture);
    if !file.is_file() {
        println!("\nNo names to compare: {} is not there.", file.display());
        return Ok(());
    }
    let truth = read_truth(&file)?;
    println!("\nfound of those said; told and false\n");
    print!("{:18}", "reader");
    Kind::ALL.iter().for_each(|kind| print!("{:>28}", kind.word()));
    println!();
    for runs in all.iter().filter(|runs| runs.reader.tells_names()) {
        let found: BTreeMap<Kind, Agreement> = agree(&truth, &runs.reader.tellings(&runs.told()));
        print!("{:18}", runs.reader.name());
        for Agreement { said, found, untrue, .. } in found.into_values() {
            let share = 100.0 * found as f64 / (said as f64).max(1.0);
            print!("{:>28}", format!("{found}/{said} {share:.1} % {untrue}"));
        }
        println!();
    }
    Ok(())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
