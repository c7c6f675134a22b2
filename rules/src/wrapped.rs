//! Names that stand inside others: with a computer's own search suffix behind them, in a
//! delivery network's alias, or in a translator's spelling.
//!
//! Who asks for a place of help by way of these asks for it all the same.

use facts::HostName;

/// Zones whose last label before them spells a whole name: `-` for a dot, `--` for a hyphen.
const SPELLING: [&str; 2] = ["translate.goog", "cdn.ampproject.org"];

/// Zones below which delivery networks write their customers' names as they are.
const ALIASING: [&str; 6] = [
    "akadns.net",
    "akamaized.net",
    "cdn.cloudflare.net",
    "edgekey.net",
    "edgesuite.net",
    "global.prod.fastly.net",
];

/// The longest name, without its dots' own labels (RFC 1035 section 2.3.4).
const LONGEST: usize = 253;

/// Whether any name that stands inside this one is wanted.
pub(crate) fn any_inside(name: &str, mut wanted: impl FnMut(&str) -> bool) -> bool {
    if let Some(label) = SPELLING.iter().find_map(|zone| before(name, zone)) {
        let label = label.rsplit('.').next().unwrap_or(label);
        return HostName::from_text(&spelled(label)).is_some_and(|inner| wanted(inner.as_str()));
    }
    if let Some(inner) = ALIASING.iter().find_map(|zone| before(name, zone)) {
        return wanted(inner);
    }
    // What stands before another name was asked for by way of it: of a proxy that takes any
    // name in, of a library's door, or of a computer's own search list.
    if name.len() > LONGEST {
        return false;
    }
    let mut rest = name;
    while let Some((inner, _)) = rest.rsplit_once('.') {
        if inner.contains('.') && wanted(inner) {
            return true;
        }
        rest = inner;
    }
    false
}

/// Calls `wanted` with each label that may spell a whole name with hyphens for its dots, and
/// with what stands behind each hyphen of it, which is the name without its first labels.
/// The last two labels are the site's own and spell nothing.
pub(crate) fn any_spelled(name: &str, mut wanted: impl FnMut(&str) -> bool) -> bool {
    if name.len() > LONGEST {
        return false;
    }
    let before_own = name.rsplitn(3, '.').nth(2).unwrap_or_default();
    before_own.split('.').filter(|label| label.contains('-')).any(|label| {
        let mut rest = label;
        loop {
            if wanted(rest) {
                return true;
            }
            match rest.split_once('-') {
                Some((_, behind)) if behind.contains('-') => rest = behind,
                _ => return false,
            }
        }
    })
}

/// What stands before a zone.
fn before<'n>(name: &'n str, zone: &str) -> Option<&'n str> {
    name.strip_suffix(zone)?.strip_suffix('.').filter(|rest| !rest.is_empty())
}

/// A label of a translator as the name it spells.
fn spelled(label: &str) -> String {
    label.replace("--", "\u{1}").replace('-', ".").replace('\u{1}', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(name: &str, wanted: &str) -> bool {
        any_inside(name, |inner| inner == wanted || inner.ends_with(&format!(".{wanted}")))
    }

    #[test]
    fn a_name_with_a_suffix_an_alias_or_a_translators_spelling_is_seen_through() {
        for name in [
            "childline.org.uk.elmrow.local",
            "www.childline.org.uk.lan",
            "www.childline.org.uk.edgekey.net",
            "childline-org-uk.translate.goog",
            "www-childline-org-uk.translate.goog",
        ] {
            assert!(inside(name, "childline.org.uk"), "{name}");
        }
        assert!(inside("papyrus--uk-org.translate.goog", "papyrus-uk.org"));
    }

    #[test]
    fn whoever_goes_by_way_of_another_host_is_seen_through() {
        for name in ["childline.org.uk.webproxy.example", "www.childline.org.uk.a.b.example.com"] {
            assert!(inside(name, "childline.org.uk"), "{name}");
        }
        for name in ["childline.org.uk", "translate.goog", "edgekey.net", "local"] {
            assert!(!inside(name, "childline.org.uk"), "{name}");
        }
    }

    #[test]
    fn a_label_spells_a_name_below_a_sites_own_and_never_as_the_sites_own() {
        let spelled = |name: &str| any_spelled(name, |label| label == "childline-org-uk");
        assert!(spelled("childline-org-uk.proxy.example"));
        assert!(spelled("a.www-childline-org-uk.b.proxy.example"));
        assert!(!spelled("childline-org-uk.example"));
        assert!(!spelled("childline-org.proxy.example"));
        assert!(!spelled("childline-org-uk-games.proxy.example"));
    }
}
