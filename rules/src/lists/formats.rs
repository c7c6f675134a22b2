//! Lines of the formats in which lists are kept, each read to the names that it lists.

use std::str::FromStr;

use facts::NotAWord;

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A folder with a folder for each group, which holds a file `domains` (UT1, squidGuard).
    Folders,
    /// One name a line.
    Plain,
    /// `0.0.0.0 name name`.
    Hosts,
    /// `||name^`; `@@||name^` takes a name out.
    Adblock,
    /// `address=/name/…`, `server=/name/`, `local=/name/`.
    Dnsmasq,
    /// `*.name`.
    Wildcard,
    /// A response policy zone: `name CNAME .`.
    Rpz,
    /// A header with a column `domain` and, where there are groups, one `group`.
    Csv,
}

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said<'l> {
    /// A name is listed.
    Lists(&'l str),
    /// A name is taken out again.
    Spares(&'l str),
    /// Nothing a name can be read from; where a whole line is such, it is counted.
    Unread,
}

impl Format {
    /// The word of a map.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Folders => "folders",
            Self::Plain => "plain",
            Self::Hosts => "hosts",
            Self::Adblock => "adblock",
            Self::Dnsmasq => "dnsmasq",
            Self::Wildcard => "wildcard",
            Self::Rpz => "rpz",
            Self::Csv => "csv",
        }
    }
}

impl FromStr for Format {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Ok(match text.trim() {
            "folders" => Self::Folders,
            "plain" => Self::Plain,
            "hosts" => Self::Hosts,
            "adblock" => Self::Adblock,
            "dnsmasq" => Self::Dnsmasq,
            "wildcard" => Self::Wildcard,
            "rpz" => Self::Rpz,
            "csv" => Self::Csv,
            _ => return Err(NotAWord),
        })
    }
}

/// Names that a hosts file gives to the machine itself.
const OWN_HOSTS: [&str; 9] = [
    "localhost",
    "localhost.localdomain",
    "local",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-allnodes",
    "0.0.0.0",
];

/// Calls `said` with what one line says; nothing for comments and blank lines.
pub(super) fn read_line<'l>(format: Format, line: &'l str, mut said: impl FnMut(Said<'l>)) {
    let line = line.trim().trim_start_matches('\u{feff}');
    match format {
        Format::Folders | Format::Plain | Format::Csv => {
            if let Some(name) = before_comment(line) {
                said(one_word(name).map_or(Said::Unread, Said::Lists));
            }
        }
        Format::Hosts => {
            let Some(line) = before_comment(line) else { return };
            let mut words = line.split_whitespace();
            let address = words.next().and_then(|word| word.parse::<std::net::IpAddr>().ok());
            if address.is_none() {
                return said(Said::Unread);
            }
            words.filter(|name| !OWN_HOSTS.contains(name)).for_each(|name| said(Said::Lists(name)));
        }
        Format::Adblock => {
            if line.is_empty() || line.starts_with('!') || line.starts_with('[') {
                return;
            }
            let (spares, rule) = match line.strip_prefix("@@") {
                Some(rule) => (true, rule),
                None => (false, line),
            };
            said(match (adblock_name(rule), spares) {
                (Some(name), true) => Said::Spares(name),
                (Some(name), false) => Said::Lists(name),
                (None, _) => Said::Unread,
            });
        }
        Format::Dnsmasq => {
            let Some(line) = before_comment(line) else { return };
            let rule = ["address=/", "server=/", "local=/"]
                .iter()
                .find_map(|key| line.strip_prefix(key))
                .and_then(|rest| rest.rsplit_once('/'));
            match rule {
                Some((names, _)) => names.split('/').for_each(|name| said(Said::Lists(name))),
                None => said(Said::Unread),
            }
        }
        Format::Wildcard => {
            let Some(line) = before_comment(line) else { return };
            let bare = line.strip_prefix("*.").or_else(|| line.strip_prefix('.')).unwrap_or(line);
            said(one_word(bare).map_or(Said::Unread, Said::Lists));
        }
        Format::Rpz => {
            let line = line.split(';').next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with(['$', '@', '(', ')']) {
                return;
            }
            said(rpz(line));
        }
    }
}

/// `||name^` with no path; options only where they do not narrow the rule to some pages.
fn adblock_name(rule: &str) -> Option<&str> {
    let (name, rest) = rule.strip_prefix("||")?.split_once('^')?;
    let options = rest.strip_prefix('|').unwrap_or(rest);
    let narrow = |option: &str| !matches!(option, "all" | "important" | "document" | "popup");
    let whole = match options.strip_prefix('$') {
        None => options.is_empty(),
        Some(options) => !options.split(',').any(narrow),
    };
    (whole && !name.contains(['/', '*'])).then_some(name)
}

/// `name [ttl] [IN] CNAME .` lists, `… CNAME rpz-passthru.` spares; `*.name` is its name.
fn rpz(line: &str) -> Said<'_> {
    let mut words = line.split_whitespace();
    let Some(owner) = words.next() else { return Said::Unread };
    let mut words =
        words.skip_while(|word| word.eq_ignore_ascii_case("in") || word.parse::<u32>().is_ok());
    let (kind, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let of_address = ["rpz-ip", "rpz-client-ip", "rpz-nsip", "rpz-nsdname"]
        .iter()
        .any(|kind| owner.contains(kind));
    if !kind.eq_ignore_ascii_case("cname") || of_address {
        return Said::Unread;
    }
    let name = owner.strip_prefix("*.").unwrap_or(owner);
    match target {
        "rpz-passthru." => Said::Spares(name),
        _ => Said::Lists(name),
    }
}

fn before_comment(line: &str) -> Option<&str> {
    let said = line.split('#').next().unwrap_or_default().trim();
    (!said.is_empty()).then_some(said)
}

fn one_word(text: &str) -> Option<&str> {
    (!text.contains(char::is_whitespace)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(format: Format, line: &str) -> Vec<Said<'_>> {
        let mut all = Vec::new();
        read_line(format, line, |said| all.push(said));
        all
    }

    #[test]
    fn each_format_lists_the_name_that_its_line_names() {
        use Said::{Lists, Spares, Unread};
        for (format, line, expected) in [
            (Format::Plain, " Elmrow.example # a note", vec![Lists("Elmrow.example")]),
            (Format::Plain, "# only a note", vec![]),
            (Format::Plain, "two words", vec![Unread]),
            (
                Format::Hosts,
                "0.0.0.0 a.example b.example",
                vec![Lists("a.example"), Lists("b.example")],
            ),
            (Format::Hosts, "127.0.0.1 localhost", vec![]),
            (Format::Hosts, "a.example", vec![Unread]),
            (Format::Adblock, "||a.example^", vec![Lists("a.example")]),
            (Format::Adblock, "||a.example^$important", vec![Lists("a.example")]),
            (Format::Adblock, "||a.example^$third-party", vec![Unread]),
            (Format::Adblock, "@@||a.example^|", vec![Spares("a.example")]),
            (Format::Adblock, "||a.example/path^", vec![Unread]),
            (Format::Adblock, "a.example##.banner", vec![Unread]),
            (Format::Adblock, "[Adblock Plus]", vec![]),
            (Format::Dnsmasq, "server=/a.example/", vec![Lists("a.example")]),
            (
                Format::Dnsmasq,
                "address=/a.example/b.example/0.0.0.0",
                vec![Lists("a.example"), Lists("b.example")],
            ),
            (Format::Dnsmasq, "cache-size=100", vec![Unread]),
            (Format::Wildcard, "*.a.example", vec![Lists("a.example")]),
            (Format::Rpz, "a.example CNAME .", vec![Lists("a.example")]),
            (Format::Rpz, "*.a.example 300 IN CNAME . ; why", vec![Lists("a.example")]),
            (Format::Rpz, "a.example CNAME rpz-passthru.", vec![Spares("a.example")]),
            (Format::Rpz, "$TTL 300", vec![]),
            (Format::Rpz, "32.1.0.0.10.rpz-ip CNAME .", vec![Unread]),
        ] {
            assert_eq!(listed(format, line), expected, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_a_reader_stumble(line in "[ -~\u{e9}|@*#/=.^$]{0,60}") {
            for format in ["plain", "hosts", "adblock", "dnsmasq", "wildcard", "rpz", "csv"] {
                let format = format.parse().unwrap();
                read_line(format, &line, |said| match said {
                    Said::Lists(name) | Said::Spares(name) => assert!(line.contains(name)),
                    Said::Unread => {}
                });
            }
        }
    }
}
