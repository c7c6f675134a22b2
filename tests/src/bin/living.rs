//! Lets a living school browse before the running daemon: `living`, as root. Real clients (a
//! browser, curl, openssl, Kerberos, RADIUS, DHCP) play every story of `lab/stories.sh`.

use std::process::ExitCode;

use wardline_tests::daemon::Daemon;
use wardline_tests::lab::Lab;
use wardline_tests::live::{Book, School, Wishes, stories_are_told};

/// The stories, by their numbers in `lab/stories.sh`.
const STORIES: std::ops::RangeInclusive<u32> = 1..=13;

fn main() -> ExitCode {
    match live() {
        Ok(letters) => {
            println!("{letters} letters, each to its people and to nobody else");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(69)
        }
    }
}

fn live() -> Result<usize, String> {
    let lab = Lab::up_with_school("living")?;
    let folder = tempfile::tempdir().map_err(|why| why.to_string())?;
    let school = School::lay_out(folder.path(), &lab, &Wishes::usual(&lab));
    let daemon = Daemon::start(&lab, folder.path())?;
    for story in STORIES {
        lab.play(story)?;
    }
    let cases = stories_are_told(&lab, &Book::at(&school.record()));
    let (status, said) = daemon.stop()?;
    if !status.success() {
        return Err(format!("wardline run ended with {status}: {said}"));
    }
    Ok(cases.iter().map(|case| case.letters.len()).sum())
}
