//! The law that everything a person can type is told of where people look.

use super::{Fault, Text};

/// The subcommands that a program's `--help` lists.
#[must_use]
pub fn subcommands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    list.map_while(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split(' ').next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Every subcommand that `page` does not name as `wardline NAME`.
#[must_use]
pub fn unmentioned(subcommands: &[String], page: &Text) -> Vec<Fault> {
    subcommands
        .iter()
        .filter(|name| !mentions(&page.text, name))
        .map(|name| {
            Fault::new(
                &page.path,
                1,
                format!("`wardline {name}` is not mentioned"),
                "say in one sentence what it is for",
            )
        })
        .collect()
}

fn mentions(text: &str, subcommand: &str) -> bool {
    let phrase = format!("wardline {subcommand}");
    text.match_indices(&phrase).any(|(at, _)| {
        !text[at + phrase.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_a_help_text_is_read() {
        let help = "Does it.\n\nUsage: x\n\nCommands:\n  run     Listens\n  replay  Runs captures\n\
                            through\n  help    Print this\n\nOptions:\n  --log\n";
        assert_eq!(subcommands(help), ["run", "replay"]);
    }

    #[test]
    fn a_subcommand_that_no_page_names_is_found() {
        let page = |text: &str| Text { path: "README.md".into(), text: text.into() };
        let subcommands = ["run".to_owned(), "replay".to_owned()];
        assert_eq!(unmentioned(&subcommands, &page("`wardline run`, `wardline replay FILE`")), []);
        let faults = unmentioned(&subcommands, &page("`wardline runner`, `wardline replay`"));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].what.contains("wardline run"));
    }
}
