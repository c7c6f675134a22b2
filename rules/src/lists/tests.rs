//! Lists from their lines to the file in which they are found.

mod overlay;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use facts::{HostName, Profile};
use proptest::prelude::*;

use super::about::{GroupAbout, ListAbout};
use super::compiled::write_whole;
use super::gathered::Gathered;
use super::{Import, Imported, ListFile, ListMap, NoList};
use crate::load::builtin_sources;
use crate::{RuleSet, Source};

fn about(groups: usize) -> ListAbout {
    let groups = (0..groups).map(|number| GroupAbout {
        name: format!("group{number}"),
        category: "C14".parse().unwrap(),
        names: 1,
    });
    ListAbout {
        name: "made-up".into(),
        source: "a test".into(),
        licence: "own".into(),
        groups: groups.collect(),
    }
}

fn compiled(names: &[(&str, u8)]) -> ListFile {
    let mut gathered = Gathered::default();
    for (name, group) in names {
        assert!(gathered.add(name, *group));
    }
    gathered.settle();
    ListFile::from_bytes(gathered.compile(&about(70)).unwrap()).unwrap()
}

fn groups_of(list: &ListFile, name: &str) -> Vec<u8> {
    let name = HostName::from_text(name).unwrap();
    let mut groups = Vec::new();
    list.find(name.as_name(), |group| groups.push(group));
    groups.sort_unstable();
    groups
}

#[test]
fn a_name_is_found_with_all_its_groups_and_all_names_below_it() {
    let list =
        compiled(&[("a.example", 0), ("a.example", 2), ("b.a.example", 1), ("c.example", 3)]);
    assert_eq!(list.names(), 4);
    assert_eq!(groups_of(&list, "a.example"), [0, 2]);
    assert_eq!(groups_of(&list, "x.b.a.example"), [0, 1, 2]);
    assert_eq!(groups_of(&list, "x.y.z.c.example"), [3]);
    for name in ["example", "nota.example", r"x\.a.example", "a.example.test", "xa.example"] {
        assert_eq!(groups_of(&list, name), [0_u8; 0], "{name}");
    }
}

#[test]
fn a_block_of_many_entries_is_read_whole() {
    let groups: Vec<u8> = (0..70).collect();
    let mut names: Vec<(String, u8)> = groups.iter().map(|g| ("a.example".into(), *g)).collect();
    names.extend((0..70).map(|n| (format!("n{n}.example"), n)));
    let names: Vec<(&str, u8)> =
        names.iter().map(|(name, group)| (name.as_str(), *group)).collect();
    let list = compiled(&names);
    assert_eq!(groups_of(&list, "x.a.example"), groups);
    for (name, group) in names.iter().filter(|(name, _)| name.starts_with('n')) {
        assert_eq!(groups_of(&list, name), [*group], "{name}");
    }
    for n in 0..500 {
        assert_eq!(groups_of(&list, &format!("m{n}.example")), [0_u8; 0]);
    }
}

/// Names of one block, as who keeps a list could choose them.
#[test]
fn a_list_whose_names_were_chosen_to_be_slow_is_refused() {
    let mut gathered = Gathered::default();
    for group in 0..=250 {
        (0..30).for_each(|n| assert!(gathered.add(&format!("n{n}.example"), group)));
    }
    gathered.settle();
    assert!(gathered.compile(&about(1)).is_ok(), "every name in every group");
    let mut gathered = Gathered::default();
    // Five thousand names make some three hundred blocks; these are of the first.
    let chosen = (0_u32..).map(|at| format!("n{at}.example"));
    let chosen = chosen.filter(|name| super::hash::of(name) >> 54 == 0).take(5_000);
    chosen.for_each(|name| assert!(gathered.add(&name, 0)));
    gathered.settle();
    assert!(gathered.compile(&about(1)).unwrap_err().contains("made to be slow"));
}

#[test]
fn no_damage_of_a_file_goes_unseen() {
    let mut gathered = Gathered::default();
    (0..40).for_each(|n| assert!(gathered.add(&format!("n{n}.example"), 0)));
    gathered.settle();
    let bytes = gathered.compile(&about(1)).unwrap();
    assert!(ListFile::from_bytes(bytes.clone()).is_ok());
    for end in 0..bytes.len() {
        assert!(ListFile::from_bytes(bytes[..end].to_vec()).is_err(), "cut at {end}");
    }
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 0x10;
        assert!(ListFile::from_bytes(other).is_err(), "changed at {at}");
    }
}

proptest! {
    #[test]
    fn a_list_answers_as_a_slow_scan_does(
        listed in prop::collection::vec(("[a-c]{1,2}(\\.[a-c]{1,2}){0,3}", 0_u8..4), 0..60),
        asked in prop::collection::vec("[a-c]{1,2}(\\.[a-c]{1,2}){0,4}", 1..40),
    ) {
        let names: Vec<(&str, u8)> = listed.iter().map(|(n, g)| (n.as_str(), *g)).collect();
        let list = compiled(&names);
        let distinct: BTreeSet<_> = names.iter().collect();
        prop_assert_eq!(list.names(), distinct.len());
        for name in asked {
            let mut expected: Vec<u8> = distinct
                .iter()
                .filter(|(zone, _)| name == *zone || name.ends_with(&format!(".{zone}")))
                .map(|(_, group)| *group)
                .collect();
            expected.sort_unstable();
            prop_assert_eq!(groups_of(&list, &name), expected, "{}", name);
        }
    }
}

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wardline-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn map(format: &str, groups: &str) -> ListMap {
    let text = format!(
        "[list]\nname = \"made-up\"\nsource = \"a test\"\nlicence = \"own\"\nfrom = \"x\"\n\
         format = \"{format}\"\n[groups]\n{groups}\n"
    );
    ListMap::read("map.toml", &text).unwrap()
}

fn import(map: &ListMap, from: &Path) -> Result<Imported, NoList> {
    let rules = RuleSet::builtin().unwrap().set;
    Import { map, from, rules: &rules }.read()
}

fn all_names(list: &ListFile) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    list.for_each(|name, _| assert!(names.insert(name.to_owned())));
    names
}

#[test]
fn a_folder_of_groups_judges_by_its_map_and_says_what_it_leaves_out() {
    let folder = Folder::new("groups");
    folder.write("gambling/domains", "lucky.example\nwww.childline.org.uk\n10.0.0.1\nco.uk\n");
    folder.write("games/domains", "fun.example\n");
    folder.write("sect/domains", "belief.example\n");
    folder.write("unheard/domains", "x.example\ny.example\n");
    folder.write("gambling/urls", "lucky.example/page\n");
    folder.write("README", "not a group");
    let read = import(&map("folders", "gambling = \"C14\"\ngames = \"C19\""), &folder.0).unwrap();
    assert_eq!(all_names(&read.list), ["fun.example", "lucky.example"].map(String::from).into());
    assert_eq!(read.unmapped, [("unheard".to_owned(), 2)]);
    assert_eq!(read.refused.len(), 1);
    assert!(read.refused[0].1.contains("believe"), "{:?}", read.refused);
    assert_eq!(read.protected[0].0.as_str(), "www.childline.org.uk");
    assert_eq!(read.endings[0].as_str(), "co.uk");
    assert_eq!((read.addresses, read.unread), (1, 0));
}

#[test]
fn one_list_in_eight_formats_is_the_same_list() {
    let folder = Folder::new("formats");
    let expected: BTreeSet<String> =
        ["a.example", "b.example", "xn--bcher-kva.example"].map(String::from).into();
    for (format, text) in [
        ("plain", "# note\na.example\nB.Example\nb\u{fc}cher.example\na.example\n"),
        ("hosts", "127.0.0.1 localhost\n0.0.0.0 a.example b.example\n::1 xn--bcher-kva.example\n"),
        (
            "adblock",
            "! note\n||a.example^\n||b.example^\n||xn--bcher-kva.example^\n||c.example^\n@@||c.example^\n",
        ),
        ("dnsmasq", "server=/a.example/b.example/\naddress=/xn--bcher-kva.example/0.0.0.0\n"),
        ("wildcard", "*.a.example\n*.b.example\n.xn--bcher-kva.example\n"),
        (
            "rpz",
            "$ORIGIN policy.example.\n@ SOA x y 1 2 3 4 5\na.example CNAME .\n*.b.example 60 IN CNAME .\nxn--bcher-kva.example.policy.example. CNAME .\n",
        ),
        ("csv", "id,Domain\n1,a.example\n2,\"b.example\"\n3,xn--bcher-kva.example\n"),
    ] {
        let file = folder.write(format, text);
        let read = import(&map(format, "all = \"C10a\""), &file).unwrap();
        assert_eq!(all_names(&read.list), expected, "{format}");
    }
    folder.write("folders/drogue/domains", "a.example\nb.example\nxn--bcher-kva.example\n");
    let read = import(&map("folders", "drogue = \"C10a\""), &folder.0.join("folders")).unwrap();
    assert_eq!(all_names(&read.list), expected);
}

/// A list that lets a page of a listed site through must not have a pupil named for it.
#[test]
fn what_a_list_lets_through_below_a_listed_name_is_let_through() {
    let folder = Folder::new("spared");
    for (format, text, below) in [
        (
            "adblock",
            "||bad.example^\n@@||help.bad.example^\n||x.help.bad.example^\n||b\u{fc}ro.example^\n\
             @@||b\u{fc}ro.example^\n",
            false,
        ),
        (
            "dnsmasq",
            "server=/bad.example/\nserver=/help.bad.example/#\nlocal=/x.help.bad.example/\n",
            true,
        ),
        (
            "rpz",
            "bad.example CNAME .\n*.bad.example CNAME .\nhelp.bad.example CNAME rpz-passthru.\n\
             x.help.bad.example CNAME .\n",
            true,
        ),
    ] {
        let file = folder.write(format, text);
        let read = import(&map(format, "all = \"C14\""), &file).unwrap();
        let list = &read.list;
        assert_eq!(groups_of(list, "bad.example"), [0], "{format}");
        assert_eq!(groups_of(list, "www.bad.example"), [0], "{format}");
        assert_eq!(groups_of(list, "help.bad.example"), [0_u8; 0], "{format}");
        assert_eq!(groups_of(list, "www.help.bad.example"), [0_u8; 0], "{format}");
        assert_eq!(groups_of(list, "x.help.bad.example").len(), usize::from(below), "{format}");
        assert_eq!(groups_of(list, "xn--bro-hoa.example"), [0_u8; 0], "{format}");
        assert_eq!(list.names(), 1 + usize::from(below), "{format}");
        let is_other = |line: &&str| !line.contains("help.bad") || line.contains("x.help");
        let before = text.lines().filter(is_other).collect::<Vec<_>>().join("\n");
        let before = folder.write("before", &before);
        let before = import(&map(format, "all = \"C14\""), &before).unwrap().list;
        assert_eq!(groups_of(&before, "help.bad.example"), [0], "{format}");
        assert!(read.change(Some(&before)).lowers_coverage(), "{format}");
        assert!(!read.change(Some(&read.list)).lowers_coverage(), "{format}");
    }
}

/// As spreadsheets and editors of another country write them.
#[test]
fn a_table_with_semicolons_a_mark_in_front_and_crlf_is_read() {
    let folder = Folder::new("table");
    let expected: BTreeSet<String> = ["a.example", "b.example"].map(String::from).into();
    for text in [
        "\u{feff}Domain;Group\r\nA.example.;all\r\n\"b.example\";all\r\n",
        "id\tname\tcategory\n1\ta.example\tall\n2\tb.example\tall\n",
        " Host , Added\na.example,\"2026-11-20, noon\"\n b.example ,x\n",
    ] {
        let file = folder.write("table", text);
        let read = import(&map("csv", "all = \"C14\""), &file).unwrap();
        assert_eq!(all_names(&read.list), expected, "{text}");
    }
}

#[test]
fn a_broken_list_is_refused_and_a_shrunken_one_is_known() {
    let folder = Folder::new("shrunk");
    let names = |count: usize| (0..count).map(|n| format!("n{n}.example\n")).collect::<String>();
    let plain = map("plain", "all = \"C14\"");
    let first = import(&plain, &folder.write("list", &names(100))).unwrap();
    let place = folder.0.join("made-up.list");
    first.write(&place).unwrap();
    let before = ListFile::open(&place).unwrap();
    assert!(!first.change(None).lowers_coverage());

    let fewer = import(&plain, &folder.write("list", &names(80))).unwrap().change(Some(&before));
    let none = BTreeMap::new();
    assert_eq!((fewer.totals(), fewer.is_shrunk(&none)), ((100, 80), false));
    assert!(fewer.is_shrunk(&[("all".to_owned(), 101)].into()), "in small steps");
    assert!(fewer.lowers_coverage());
    let least = import(&plain, &folder.write("list", &names(79))).unwrap().change(Some(&before));
    assert!(least.is_shrunk(&none));
    assert_eq!((least.groups[0].added, least.groups[0].removed), (0, 21));
    let other = import(&map("plain", "all = \"C19\""), &folder.write("list", &names(100))).unwrap();
    assert!(other.change(Some(&before)).lowers_coverage(), "they mean something else");

    for broken in ["", "<html>\n<p>not found\n", "one two\nthree four\na.example\n"] {
        let file = folder.write("list", broken);
        assert!(import(&plain, &file).is_err(), "{broken:?}");
    }
    assert!(import(&plain, &folder.0.join("nothing")).is_err());
    assert_eq!(ListFile::open(&place).unwrap().names(), 100, "the list in use stays");
}

#[test]
fn a_list_that_can_not_be_written_leaves_the_old_one() {
    let folder = Folder::new("whole");
    let place = folder.0.join("a.list");
    write_whole(&place, b"old").unwrap();
    assert!(write_whole(&folder.0.join("none/a.list"), b"new").is_err());
    fs::create_dir(folder.0.join("a.new")).unwrap();
    assert!(write_whole(&place, b"new").is_err());
    assert_eq!(fs::read(&place).unwrap(), b"old");
}

#[test]
fn every_fault_of_a_map_is_named_at_once() {
    let text = "[list]\nname = \"My List\"\nsource = \"\"\nlicence = \"own\"\nfrom = \"x\"\n\
        format = \"zip\"\n[groups]\nsect = \"C11a\"\nGAMBLING = \"C99\"\n";
    let faults = ListMap::read("map.toml", text).unwrap_err();
    let mut places: Vec<_> = faults.iter().map(|fault| (fault.line, fault.key.as_str())).collect();
    places.sort_unstable();
    let expected =
        [(2, "list.name"), (3, "list.source"), (6, "list.format"), (8, "groups"), (9, "groups")];
    assert_eq!(places, expected);
    assert!(ListMap::read("map.toml", "[list]\nname = 1\n").is_err());
}

#[test]
fn a_list_of_gambling_or_drugs_leaves_out_who_helps_and_says_which_groups_hold_nothing() {
    let folder = Folder::new("help");
    folder
        .write("gambling/domains", "lucky.example\ngamblersanonymous.example\nhelpline.example\n");
    folder.write("adult/domains", "anonymous-pictures.example\n");
    let map = map("folders", "gambling = \"C14\"\nadult = \"C08\"\nvpn = \"C15\"\n");
    let read = import(&map, &folder.0).unwrap();
    let names: Vec<_> = read.of_help.iter().map(HostName::as_str).collect();
    assert_eq!(names, ["gamblersanonymous.example", "helpline.example"]);
    assert_eq!(all_names(&read.list).len(), 2);
    assert_eq!(read.without_names, ["vpn"]);
}

#[test]
fn a_list_whose_names_are_exchanged_is_as_one_that_shrank() {
    let folder = Folder::new("exchanged");
    let read = |word: &str| {
        let names = (0..200).map(|n| format!("{word}{n}.example\n")).collect::<String>();
        let file = folder.write("names", &names);
        import(&map("plain", "all = \"C14\""), &file).unwrap()
    };
    let before = read("one");
    let same = read("one").change(Some(&before.list));
    assert!(!same.is_shrunk(&BTreeMap::new()) && !same.lowers_coverage());
    let other = read("two").change(Some(&before.list));
    assert!(other.is_shrunk(&BTreeMap::new()) && other.lowers_coverage());
}

/// Every group of a folder that may be mapped, each to a grave category.
fn everything_mapped(folder: &Path) -> ListMap {
    let mut groups = String::new();
    for group in fs::read_dir(folder).unwrap().flatten() {
        let name = group.file_name().into_string().unwrap();
        if super::refused::why_refused(&name).is_none() {
            groups.push_str(&format!("\"{name}\" = \"C08\"\n"));
        }
    }
    map("folders", &groups)
}

/// With every list there is and a school's rule that matches everything, help stays
/// protected, and so does every name below it.
#[test]
fn no_list_and_no_rule_reaches_a_place_of_help() {
    let folder = Folder::new("everything");
    for group in ["gambling", "games", "drogue"] {
        let names = "childline.org.uk\nwww.talktofrank.com\nrelease.org.uk\nlucky.example\n";
        folder.write(&format!("{group}/domains"), names);
    }
    let own = "[pack]\nname = \"own\"\nowner = \"the lead\"\nrationale = \"a test\"\n\
        source = \"the school\"\nlicence = \"own\"\n\
        [[service]]\nname = \"everything\"\ncategory = \"C08\"\npublic_suffix = true\n\
        names = [\"uk\", \"org\", \"com\", \"net\", \"scot\", \"info\", \"lgbt\", \"foundation\"]\n\
        [[ordinary]]\nnames = [\"samaritans.org\"]\nbecause = \"A mistake.\"\n";
    let real = crate::tests::long_lists();
    let folders = [Some(folder.0.clone()), real.as_ref().map(|lists| lists.join("ut1"))];
    let lists: Vec<ListFile> = folders
        .into_iter()
        .flatten()
        .map(|folder| import(&everything_mapped(&folder), &folder).unwrap().list)
        .collect();
    let mut sources = builtin_sources();
    sources.push(Source { file: "own.toml".into(), text: own.into() });
    let set = RuleSet::compile_with_lists(&sources, lists).unwrap().set;
    let mut help: BTreeSet<String> = crate::tests::protected_names();
    if let Some(table) =
        real.and_then(|l| fs::read_to_string(l.join("protective_domains.tsv")).ok())
    {
        help.extend(
            table.lines().skip(1).filter_map(|line| line.split('\t').nth(1)).map(String::from),
        );
    }
    assert!(help.len() > 130, "{}", help.len());
    for name in &help {
        for name in [name.clone(), format!("www.{name}"), format!("chat.a.b.{name}")] {
            for profile in Profile::ALL {
                assert_eq!(set.ceiling(&name, profile, false).level, Some("P0"), "{name}");
            }
        }
    }
    assert_eq!(set.ceiling("lucky.example", Profile::Ks34, false).level, Some("P3"));
}

/// A real list that is kept in four formats is the same list in each.
#[test]
fn a_real_list_in_four_formats_is_the_same_list() {
    let Some(lists) = crate::tests::long_lists() else { return };
    let read = |format: &str| {
        let file = lists.join("formats").join(format!("drugs.{format}"));
        let read = import(&map(format, "all = \"C10a\""), &file).unwrap();
        (all_names(&read.list), read.protected, read.unread)
    };
    let plain = read("plain");
    assert!(plain.0.len() > 20_000, "{}", plain.0.len());
    for format in ["hosts", "adblock", "dnsmasq"] {
        assert_eq!(read(format), plain, "{format}");
    }
}
