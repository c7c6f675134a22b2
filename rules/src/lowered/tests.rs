//! Each way to watch less is told, however it is come by.

use crate::RuleSet;
use crate::tests::{own_pack, with_own};

fn set(rest: &str) -> RuleSet {
    with_own(&own_pack(true, rest)).unwrap().set
}

const SHOPS: &str = "[[service]]\nname = \"Shops\"\ncategory = \"C14\"\n\
    names = [\"one.elmrow.example\", \"two.elmrow.example\"]\n\
    [[words]]\ncategory = \"C14\"\nany = [\"vapes+cheap\", \"vapes+best\"]\n";

#[test]
fn the_same_and_more_lower_nothing() {
    let before = set(SHOPS);
    assert!(set(SHOPS).lowered_since(&before).is_empty());
    assert!(before.lowered_since(&set("")).is_empty());
}

#[test]
fn each_way_to_watch_less_is_told_in_a_sentence() {
    let before = set(SHOPS);
    let protected = "[[protected]]\ngroup = \"Z07\"\nnames = [\"one.elmrow.example\"]\n";
    let ordinary = "[[ordinary]]\nnames = [\"shops.example\"]\nbecause = \"ours\"\n";
    for (rest, expected) in [
        (
            SHOPS.replace("\"two.elmrow.example\"", ""),
            "Names of Gambling that are watched no more: 1.",
        ),
        (
            SHOPS.replace("[[words]]", "confidence = \"listed\"\n[[words]]"),
            "Names of Gambling that count as a list where they counted as checked: 2.",
        ),
        (
            SHOPS.replace("[[words]]", "during = [\"lessons\"]\n[[words]]"),
            "Names of Gambling that are watched on fewer networks or at fewer times: 2.",
        ),
        (format!("{SHOPS}{protected}"), "Names that were watched and are protected now: 1."),
        (format!("{SHOPS}{ordinary}"), "Names newly settled as ordinary: 1."),
        (SHOPS.replace(", \"vapes+best\"", ""), "Rules about words that say less or nothing: 1."),
        (
            format!("{SHOPS}not_with = [\"stop\"]\n"),
            "Rules about words that say less or nothing: 2.",
        ),
        (format!("{SHOPS}during = [\"term\"]\n"), "Rules about words that say less or nothing: 2."),
    ] {
        assert_eq!(set(&rest).lowered_since(&before), [expected], "{rest}");
    }
}

#[test]
fn tying_a_whole_category_is_told_for_names_and_words() {
    let before = set(SHOPS);
    let only = "[[only]]\ncategory = \"C14\"\nduring = [\"lessons\"]\nbecause = \"x\"\n";
    let said = set(&format!("{SHOPS}{only}")).lowered_since(&before);
    assert_eq!(said.len(), 2, "{said:?}");
    let names = "Names of Gambling that are watched on fewer networks or at fewer times: ";
    assert!(said[0].starts_with(names), "{said:?}");
    assert!(said[1].starts_with("Rules about words that say less or nothing: "), "{said:?}");
}

#[test]
fn another_category_for_the_same_names_is_a_loss_of_the_first() {
    let before = set(SHOPS);
    let other = SHOPS.replacen("C14", "C19", 1);
    assert_eq!(
        set(&other).lowered_since(&before),
        ["Names of Gambling that are watched no more: 2."]
    );
}

const TIMES: &str = "during = [\"lessons\", \"breaks\"]\nnetworks = [\"BYOD\", \"Guest\"]\n";

#[test]
fn a_condition_that_grows_narrower_is_told_and_a_wider_one_is_not() {
    let rules = |condition: &str| set(&format!("{SHOPS}{condition}"));
    let before = rules(TIMES);
    for (condition, expected) in [
        (TIMES.replace(", \"breaks\"", ""), 2),
        (TIMES.replace("breaks", "holidays"), 2),
        (TIMES.replace(", \"Guest\"", ""), 2),
        (TIMES.replace("Guest", "Office"), 2),
        (TIMES.replace("Guest", " guest "), 0),
        (TIMES.replace("\"breaks\"", "\"breaks\", \"clubs\""), 0),
        (TIMES.replace("networks = [\"BYOD\", \"Guest\"]\n", ""), 0),
        (String::new(), 0),
    ] {
        let said = rules(&condition).lowered_since(&before);
        let count = format!("Rules about words that say less or nothing: {expected}.");
        assert_eq!(said, if expected == 0 { vec![] } else { vec![count] }, "{condition}");
    }
    let only = |on: &str| {
        format!("{SHOPS}[[only]]\ncategory = \"C14\"\nnetworks = [{on}]\nbecause = \"x\"\n")
    };
    let said = set(&only("\"BYOD\"")).lowered_since(&set(&only("\"BYOD\", \"Guest\"")));
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(set(&only("\"BYOD\"")).lowered_since(&set(&only("\"BYOD\""))).is_empty());
}

#[test]
fn words_exchanged_one_for_one_and_words_that_must_stand_otherwise_are_told() {
    let rules = |rest: &str| set(&format!("{SHOPS}{rest}"));
    let before = rules("not_with = [\"stop\", \"help\"]\n");
    for rest in [
        "not_with = [\"stop\", \"shop\"]\n",
        "not_with = [\"stop\", \"help\"]\nown_name = true\n",
        "not_with = [\"stop\", \"help\"]\nnot_on = [\"shop.example\"]\n",
    ] {
        let said = rules(rest).lowered_since(&before);
        assert_eq!(said, ["Rules about words that say less or nothing: 2."], "{rest}");
    }
    assert!(rules("not_with = [\"stop\"]\n").lowered_since(&before).is_empty());
}

/// A hole of the first days: only the names themselves were compared.
#[test]
fn names_below_a_watched_one_that_are_let_through_are_told() {
    let before = set(SHOPS);
    let except = SHOPS.replace("[[words]]", "except = [\"www.one.elmrow.example\"]\n[[words]]");
    let said = set(&except).lowered_since(&before);
    assert_eq!(said, ["Names of Gambling that are watched no more: 1."]);
    let below = "[[protected]]\ngroup = \"Z07\"\nnames = [\"www.one.elmrow.example\"]\n";
    let said = set(&format!("{SHOPS}{below}")).lowered_since(&before);
    assert_eq!(said, ["Names that were watched and are protected now: 1."]);
    let said = before.lowered_since(&set(&format!("{SHOPS}{below}")));
    assert_eq!(said, ["Names that were protected and are no more: 1."]);
    let other = "[[protected]]\ngroup = \"Z07\"\nnames = [\"help.elmrow.example\"]\n";
    let said = set(&format!("{SHOPS}{other}")).lowered_since(&before);
    assert_eq!(said, ["Names newly protected on which no rule spoke: 1."]);
}

#[test]
fn a_set_that_was_kept_is_compared_as_if_it_had_never_been_away() {
    let before = set(SHOPS);
    let kept = before.kept();
    assert_eq!(before.lowered_since_kept(&kept), Some(Vec::new()));
    let fewer = set(&SHOPS.replace("\"two.elmrow.example\"", ""));
    assert_eq!(fewer.lowered_since_kept(&kept), Some(fewer.lowered_since(&before)));
    assert_eq!(before.lowered_since_kept(&fewer.kept()), Some(Vec::new()));
    let none = RuleSet::compile(&[]).unwrap().set;
    let all_gone = none.lowered_since_kept(&kept).unwrap();
    assert!(all_gone.len() > 15, "{all_gone:?}");
    for broken in
        ["source = 1", "[[list]]\ndigest = \"x\"\nabout = \"y\"\n", &kept[..kept.len() / 2]]
    {
        assert_eq!(before.lowered_since_kept(broken), None);
    }
}
