//! Where lists and checked packs meet: lists propose, people decide.

use facts::{HostName, Profile};

use super::super::ListFile;
use super::super::about::{GroupAbout, ListAbout};
use super::super::gathered::Gathered;
use super::compiled;
use crate::load::builtin_sources;
use crate::{RuleSet, Source, Spoken};

/// Protected names stay protected, a checked pack decides where it differs from a list, and
/// what somebody settled as ordinary stays silent.
#[test]
fn lists_propose_and_the_overlay_decides() {
    let list = compiled(&[
        ("childline.org.uk", 0),
        ("tellonym.me", 0),
        ("lucky.example", 0),
        ("shop.example", 0),
    ]);
    let mut sources = builtin_sources();
    let text = "[pack]\nname = \"own\"\nowner = \"the lead\"\nrationale = \"a test\"\n\
        source = \"the school\"\nlicence = \"own\"\n\
        [[ordinary]]\nnames = [\"shop.example\"]\nbecause = \"It sells shoes.\"\n";
    sources.push(Source { file: "own.toml".into(), text: text.into() });
    let set = RuleSet::compile_with_lists(&sources, vec![list]).unwrap().set;
    let asked = |name: &str| {
        let asked = set.ceiling(name, Profile::Ks34, false);
        (asked.level, asked.rule.unwrap_or_default())
    };
    assert_eq!(asked("www.childline.org.uk").0, Some("P0"));
    assert_eq!(asked("tellonym.me"), (Some("P3"), "c05b/strangers/tellonym".to_owned()));
    assert_eq!(asked("www.lucky.example"), (Some("P3"), "c14/made-up/group0".to_owned()));
    assert_eq!(asked("www.shop.example"), (None, String::new()));
    let lucky = HostName::from_text("lucky.example").unwrap();
    let Spoken::Match(rulings) = set.speak(lucky.as_name()) else { panic!("silent") };
    assert_eq!(rulings.iter().count(), 1);
}

/// A page of a blog is no matter of the blogs' own category; `www.` is no page.
#[test]
fn a_list_that_names_a_page_below_a_checked_name_is_heard() {
    let list = compiled(&[("page.tumblr.com", 0), ("www.tumblr.com", 0), ("tumblr.com", 0)]);
    let set = RuleSet::compile_with_lists(&builtin_sources(), vec![list]).unwrap().set;
    let said = |name: &str| set.ceiling(name, Profile::Ks34, false).rule.unwrap_or_default();
    for name in ["page.tumblr.com", "www.page.tumblr.com"] {
        assert_eq!(said(name), "c14/made-up/group0", "{name}");
    }
    for name in ["tumblr.com", "www.tumblr.com", "x.www.tumblr.com", "other.tumblr.com"] {
        assert_eq!(said(name), "c17/social/tumblr", "{name}");
    }
}

/// A hole of the first days: what stood in a list only was not compared.
#[test]
fn names_of_a_list_that_a_rule_file_takes_out_are_told_also_after_a_restart() {
    let names = [("lucky.example", 0), ("shop.example", 0)];
    let set = |own: &str| {
        let mut sources = builtin_sources();
        let text = format!(
            "[pack]\nname = \"own\"\nowner = \"the lead\"\nrationale = \"a test\"\n\
             source = \"the school\"\nlicence = \"own\"\nreviewed = 2026-11-20\n\
             reviewed_by = \"the lead\"\n{own}"
        );
        sources.push(Source { file: "own.toml".into(), text });
        RuleSet::compile_with_lists(&sources, vec![compiled(&names)]).unwrap().set
    };
    let before = set("");
    for (own, expected) in [
        ("[[protected]]\ngroup = \"Z07\"\n", "Names that were watched and are protected now: 1."),
        (
            "[[service]]\nname = \"Shoes\"\ncategory = \"C23\"\n",
            "Names of Gambling that are watched no more: 1.",
        ),
    ] {
        let now = set(&format!("{own}names = [\"shop.example\"]\n"));
        assert_eq!(now.lowered_since(&before), [expected]);
        assert_eq!(now.lowered_since_kept(&before.kept()).unwrap(), [expected]);
    }
    let gone = RuleSet::compile(&builtin_sources()).unwrap().set;
    let said = gone.lowered_since_kept(&before.kept()).unwrap();
    assert!(said[0].starts_with("The list made-up has 0 names of Gambling"), "{said:?}");
}

/// One list in two formats, or under two maps, agrees with itself.
#[test]
fn two_lists_of_one_keeper_count_once_for_the_youngest() {
    let list = |name: &str, source: &str| {
        let mut gathered = Gathered::default();
        assert!(gathered.add("grave.example", 0));
        gathered.settle();
        let group = GroupAbout { name: "adult".into(), category: "C08".parse().unwrap(), names: 1 };
        let about = ListAbout {
            name: name.into(),
            source: source.into(),
            licence: "own".into(),
            groups: vec![group],
        };
        ListFile::from_bytes(gathered.compile(&about).unwrap()).unwrap()
    };
    for (second, level) in [("a keeper", "P3"), (" A KEEPER", "P3"), ("another keeper", "P1")] {
        let lists = vec![list("one", "a keeper"), list("two", second)];
        let set = RuleSet::compile_with_lists(&builtin_sources(), lists).unwrap().set;
        assert_eq!(
            set.ceiling("grave.example", Profile::Ks2, false).level,
            Some(level),
            "{second}"
        );
    }
}
