//! The manual pages are the command line itself: rendered from it, and held equal to it.

use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_mangen::Man;
use wardline::cli::Cli;

/// Set to write the pages anew after the command line has changed.
const WRITE: &str = "WARDLINE_WRITE_MAN";

#[test]
fn every_command_has_a_manual_page_that_says_what_its_help_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/man");
    let mut stale = Vec::new();
    for (file, page) in pages(&folder) {
        if std::env::var_os(WRITE).is_some() {
            fs::write(&file, &page).expect("the page can be written");
        }
        if fs::read(&file).ok().as_deref() != Some(&page[..]) {
            stale.push(file);
        }
    }
    assert!(
        stale.is_empty(),
        "renew with {WRITE}=1 cargo test -p wardline --test man_pages: {stale:?}"
    );
}

/// Each page with the file it belongs into: `wardline.1`, `wardline-run.1`, …
fn pages(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let program = Cli::command().disable_help_subcommand(true);
    let commands: Vec<_> = program.get_subcommands().cloned().collect();
    let one = |name: String, command: clap::Command| {
        let mut page = Vec::new();
        let fixed: &'static str = name.clone().leak();
        let named = command.name(fixed).version(env!("CARGO_PKG_VERSION"));
        Man::new(named).render(&mut page).expect("a page is rendered");
        (folder.join(format!("{name}.1")), page)
    };
    let mut pages = vec![one("wardline".to_owned(), program.clone())];
    pages.extend(commands.into_iter().map(|c| one(format!("wardline-{}", c.get_name()), c)));
    pages
}
