//! A school's own rule files: what is wrong is said at once, and the old set stays.

use std::fs;

use facts::{HostName, Profile};

use super::{builtin, own_pack, with_own};
use crate::{Gravity, Live, RuleSet, Spoken};

/// Line and key of each diagnostic, in order.
fn places(text: &str) -> Vec<(usize, String)> {
    let Err(found) = with_own(text) else { panic!("loads") };
    found.into_iter().map(|found| (found.line, found.key)).collect()
}

fn spoken(set: &RuleSet, name: &str) -> bool {
    let name = HostName::from_text(name).unwrap();
    matches!(set.speak(name.as_name()), Spoken::Match(_))
}

#[test]
fn a_school_adds_names_checked_or_unchecked() {
    let service =
        "[[service]]\nname = \"A shop\"\ncategory = \"C10b\"\nnames = [\"shop.elmrow.example\"]\n";
    let checked = with_own(&own_pack(true, service)).unwrap();
    assert!(spoken(&checked.set, "www.shop.elmrow.example"));
    assert!(checked.notes.is_empty());
    let unchecked = with_own(&own_pack(false, &service.replace("C10b", "C08"))).unwrap();
    assert_eq!(unchecked.notes.len(), 1);
    assert_eq!(unchecked.notes[0].gravity, Gravity::Note);
    let asked = unchecked.set.ceiling("shop.elmrow.example", Profile::Ks34, false);
    assert_eq!(asked.level, Some("P3"), "{}", asked.because);
    assert!(!checked.set.empty_categories().iter().any(|category| category.code() == "C10b"));
}

#[test]
fn words_that_silence_a_whole_pack_are_heard_and_are_told_as_a_loss() {
    let words = "[[words]]\ncategory = \"C14\"\nany = [\"vapes+cheap\", \"vapes+best\"]\n";
    let plain = own_pack(true, words);
    let silenced = plain.replacen("[pack]\n", "[pack]\nnot_with = [\"museum\"]\n", 1);
    let (before, after) = (with_own(&plain).unwrap().set, with_own(&silenced).unwrap().set);
    assert!(spoken(&before, "cheap-vapes-museum.example"));
    assert!(!spoken(&after, "cheap-vapes-museum.example"));
    assert!(spoken(&after, "cheap-vapes.example"));
    let said = after.lowered_since(&before);
    assert_eq!(said, ["Rules about words that say less or nothing: 2."]);
    assert!(before.lowered_since(&after).is_empty());
    for word in ["two words", "co-op", "café", ""] {
        let faulty = silenced.replace("museum", word);
        let faults = with_own(&faulty).unwrap_err();
        assert!(faults[0].to_string().contains("would silence nothing"), "{word}: {faults:?}");
    }
}

#[test]
fn all_faults_of_a_file_are_named_at_once_with_line_and_mend() {
    let text = r#"[pack]
name = "Own Rules"
owner = ""
rationale = "a test"
source = "the school"
licence = "own"

[[service]]
name = "x"
category = "C99"
names = ["https://elmrow.example/page", "co.uk"]

[[service]]
name = "y"
category = "C05"
names = []

[[words]]
category = "C14"
any = ["muslim", "bet", "two words", "a+b+c+d+e", "free+polish"]

[[protected]]
group = "Z09"
names = ["*.elmrow.example"]
"#;
    let expected = [
        (2, "pack.name"),
        (2, "pack.reviewed_by"),
        (3, "pack.owner"),
        (10, "category"),
        (11, "service.names"),
        (11, "service.names"),
        (14, "service.names"),
        (15, "category"),
        (20, "words.any"),
        (20, "words.any"),
        (20, "words.any"),
        (20, "words.any"),
        (20, "words.any"),
        (23, "protected.group"),
    ];
    assert_eq!(places(text), expected.map(|(line, key)| (line, key.to_owned())));
    let Err(found) = with_own(text) else { panic!("loads") };
    assert!(found.iter().all(|found| found.mend.ends_with('.') && found.file == "school.toml"));
    assert!(found[7].mend.contains("C05a or C05b"), "{}", found[7]);
}

#[test]
fn words_that_say_who_somebody_is_trigger_nothing() {
    for word in ["gay", "islam", "somali", "transgender", "autistic", "free+lesbian", "muslim+chat"]
    {
        let text = own_pack(true, &format!("[[words]]\ncategory = \"C03\"\nany = [\"{word}\"]\n"));
        assert_eq!(places(&text), [(11, "words.any".to_owned())], "{word}");
    }
}

#[test]
fn a_case_that_fails_keeps_the_file_out() {
    let rest = "[[words]]\ncategory = \"C14\"\nany = [\"jackpot\"]\n[cases]\n\
        must_match = [\"other.example\", \"jackpot.example\"]\n\
        must_not_match = [\"jackpot.elmrow.example\", \"other.example\"]\n";
    let expected = [(13, "cases.must_match"), (14, "cases.must_not_match")];
    assert_eq!(places(&own_pack(true, rest)), expected.map(|(line, key)| (line, key.to_owned())));
}

#[test]
fn one_wrong_category_is_one_fault_and_not_one_for_each_case() {
    let rest = "[[service]]\nname = \"A\"\ncategory = \"C99\"\nnames = [\"a.example\"]\n\
        [cases]\nmust_match = [\"a.example\", \"b.a.example\", \"c.a.example\"]\n";
    assert_eq!(places(&own_pack(true, rest)), [(11, "category".to_owned())]);
}

#[test]
fn words_of_another_language_are_off_until_somebody_read_them() {
    let rest = "[[words]]\ncategory = \"C14\"\nany = [\"spielothek\"]\n";
    let other =
        |reviewed| own_pack(reviewed, rest).replacen("[pack]", "[pack]\nlanguage = \"de\"", 1);
    let unread = with_own(&other(false)).unwrap();
    assert!(!spoken(&unread.set, "spielothek.example"));
    assert_eq!(unread.notes.len(), 1, "{:?}", unread.notes);
    assert!(spoken(&with_own(&other(true)).unwrap().set, "spielothek.example"));
}

#[test]
fn a_rule_file_with_its_ending_in_capitals_is_said_to_be_unread() {
    let folder = tempdir("ending");
    fs::write(folder.join("own.TOML"), own_pack(true, "")).unwrap();
    let loaded = RuleSet::load(Some(&folder)).unwrap();
    assert_eq!(loaded.notes.len(), 1);
    assert!(loaded.notes[0].sentence.contains("not read"), "{}", loaded.notes[0]);
    fs::create_dir_all(folder.join("lists")).unwrap();
    fs::write(folder.join("lists/broken.list"), "WARDLIST").unwrap();
    let faults = RuleSet::load(Some(&folder)).unwrap_err();
    assert!(faults.iter().any(|fault| fault.file.ends_with("broken.list")), "{faults:?}");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn two_rules_or_packs_of_one_name_are_refused() {
    let twice = "[[service]]\nname = \"A\"\ncategory = \"C08\"\nnames = [\"a.example\"]\n";
    let text = own_pack(true, &format!("{twice}{twice}"));
    assert_eq!(places(&text), [(14, "service.name".to_owned())]);
    let taken = own_pack(true, "").replace("\"own\"\nowner", "\"gambling\"\nowner");
    assert_eq!(places(&taken), [(1, "pack.name".to_owned())]);
    let test = own_pack(true, "").replace("\"own\"\nowner", "\"test\"\nowner");
    assert_eq!(places(&test), [(2, "pack.name".to_owned())]);
}

#[test]
fn a_broken_file_is_reported_and_the_old_rules_stay() {
    let folder = tempdir("broken");
    let own =
        own_pack(true, "[[service]]\nname = \"A\"\ncategory = \"C08\"\nnames = [\"a.example\"]\n");
    fs::write(folder.join("own.toml"), &own).unwrap();
    fs::write(folder.join("notes.txt"), "not a rule file").unwrap();
    let live = Live::new(RuleSet::load(Some(&folder)).unwrap().set);
    assert!(spoken(&live.current(), "a.example"));
    assert_eq!(live.current().generation(), 1);

    fs::write(folder.join("own.toml"), format!("{own}\n[[service\n")).unwrap();
    fs::write(folder.join("binary.toml"), [0xff, 0xfe]).unwrap();
    let found = RuleSet::load(Some(&folder)).unwrap_err();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].to_string().contains("own.toml:14:10: The file is no good TOML here: "),
        "{}",
        found[0]
    );
    assert!(spoken(&live.current(), "a.example"));

    fs::remove_file(folder.join("own.toml")).unwrap();
    fs::remove_file(folder.join("binary.toml")).unwrap();
    let kept = live.snapshot();
    assert_eq!(live.replace(RuleSet::load(Some(&folder)).unwrap().set), 2);
    assert!(!spoken(&live.current(), "a.example"));
    assert!(spoken(&kept, "a.example"), "who still holds the old set is not disturbed");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn so_many_words_that_memory_would_suffer_are_refused() {
    let letters = |number: usize| {
        [17_576, 676, 26, 1]
            .map(|place| char::from(b'a' + u8::try_from(number / place % 26).unwrap()))
    };
    let words: Vec<String> = (0..5_100)
        .map(|number| format!("\"word{}\"", letters(number).iter().collect::<String>()))
        .collect();
    let rest = format!("[[words]]\ncategory = \"C14\"\nany = [{}]\n", words.join(","));
    let found = with_own(&own_pack(true, &rest)).unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].sentence.contains("more than 5000"), "{}", found[0]);
}

#[test]
fn the_example_for_schools_loads_without_a_note() {
    let loaded = with_own(include_str!("../../school.example.toml")).unwrap();
    assert!(loaded.notes.is_empty(), "{:?}", loaded.notes);
    assert!(spoken(&loaded.set, "www.vapes.elmrow.example"));
    let help = HostName::from_text("worries.elmrow.example").unwrap();
    assert!(matches!(loaded.set.speak(help.as_name()), Spoken::Protected(_)));
}

#[test]
fn the_maps_that_ship_are_maps_and_kept_as_they_are() {
    let map = crate::ListMap::read("map", include_str!("../../list.example.toml")).unwrap();
    assert_eq!(map.name, "elm-row-list");
    let again = crate::ListMap::read("kept", &map.kept(&map.from)).unwrap();
    assert_eq!(again, map, "what is kept beside the list is the same map");
    let ut1 = crate::ListMap::read("ut1", include_str!("../../maps/ut1.toml")).unwrap();
    assert_eq!(ut1.licence, "CC BY-SA 4.0");
}

#[test]
fn a_folder_that_is_not_there_holds_nothing() {
    let loaded = RuleSet::load(Some(std::path::Path::new("/nonexistent/rules"))).unwrap();
    assert_eq!(loaded.set.names_loaded(), builtin().names_loaded());
}

#[test]
fn no_start_of_a_pack_makes_the_reader_stumble() {
    let text = own_pack(
        true,
        "[[service]]\nname = \"Ä\"\ncategory = \"C08\"\nnames = [\"bücher.example\"]\n\
         [[words]]\ncategory = \"C14\"\nany = [\"free+slot\"]\n[cases]\nmust_match = [\"a.b\"]\n",
    );
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        let source = crate::Source { file: "own.toml".into(), text: text[..end].into() };
        let _ = RuleSet::compile(&[source]);
    }
}

fn tempdir(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("wardline-rules-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_file_of_a_hundred_thousand_brackets_is_a_fault_and_no_crash() {
    for text in
        ["a = ".to_owned() + &"[".repeat(100_000), "[".repeat(100_000), "a.".repeat(100_000)]
    {
        let found = with_own(&text).unwrap_err();
        assert_eq!(found.len(), 1);
    }
}

/// One line in a school's own file must not make the monitor blind.
#[test]
fn no_school_can_protect_or_settle_a_whole_ending() {
    for ending in ["com", "co.uk", "org.uk", "tv", "example", "\u{440}\u{444}"] {
        for rest in [
            format!("[[protected]]\ngroup = \"Z07\"\nnames = [\"{ending}\"]\n"),
            format!("[[ordinary]]\nnames = [\"{ending}\"]\nbecause = \"ours\"\n"),
        ] {
            let found = with_own(&own_pack(true, &rest)).unwrap_err();
            assert_eq!(found.len(), 1, "{ending}");
            assert!(found[0].to_string().contains("an ending that many sites share"), "{ending}");
        }
    }
    let whole = "[[protected]]\ngroup = \"Z07\"\nnames = [\"nhs.uk\", \"our.school.example\"]\n";
    assert!(with_own(&own_pack(true, whole)).is_ok());
}
