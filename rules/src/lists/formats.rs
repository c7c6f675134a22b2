//! Lines of the formats in which lists are kept, each read to the names that it lists.

use std::net::IpAddr;
use std::str::FromStr;

use facts::NotAWord;

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A folder with a folder for each group, which holds a file `domains` (UT1, squidGuard).
    Folders,
    /// One name a line.
    Plain,
    /// `0.0.0.0 name name`: to an address that leads nowhere.
    Hosts,
    /// `||name^`; `@@||name^` takes out a name and what is below it.
    Adblock,
    /// `address=/name/0.0.0.0`, `server=/name/`, `local=/name/`; `server=/name/#` takes out
    /// (dnsmasq(8)).
    Dnsmasq,
    /// `*.name`.
    Wildcard,
    /// A response policy zone, which has a reader of its own.
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
const OWN_HOSTS: [&str; 13] = [
    "localhost",
    "localhost.localdomain",
    "local",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localhost.localdomain",
    "ip6-localnet",
    "ip6-mcastprefix",
    "ip6-allnodes",
    "ip6-allrouters",
    "ip6-allhosts",
    "0.0.0.0",
];

/// Calls `said` with what one line says; nothing for comments and blank lines.
pub(super) fn read_line<'l>(format: Format, line: &'l str, mut said: impl FnMut(Said<'l>)) {
    let line = line.trim().trim_start_matches('\u{feff}').trim_start();
    match format {
        Format::Folders | Format::Plain | Format::Csv | Format::Rpz => {
            if let Some(name) = before_comment(line) {
                said(one_word(name).map_or(Said::Unread, Said::Lists));
            }
        }
        Format::Hosts => {
            let Some(line) = before_comment(line) else { return };
            let mut words = line.split_whitespace();
            // An address of a link may have its interface behind it: `fe80::1%lo0`.
            let address = words.next().and_then(|word| word.split('%').next()?.parse().ok());
            let is_own = |name: &&str| OWN_HOSTS.iter().any(|own| own.eq_ignore_ascii_case(name));
            let names = words.filter(|name| !is_own(name));
            match address {
                Some(address) if leads_nowhere(address) => {
                    names.for_each(|name| said(Said::Lists(name)));
                }
                // Who is led to a real place is not kept from anything.
                Some(_) => names.for_each(|_| said(Said::Unread)),
                None => said(Said::Unread),
            }
        }
        Format::Adblock => {
            let is_note = line == "#" || line.starts_with("# ");
            if line.is_empty() || is_note || line.starts_with(['!', '[']) {
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
        Format::Dnsmasq => dnsmasq(line, said),
        Format::Wildcard => {
            let Some(line) = before_comment(line) else { return };
            said(one_word(without_star(line)).map_or(Said::Unread, Said::Lists));
        }
    }
}

/// Whether nobody is led anywhere by an address: it is nobody's, or the block page's own.
pub(super) fn leads_nowhere(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_unspecified()
                || v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
        }
        IpAddr::V6(v6) => {
            v6.is_unspecified()
                || v6.is_loopback()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast()
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
    let name = name.strip_prefix("*.").unwrap_or(name);
    (whole && !name.contains(['/', '*'])).then_some(name)
}

/// `address=/name/name/ADDRESS`, `server=/name/SERVER` and `local=`, as dnsmasq(8) has them.
///
/// Who asks another server, or is led to a real address, is not kept from anything.
fn dnsmasq<'l>(line: &'l str, mut said: impl FnMut(Said<'l>)) {
    // A server may have `#port` behind it: a note needs a blank before it.
    let note = line.find(" #").or_else(|| line.find("\t#")).unwrap_or(line.len());
    let line = line.get(..note).unwrap_or_default().trim();
    if line.is_empty() || line.starts_with('#') {
        return;
    }
    let rule = line.split_once("=/").and_then(|(key, rest)| Some((key, rest.rsplit_once('/')?)));
    let Some((key, (names, to))) = rule else { return said(Said::Unread) };
    let as_said: fn(&'l str) -> Said<'l> = match (key.trim(), to.trim()) {
        ("address", "" | "#") | ("server" | "local", "") => Said::Lists,
        ("address", to) if to.parse().is_ok_and(leads_nowhere) => Said::Lists,
        ("server" | "local", "#") => Said::Spares,
        _ => return said(Said::Unread),
    };
    // An empty name stands for names without a dot.
    let names = names.split('/').filter(|name| !name.is_empty());
    names.for_each(|name| said(as_said(without_star(name))));
}

fn without_star(name: &str) -> &str {
    name.strip_prefix("*.").or_else(|| name.strip_prefix('.')).unwrap_or(name)
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
        ] {
            assert_eq!(listed(format, line), expected, "{line}");
        }
    }

    /// Lines after the manuals of the formats and the heads of lists that are kept in them.
    #[test]
    fn lines_of_the_manuals_say_what_the_manuals_say() {
        use Said::{Lists, Spares, Unread};
        for (format, line, expected) in [
            (Format::Hosts, "127.0.0.1\tLocalHost", vec![]),
            (Format::Hosts, "fe80::1%lo0 localhost", vec![]),
            (Format::Hosts, "ff02::2 ip6-allrouters", vec![]),
            (Format::Hosts, "255.255.255.255 broadcasthost", vec![]),
            (Format::Hosts, "0.0.0.0 0.0.0.0", vec![]),
            (Format::Hosts, ":: A.Example  # why", vec![Lists("A.Example")]),
            (Format::Hosts, "198.51.100.7 a.example", vec![Lists("a.example")]),
            (Format::Hosts, "216.239.38.120 www.search.example", vec![Unread]),
            (Format::Adblock, "# a note", vec![]),
            (Format::Adblock, "||*.a.example^", vec![Lists("a.example")]),
            (Format::Adblock, "||a.example^$dnsrewrite=1.2.3.4", vec![Unread]),
            (Format::Adblock, "||a.example^$badfilter", vec![Unread]),
            (Format::Adblock, "||a.example^$important,all", vec![Lists("a.example")]),
            (Format::Adblock, "/ads[0-9]+/", vec![Unread]),
            (Format::Adblock, "||a.exa", vec![Unread]),
            (Format::Dnsmasq, "server=/www.a.example/#", vec![Spares("www.a.example")]),
            (Format::Dnsmasq, "server=/a.example/192.0.2.1#5353", vec![Unread]),
            (Format::Dnsmasq, "address=/a.example/#", vec![Lists("a.example")]),
            (Format::Dnsmasq, "address=/a.example/", vec![Lists("a.example")]),
            (Format::Dnsmasq, "address=/a.example/::", vec![Lists("a.example")]),
            (Format::Dnsmasq, "address=/a.example/216.239.38.120", vec![Unread]),
            (Format::Dnsmasq, "local=/.a.example/ # a note", vec![Lists("a.example")]),
            (Format::Dnsmasq, "server=//", vec![]),
            (Format::Dnsmasq, "#server=/a.example/", vec![]),
            (Format::Dnsmasq, "ipset=/a.example/blocked", vec![Unread]),
            (Format::Wildcard, "\u{feff} *.a.example", vec![Lists("a.example")]),
            (Format::Plain, "\u{feff}a.example\r", vec![Lists("a.example")]),
        ] {
            assert_eq!(listed(format, line), expected, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_a_reader_stumble(line in "[ -~\u{e9}|@*#/=.^$]{0,60}") {
            for format in ["plain", "hosts", "adblock", "dnsmasq", "wildcard", "csv"] {
                let format = format.parse().unwrap();
                read_line(format, &line, |said| match said {
                    Said::Lists(name) | Said::Spares(name) => assert!(line.contains(name)),
                    Said::Unread => {}
                });
            }
        }
    }
}
