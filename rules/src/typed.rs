//! What a person types for a name: in any case or script, an address of a page, a word.

use facts::HostName;

/// Why a text is no host name, with the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoName {
    pub(crate) sentence: String,
    pub(crate) mend: String,
}

/// A name, or a word that is tried as `word.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameOrWord {
    /// The canonical name that rules are asked about.
    pub name: HostName,
    /// Whether a word was typed, without a dot.
    pub is_word: bool,
    /// Whether an address of a page or a port was typed, of which only the host is judged.
    pub is_address: bool,
}

impl NameOrWord {
    /// Reads what a person typed; international names become A-labels (UTS 46).
    ///
    /// `None` where no device can ask for such a name.
    #[must_use]
    pub fn read(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let host = host_of(typed);
        let bare = host.trim_end_matches('.');
        let is_word = !bare.contains('.') && !bare.is_empty();
        let tried = if is_word { format!("{bare}.example") } else { bare.to_owned() };
        let is_address = host != typed;
        host_name(&tried).ok().map(|name| Self { name, is_word, is_address })
    }
}

/// The host of an address of a page, of a name with a port, or the text itself.
fn host_of(typed: &str) -> &str {
    let (scheme, rest) = typed.split_once("://").unwrap_or(("", typed));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.len() == typed.len() && !authority.contains(':') {
        return typed;
    }
    let host = match scheme.is_empty() {
        true => authority,
        false => authority.rsplit('@').next().unwrap_or_default(),
    };
    match host.split_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => host,
    }
}

/// Whether a word of a rule is letters that a name can hold.
pub(crate) fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Reads a host name as rule files and people write it.
pub(crate) fn host_name(written: &str) -> Result<HostName, NoName> {
    let text = written.trim();
    let said = |sentence: &str, mend: String| Err(NoName { sentence: sentence.to_owned(), mend });
    if text.contains("://") || text.contains('/') {
        let bare = text.split("://").last().unwrap_or_default();
        let host = bare.split('/').next().unwrap_or_default();
        return said("This is the address of a page, not a name.", format!("Write “{host}”."));
    }
    if let Some(bare) = text.strip_prefix("*.") {
        return said(
            "A name holds all names below it, without a star.",
            format!("Write “{bare}”."),
        );
    }
    let usual = "Write a name such as “service.example”.".to_owned();
    if text.is_empty() {
        return said("The name is empty.", usual);
    }
    let ascii = match text.is_ascii() {
        true => text.to_owned(),
        false => match idna::domain_to_ascii(text) {
            Ok(ascii) => ascii,
            Err(_) => return said("This can not be an international name.", usual),
        },
    };
    match HostName::from_text(&ascii) {
        Some(name) if name.as_name().labels().all(|label| !label.is_empty()) => Ok(name),
        _ => said("This can not be a name.", usual),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Option<(String, bool)> {
        NameOrWord::read(typed).map(|read| (read.name.as_str().to_owned(), read.is_word))
    }

    #[test]
    fn a_word_without_a_dot_is_tried_under_example() {
        assert_eq!(read("casino"), Some(("casino.example".into(), true)));
        assert_eq!(read(" WWW.Elmrow.Example. "), Some(("www.elmrow.example".into(), false)));
        assert_eq!(read("bücher.example"), Some(("xn--bcher-kva.example".into(), false)));
        for typed in ["", "   ", ".", "two words", "https:///", "/", ":80", "a..example"] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn of_an_address_the_host_is_taken_and_that_is_known() {
        for typed in [
            "https://www.Elmrow.example/page?x=1",
            "www.elmrow.example:8443",
            "http://someone@www.elmrow.example:80/",
            "www.elmrow.example/page",
        ] {
            let read = NameOrWord::read(typed).unwrap();
            assert_eq!((read.name.as_str(), read.is_address), ("www.elmrow.example", true));
        }
        assert!(!NameOrWord::read("www.elmrow.example.").unwrap().is_address);
    }

    #[test]
    fn an_address_of_a_page_is_mended_to_its_name() {
        let fault = host_name("https://elmrow.example/page").unwrap_err();
        assert_eq!(fault.mend, "Write “elmrow.example”.");
        assert_eq!(host_name("*.elmrow.example").unwrap_err().mend, "Write “elmrow.example”.");
    }
}
