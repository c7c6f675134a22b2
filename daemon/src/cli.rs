//! The command line: what a technician can ask for.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use facts::Profile;

use crate::logging::{self, LogFilter};

/// Where the configuration stands when nothing else is said.
pub const INSTALLED_CONFIG: &str = "/etc/wardline/wardline.toml";

/// Passive safeguarding monitor for schools.
///
/// Listens on a switch's mirror port, reads the names that devices ask for, judges them by
/// safeguarding rules and tells the right person in time. It blocks nothing and never sends
/// a packet to the mirrored network.
#[derive(Debug, Parser)]
#[command(name = "wardline", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What goes to the journal: error, warn, info, debug or trace, also for one part of the
    /// program (wardline::desk=debug), several with commas between.
    #[arg(long, global = true, value_name = "LEVEL", default_value = logging::USUAL_FILTER)]
    pub log: LogFilter,
    /// Write the journal as JSON lines.
    #[arg(long, global = true)]
    pub log_json: bool,
}

/// What `wardline` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Listen on the mirror port, build cases and send letters.
    Run(ConfigArg),
    /// Run the whole product on a recorded school, with letters as files and a dashboard.
    Demo(DemoArgs),
    /// Run captures through the whole path on packet time; sends nothing.
    Replay(ReplayArgs),
    /// Print what is read on the wire, one JSON object a line.
    Observe(ObserveArgs),
    /// Explain who may have used an address, and why.
    Who(WhoArgs),
    /// Ask the rules.
    Rules {
        /// What to ask.
        #[command(subcommand)]
        ask: RulesCommand,
    },
    /// Read the configuration, the rules and the directory and name every fault.
    Check(ConfigArg),
    /// Write the governor's weekly page.
    Report(ReportArgs),
    /// Say whether the daemon watches, what it can not see and what was lost.
    ///
    /// Names no person and no name that was looked up. Ends with 0 where all is
    /// good and with 1 where something needs somebody: those lines begin with an exclamation
    /// mark. Run it as root or as a user of the group wardline.
    Status(StatusArgs),
}

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct ConfigArg {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = INSTALLED_CONFIG)]
    pub config: PathBuf,
}

/// Options of `wardline demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where the throw-away records and the letters go; a new folder where nothing is said.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// The dashboard's loopback port; a free one where nothing is said.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// Print the cases and letters, then end instead of leaving the dashboard open.
    #[arg(long)]
    pub once: bool,
}

/// Options of `wardline replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The configuration file; with the installed one accounts are printed as pseudonyms.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print every change, not only the final states.
    #[arg(long)]
    pub events: bool,
    /// Print only totals.
    #[arg(long, conflicts_with = "events")]
    pub summary: bool,
    /// The captures, merged by time.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Options of `wardline observe`.
#[derive(Debug, Args)]
pub struct ObserveArgs {
    /// Captures; `-` is standard input.
    #[arg(value_name = "FILE", required_unless_present = "interface")]
    pub files: Vec<PathBuf>,
    /// Read only the first of packets that a mirror copied twice, as on an interface.
    #[arg(long, conflicts_with = "interface")]
    pub dedup: bool,
    /// Listen on an interface instead; persons and devices are pseudonyms.
    #[arg(long, value_name = "IF", conflicts_with = "files")]
    pub interface: Option<String>,
    /// The configuration that says which names are protected and on which ports DNS is read.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Options of `wardline who`.
#[derive(Debug, Args)]
pub struct WhoArgs {
    /// The address.
    #[arg(value_name = "ADDRESS")]
    pub address: std::net::IpAddr,
    /// The moment, as RFC 3339; now where nothing is said.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "documented at its type")]
    pub config: ConfigArg,
}

/// What can be asked of the rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Print what rules say of names, one JSON object a line.
    Test(RulesTestArgs),
    /// Say everything that is known of one name: each rule, its source and its licence.
    Explain(RulesExplainArgs),
    /// Read a list that others keep, by a map of its groups, and put it to use.
    Import(RulesImportArgs),
    /// Read every list in use again from where it came.
    Update(RulesUpdateArgs),
    /// Say what an import would change, and change nothing.
    Diff(RulesImportArgs),
}

/// Options of `wardline rules explain`.
#[derive(Debug, Args)]
pub struct RulesExplainArgs {
    /// A configuration with the school's own rules and lists.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The name.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Options of `wardline rules import` and `wardline rules diff`.
#[derive(Debug, Args)]
pub struct RulesImportArgs {
    /// The list's map (TOML): its name, source, licence, place, format, and the category of
    /// each group.
    #[arg(value_name = "MAP")]
    pub map: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs, reason = "documented at its type")]
    pub update: RulesUpdateArgs,
}

/// Options of `wardline rules update`.
#[derive(Debug, Args)]
pub struct RulesUpdateArgs {
    /// The configuration that says where the rules folder is.
    #[arg(long, value_name = "FILE", default_value = INSTALLED_CONFIG)]
    pub config: PathBuf,
    /// The rules folder, where no configuration is to be read.
    #[arg(long, value_name = "FOLDER", conflicts_with = "config")]
    pub rules: Option<PathBuf>,
    /// Take a list also where it has lost more than a fifth of its names, for this reason,
    /// which is written down.
    #[arg(long, value_name = "REASON")]
    pub smaller_because: Option<String>,
}

/// Options of `wardline rules test`.
#[derive(Debug, Args)]
pub struct RulesTestArgs {
    /// Who it is weighed for: ks1, ks2, ks3-4, ks5, staff or guest.
    #[arg(long, default_value = "ks3-4", value_parser = profile)]
    pub profile: Profile,
    /// Which rules to ask; only `keywords` can be said.
    #[arg(long, value_name = "KIND", value_parser = ["keywords"])]
    pub only: Option<String>,
    /// A configuration with the school's own rules.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The names; from standard input where none is given.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
}

/// Options of `wardline report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The week to report, by any day in it (2026-11-20); the last full week where nothing is said.
    #[arg(long, value_name = "DAY", num_args = 0..=1, default_missing_value = "")]
    pub week: Option<String>,
    /// Write HTML instead of text.
    #[arg(long)]
    pub html: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "documented at its type")]
    pub config: ConfigArg,
}

/// Options of `wardline status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Write one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Write metrics in Prometheus' text format, for a collector that reads files.
    #[arg(long, conflicts_with = "json")]
    pub metrics: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "documented at its type")]
    pub config: ConfigArg,
}

/// What is wrong with a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandFault {
    /// What is wrong, in one sentence.
    pub sentence: String,
    /// How the command is written, on one line.
    pub usage: String,
}

/// Reads what the parser of the command line says; none where it is help that was asked for.
#[must_use]
pub fn fault(error: &clap::Error) -> Option<CommandFault> {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if is_help {
        return None;
    }
    let told = error.to_string();
    let joined = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = told.split("\n\n").map(joined);
    let first = parts.next().unwrap_or_default();
    let mut sentence = first.strip_prefix("error: ").unwrap_or(&first).to_owned();
    let mut usage = "Try 'wardline --help'.".to_owned();
    for part in parts {
        if let Some(tip) = part.strip_prefix("tip: ") {
            sentence.push_str("; ");
            sentence.push_str(tip);
        } else if part.starts_with("Usage: ") {
            usage = part;
        }
    }
    Some(CommandFault { sentence, usage })
}

fn profile(text: &str) -> Result<Profile, String> {
    text.parse().map_err(|_| "say ks1, ks2, ks3-4, ks5, staff or guest".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(words: &[&str]) -> CommandFault {
        let line = std::iter::once(&"wardline").chain(words);
        let error = Cli::try_parse_from(line).expect_err("it is wrong");
        fault(&error).expect("it is no help")
    }

    #[test]
    fn a_wrong_command_line_is_one_sentence_and_its_usage() {
        let said = refused(&["observe", "--intrface", "eth1"]);
        assert_eq!(
            said.sentence,
            "unexpected argument '--intrface' found; a similar argument exists: '--interface'"
        );
        assert_eq!(said.usage, "Usage: wardline observe --interface <IF> [FILE]...");
        assert_eq!(
            refused(&["replay"]).sentence,
            "the following required arguments were not provided: <FILE>..."
        );
        for words in [&["frobnicate"][..], &["--log"], &["who", "10.0.0"], &["demo", "--port", "x"]]
        {
            let said = refused(words);
            assert!(!said.sentence.contains('\n') && !said.usage.contains('\n'), "{said:?}");
            assert!(
                said.usage.starts_with("Usage: ") || said.usage.starts_with("Try "),
                "{said:?}"
            );
        }
    }

    #[test]
    fn help_that_is_asked_for_is_no_fault() {
        for words in [&["wardline", "--help"][..], &["wardline", "run", "--help"], &["wardline"]] {
            let error = Cli::try_parse_from(words).expect_err("help");
            assert_eq!(fault(&error), None);
        }
    }

    #[test]
    fn a_level_of_the_journal_that_does_not_exist_is_refused_with_those_that_do() {
        let said = refused(&["--log", "verbose", "check"]).sentence;
        assert!(said.contains("'verbose'") && said.contains("error, warn, info, debug, trace"));
    }
}
