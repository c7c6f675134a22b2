//! Innocent names that a careless word list would accuse.

use facts::{HostName, Name};

use super::builtin;
use crate::Spoken;

/// The careless word, and the innocent word or name that holds it.
const TRAPS: &str = include_str!("keyword_traps.tsv");

fn is_silent(name: Name<'_>) -> bool {
    matches!(builtin().speak(name), Spoken::Nothing | Spoken::Protected(_))
}

#[test]
fn every_trap_is_silent_alone_and_inside_a_name() {
    let mut count = 0;
    for line in TRAPS.lines().skip(1) {
        let (_, innocent) = line.split_once('\t').unwrap();
        let names = match innocent.contains('.') {
            true => vec![innocent.to_owned(), format!("www.{innocent}")],
            false => vec![
                format!("{innocent}.example"),
                format!("www.{innocent}.co.uk"),
                format!("{innocent}-primary.example"),
                format!("the-{innocent}-2.example"),
                format!("{innocent}.elmrow.example"),
            ],
        };
        for name in names {
            let name = HostName::from_text(&name).unwrap();
            assert!(is_silent(name.as_name()), "{name:?}");
            count += 1;
        }
    }
    assert!(count > 500, "{count}");
}

#[test]
fn places_of_learning_are_silent_whatever_words_they_hold() {
    for zone in ["gov.uk", "nhs.uk", "ac.uk", "elmrow.sch.uk", "bbc.co.uk", "museum"] {
        for word in ["casino", "free-slots", "hentai", "hookup", "vpn-free"] {
            let name = HostName::from_text(&format!("{word}.{zone}")).unwrap();
            assert!(is_silent(name.as_name()), "{name:?}");
        }
    }
}

#[test]
fn the_traps_of_the_lists_are_silent() {
    for name in [
        "chess.com",
        "www.chess.com",
        "education.minecraft.net",
        "heritagefund.org.uk",
        "tnlcommunityfund.org.uk",
        "idm.oclc.org",
        "tailscale.com",
        "ngrok.com",
        "eff.org",
        "internetmatters.org",
        "bishuk.com",
        "use-application-dns.net",
        "drugs.gov.uk",
        "isis.stfc.ac.uk",
        "crisis.org.uk",
        "scunthorpe.example",
    ] {
        let name = HostName::from_text(name).unwrap();
        assert!(is_silent(name.as_name()), "{name:?}");
    }
}

/// Letters that punycode leaves behind are no word: `xn--lisabet-9xa` was read as a bet.
#[test]
fn what_is_left_of_a_word_with_accents_is_no_word() {
    for name in [
        "xn--lisabet-9xa.example",
        "xn--vape-9oa.example",
        "xn--ysgol-bt-q1a.example",
        "xn--beteatingdisorders-swo.example",
    ] {
        let name = HostName::from_text(name).unwrap();
        assert!(is_silent(name.as_name()), "{name:?}");
    }
}
