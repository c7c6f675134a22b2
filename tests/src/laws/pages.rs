//! The law that everything a person can type is told of where people look.

use super::{Fault, Text};

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
    fn a_subcommand_that_no_page_names_is_found() {
        let page = |text: &str| Text { path: "README.md".into(), text: text.into() };
        let subcommands = ["run".to_owned(), "replay".to_owned()];
        assert_eq!(unmentioned(&subcommands, &page("`wardline run`, `wardline replay FILE`")), []);
        let faults = unmentioned(&subcommands, &page("`wardline runner`, `wardline replay`"));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].what.contains("wardline run"));
    }
}
