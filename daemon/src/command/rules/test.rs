//! `wardline rules test`: what the rules say of names.

use std::io::{self, BufRead, Write};

use serde::Serialize;

use crate::cli::RulesTestArgs;
use crate::command::{closed_pipe, load};
use crate::process::Failure;
use crate::terminal::Ascii;

pub(super) fn run(args: &RulesTestArgs) -> Result<(), Failure> {
    let rules = match &args.config {
        Some(config) => load::school_rules(&load::config(config)?)?.set,
        None => load::rules(None)?.set,
    };
    let only_keywords = args.only.is_some();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut say = |name: &str| -> io::Result<()> {
        let asked = rules.ceiling(name, args.profile, only_keywords);
        asked.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Ascii))?;
        out.write_all(b"\n")
    };
    let said = if args.names.is_empty() {
        // A line that is no text is asked about all the same: no rule speaks to it.
        io::stdin().lock().split(b'\n').try_for_each(|line| {
            let line = line?;
            let name = String::from_utf8_lossy(&line);
            if name.trim().is_empty() { Ok(()) } else { say(&name) }
        })
    } else {
        args.names.iter().try_for_each(|name| say(name))
    };
    said.and_then(|()| out.flush()).or_else(closed_pipe)
}
