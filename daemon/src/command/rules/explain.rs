//! `wardline rules explain`: why a name is judged as it is, in plain lines.

use facts::Confidence;

use crate::cli::RulesExplainArgs;
use crate::command::{load, say};
use crate::process::{Exit, Failure};

pub(super) fn run(args: &RulesExplainArgs) -> Result<(), Failure> {
    let rules = match &args.config {
        Some(config) => load::school_rules(&load::config(config)?)?.set,
        None => load::rules(None)?.set,
    };
    let Some(known) = rules.explain(&args.name) else {
        let shown = args.name.escape_debug();
        return Err(Failure::new(Exit::Data, format!("“{shown}” is no name a device can ask for")));
    };
    say(known.name.as_str())?;
    if let Some(group) = known.protection {
        say(format_args!(
            "  Protected ({}): never watched, stored or counted, whatever stands below.",
            group.code()
        ))?;
    }
    if known.is_ordinary {
        say("  Settled as ordinary: lists and words say nothing here.")?;
    }
    if known.speaking.is_empty() {
        say("  No rule speaks to it.")?;
    }
    for rule in &known.speaking {
        let how = match rule.confidence {
            Confidence::Curated => "checked by a person",
            Confidence::Listed => "on a list",
            Confidence::Keyword => "words in the name",
        };
        say(format_args!(
            "  {} {}: {}, {how} ({}).",
            rule.category.code(),
            rule.category.title(),
            rule.title.escape_debug(),
            rule.rule.as_str()
        ))?;
        if let Some(condition) = &rule.condition {
            say(format_args!("      Only {}.", condition.escape_debug()))?;
        }
        say(format_args!(
            "      From: {}. Licence: {}.",
            rule.source.trim_end_matches('.').escape_debug(),
            rule.licence.trim_end_matches('.').escape_debug()
        ))?;
    }
    for exception in &known.exceptions {
        say(format_args!("  {}", exception.escape_debug()))?;
    }
    for (profile, level) in &known.levels {
        say(format_args!("  {profile}: {}", level.unwrap_or("not watched")))?;
    }
    Ok(())
}
