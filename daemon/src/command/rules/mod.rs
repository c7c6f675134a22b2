//! `wardline rules`: what the rules say of names, and lists that others keep.

mod explain;
mod lists;
mod test;

pub(super) use lists::LIST_CHANGES;

use crate::cli::RulesCommand;
use crate::process::Failure;

pub(super) fn run(ask: &RulesCommand) -> Result<(), Failure> {
    match ask {
        RulesCommand::Test(args) => test::run(args),
        RulesCommand::Explain(args) => explain::run(args),
        RulesCommand::Import(args) => lists::import(args),
        RulesCommand::Update(args) => lists::update(args),
        RulesCommand::Diff(args) => lists::diff(args),
    }
}
