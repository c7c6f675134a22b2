//! Response policy zones: master files (RFC 1035, 5.1) whose owners are the names judged.
//!
//! The policies are those of draft-vixie-dns-rpz and of BIND's reference manual.

use super::formats::leads_nowhere;

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// The name and all below it are kept from people.
    Lists(String),
    /// The name and all below it are let through.
    Spares(String),
    /// A policy about something else than a name, or one that keeps nobody from it.
    Unread,
}

/// Triggers that are not the name that was asked for.
const OTHER_TRIGGERS: [&str; 4] = ["rpz-ip", "rpz-client-ip", "rpz-nsip", "rpz-nsdname"];

/// Where search engines and video sites put people to show them less: no harm is there.
const KINDER: [&str; 5] = [
    "forcesafesearch.google.com",
    "restrict.youtube.com",
    "restrictmoderate.youtube.com",
    "safe.duckduckgo.com",
    "strict.bing.com",
];

/// A zone as far as it was read.
#[derive(Debug, Default)]
pub(super) struct PolicyZone {
    /// The zone's own name, in small letters; empty until it is known.
    apex: String,
    /// What stands behind a relative owner: nothing, or a dot and names within the zone.
    below: String,
    /// Parentheses that are open: a record goes on over lines.
    open: usize,
}

impl PolicyZone {
    /// Reads the next line; none where it holds no record of a policy.
    pub(super) fn read(&mut self, line: &str) -> Option<Row> {
        let line = line.trim_start_matches('\u{feff}').split(';').next().unwrap_or_default();
        let goes_on = self.open > 0;
        let opened = self.open.saturating_add(line.matches('(').count());
        self.open = opened.saturating_sub(line.matches(')').count());
        // A record without an owner of its own is another of the one before.
        if goes_on || line.starts_with(char::is_whitespace) {
            return None;
        }
        let mut words = line.split_whitespace();
        let owner = words.next()?.to_lowercase();
        if owner == "$origin" {
            self.move_to(words.next().unwrap_or_default());
            return None;
        }
        if owner.starts_with('$') {
            return None;
        }
        let mut words = words.skip_while(|word| is_class(word) || is_time(word));
        let kind = words.next().unwrap_or_default().to_ascii_lowercase();
        let target = words.next().unwrap_or_default().to_lowercase();
        if kind == "soa" {
            if let Some(apex) = owner.strip_suffix('.').filter(|_| self.apex.is_empty()) {
                self.apex = apex.to_owned();
            }
            return None;
        }
        let name = self.name(&owner)?;
        if OTHER_TRIGGERS.iter().any(|kind| name.split('.').any(|label| label == *kind)) {
            return Some(Row::Unread);
        }
        let name = name.strip_prefix("*.").unwrap_or(&name).to_owned();
        let bare = target.trim_end_matches('.');
        Some(match (kind.as_str(), target.as_str()) {
            ("cname", "rpz-passthru.") => Row::Spares(name),
            // The oldest spelling of the same.
            ("cname", _) if bare == name => Row::Spares(name),
            ("cname", "rpz-tcp-only." | "") => Row::Unread,
            ("cname", _) if KINDER.contains(&bare) => Row::Unread,
            ("cname", _) => Row::Lists(name),
            ("a" | "aaaa", _) if target.parse().is_ok_and(leads_nowhere) => Row::Lists(name),
            _ => Row::Unread,
        })
    }

    /// The name that an owner stands for; none for the zone's own.
    fn name(&self, owner: &str) -> Option<String> {
        let name = match owner.strip_suffix('.') {
            Some(whole) => match self.within(whole) {
                Some(inside) => inside.to_owned(),
                None => whole.to_owned(),
            },
            None if owner == "@" => self.below.trim_start_matches('.').to_owned(),
            None => format!("{owner}{}", self.below),
        };
        (!name.is_empty()).then_some(name)
    }

    fn move_to(&mut self, origin: &str) {
        let origin = origin.to_lowercase();
        match origin.strip_suffix('.') {
            Some(whole) if self.apex.is_empty() => self.apex = whole.to_owned(),
            Some(whole) => {
                let inside = self.within(whole).unwrap_or(whole);
                self.below = if inside.is_empty() { String::new() } else { format!(".{inside}") };
            }
            None => self.below = format!(".{origin}{}", self.below),
        }
    }

    /// What stands before the zone's own name; none where a name is not in the zone.
    fn within<'n>(&self, name: &'n str) -> Option<&'n str> {
        let before = name.strip_suffix(&self.apex).filter(|_| !self.apex.is_empty())?;
        if before.is_empty() { Some(before) } else { before.strip_suffix('.') }
    }
}

fn is_class(word: &str) -> bool {
    ["in", "ch", "hs"].iter().any(|class| word.eq_ignore_ascii_case(class))
}

/// A time to live: `300`, or BIND's `1h30m`.
fn is_time(word: &str) -> bool {
    let is_of_time =
        |byte: u8| byte.is_ascii_digit() || b"wdhms".contains(&byte.to_ascii_lowercase());
    word.starts_with(|first: char| first.is_ascii_digit()) && word.bytes().all(is_of_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Row> {
        let mut zone = PolicyZone::default();
        text.lines().filter_map(|line| zone.read(line)).collect()
    }

    fn lists(names: &[&str]) -> Vec<Row> {
        names.iter().map(|name| Row::Lists((*name).to_owned())).collect()
    }

    /// After the example of BIND's reference manual, each policy and trigger in it.
    #[test]
    fn the_policies_of_the_reference_manual_are_read_as_it_means_them() {
        let text = "$TTL 1H\n\
            @                       SOA LOCALHOST. named-mgr.example.com (1 1h 15m 30d 2h)\n\
            \t\t\tNS  LOCALHOST.\n\n\
            ; QNAME policy records.\n\
            nxdomain.example   CNAME   .               ; NXDOMAIN policy\n\
            *.nxdomain.example CNAME   .\n\
            nodata.example     1h30m IN CNAME   *.\n\
            bad.example        A       10.0.0.1        ; a walled garden\n\
            \t\t\tAAAA    fd00::1\n\
            bzone.example      CNAME   garden.example.com.\n\
            ok.bzone.example   CNAME   rpz-passthru.\n\
            old.example        CNAME   old.example.\n\
            *.wild.example     CNAME   *.garden.example.com.\n\
            8.0.0.0.127.rpz-ip CNAME   .\n\
            ns.example.RPZ-NSDNAME     CNAME   .\n\
            48.zz.2.2001.rpz-nsip      CNAME   .\n\
            112.zz.2001.rpz-client-ip  CNAME   rpz-drop.\n\
            dropped.example    CNAME   RPZ-DROP.\n\
            slow.example       CNAME   rpz-tcp-only.\n\
            www.search.example CNAME   forcesafesearch.google.com.\n\
            moved.example      A       216.239.38.120\n";
        let spared = |name: &str| vec![Row::Spares(name.to_owned())];
        let unread = |count: usize| vec![Row::Unread; count];
        let expected = [
            lists(&["nxdomain.example", "nxdomain.example", "nodata.example", "bad.example"]),
            lists(&["bzone.example"]),
            spared("ok.bzone.example"),
            spared("old.example"),
            lists(&["wild.example"]),
            unread(4),
            lists(&["dropped.example"]),
            unread(3),
        ];
        assert_eq!(rows(text), expected.concat());
    }

    #[test]
    fn a_zone_whose_name_stands_behind_each_owner_is_the_same_zone() {
        let soa = "rpz.elmrow.example. 60 IN SOA a. b. (\n 2026112201 ; serial\n 1h 1m 3d 1m )\n";
        let record = "rpz.elmrow.example. 60 IN NS a.\n\
                      bad.example.rpz.elmrow.example. 60 IN CNAME .\n";
        assert_eq!(rows(&format!("{soa}{record}")), [lists(&["bad.example"]), vec![]].concat());
        let moving = "$ORIGIN .\n$ORIGIN rpz.elmrow.example.\n@ IN SOA a. b. 1 2 3 4 5\n\
                      one CNAME .\n$ORIGIN example.rpz.elmrow.example.\nbad CNAME .\n\
                      $ORIGIN very\nbad CNAME .\n$ORIGIN rpz.elmrow.example.\nlast.example CNAME .\n";
        let expected = ["one", "bad.example", "bad.very.example", "last.example"];
        assert_eq!(rows(moving), lists(&expected));
    }

    proptest::proptest! {
        #[test]
        fn no_zone_makes_the_reader_stumble(text in "[ -~\u{e9}\n();.*@$]{0,200}") {
            for row in rows(&text) {
                if let Row::Lists(name) | Row::Spares(name) = row {
                    proptest::prop_assert!(!name.is_empty());
                }
            }
        }
    }
}
