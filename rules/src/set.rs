//! A rule set: all packs compiled into one value that is never edited, only replaced.

use std::collections::BTreeMap;
use std::sync::Arc;

use facts::{Category, Confidence, HostName, Name, ProtectedGroup, RuleId, Ruling};

use crate::conditions::Condition;
use crate::diagnostic::{Diagnostic, Fault, Gravity};
use crate::exceptions::Exceptions;
use crate::keywords::{Keywords, Words};
use crate::levels::gravest;
use crate::lists::{ListAbout, ListFile};
use crate::meant::meant;
use crate::origin::PackAbout;
use crate::pack::{self, Pack, Source};
use crate::trigger::{Placed, RuleRead, Trigger};
use crate::zones::Zones;

/// All rules, compiled. Asked on the capture thread (`speak`), at the desk (`weigh`) and
/// by people (`ceiling`); replaced whole when a rule file changes.
#[derive(Debug)]
pub struct RuleSet {
    pub(crate) generation: u64,
    /// Best first: a lower number outranks a higher one.
    pub(crate) rules: Vec<Rule>,
    pub(crate) zones: Zones,
    pub(crate) keywords: Keywords,
    pub(crate) lists: Vec<ListInUse>,
    /// What it was compiled from.
    pub(crate) sources: Vec<Source>,
    pub(crate) packs: Vec<PackAbout>,
    pub(crate) exceptions: Exceptions,
    /// Where and when alone a rule speaks, its own condition and those of its category: all
    /// must hold. A rule that is not here speaks everywhere.
    pub(crate) conditions: BTreeMap<RuleId, Vec<Condition>>,
    /// Names and keyword rules loaded for each category; test names are not counted.
    loaded: BTreeMap<Category, Loads>,
}

/// A compiled list with the rule of each of its groups.
#[derive(Debug)]
pub(crate) struct ListInUse {
    pub(crate) file: Arc<ListFile>,
    pub(crate) rules: Vec<u32>,
}

/// One rule as it is asked.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) ruling: Ruling,
    pub(crate) title: String,
    /// Names below its own on which it does not speak.
    pub(crate) except: Vec<HostName>,
    /// Whether any profile can make a case of it.
    pub(crate) makes_case: bool,
    /// Whether it speaks on some networks or at some times only.
    pub(crate) is_tied: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Loads {
    names: usize,
    words: usize,
}

/// A rule set with what people should know about its files.
#[derive(Debug)]
pub struct Loaded {
    /// The set.
    pub set: RuleSet,
    /// Notes on files that were loaded all the same.
    pub notes: Vec<Diagnostic>,
}

/// A category of which little or nothing can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The category.
    pub category: Category,
    /// The sentence that pages, letters and checks print.
    pub sentence: String,
}

impl RuleSet {
    /// Compiles packs into a set: the shipped ones with those of the school.
    ///
    /// # Errors
    /// Every fault of every file at once; the caller keeps the set it has.
    pub fn compile(sources: &[Source]) -> Result<Loaded, Vec<Diagnostic>> {
        Self::compile_with_lists(sources, Vec::new())
    }

    /// Compiles packs and compiled lists into a set.
    ///
    /// # Errors
    /// Every fault of every file at once; the caller keeps the set it has.
    pub fn compile_with_lists(
        sources: &[Source],
        lists: Vec<ListFile>,
    ) -> Result<Loaded, Vec<Diagnostic>> {
        Self::compile_all(sources, lists.into_iter().map(Arc::new).collect())
    }

    pub(crate) fn compile_all(
        sources: &[Source],
        lists: Vec<Arc<ListFile>>,
    ) -> Result<Loaded, Vec<Diagnostic>> {
        let mut diagnostics = Vec::new();
        let mut packs = Vec::with_capacity(sources.len());
        for source in sources {
            if let Some(pack) = pack::read(source, &mut diagnostics) {
                packs.push((source, pack));
            }
        }
        doubled_packs(&packs, &mut diagnostics);
        let set = assemble(&packs, lists, &mut diagnostics);
        if let Some(set) = &set {
            for (source, pack) in &packs {
                set.report_shadows(source, pack, &mut diagnostics);
                // Cases of rules that were left out would fail because of that fault only.
                let is_whole = !diagnostics
                    .iter()
                    .any(|found| found.file == source.file && found.gravity == Gravity::Fault);
                if is_whole {
                    set.run_cases(source, pack, &mut diagnostics);
                }
            }
        }
        diagnostics.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        let broken = diagnostics.iter().any(|found| found.gravity == Gravity::Fault);
        match set {
            Some(set) if !broken => Ok(Loaded { set, notes: diagnostics }),
            _ => Err(diagnostics),
        }
    }

    /// Which set this is: rises by one with each replacement in a process.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The set with the school's study exceptions, which were read against it.
    #[must_use]
    pub fn with_exceptions(mut self, exceptions: Exceptions) -> Self {
        self.exceptions = exceptions;
        self
    }

    /// The school's study exceptions, over or not.
    #[must_use]
    pub const fn exceptions(&self) -> &Exceptions {
        &self.exceptions
    }

    /// The categories of which nothing can be found, but for their test names.
    #[must_use]
    pub fn empty_categories(&self) -> Vec<Category> {
        let nothing = |category: &Category| !self.loaded.contains_key(category);
        Category::ALL.iter().copied().filter(nothing).collect()
    }

    /// What can not be found, in sentences, the gravest first.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = Category::ALL
            .iter()
            .filter_map(|category| {
                let title = category.title();
                let sentence = match self.loaded.get(category) {
                    None => format!("Nothing in {title} can be found: no list is loaded."),
                    Some(loads) if loads.names == 0 => {
                        format!("{title}: found by words in names only, no list is loaded.")
                    }
                    Some(_) => return None,
                };
                Some(Gap { category: *category, sentence })
            })
            .collect();
        gaps.sort_by_key(|gap| {
            (self.loaded.contains_key(&gap.category), std::cmp::Reverse(gravest(gap.category)))
        });
        gaps
    }

    /// The group under which a name is protected, whatever rules and lists say, and however
    /// it is spelt.
    #[must_use]
    pub fn protection(&self, name: Name<'_>) -> Option<ProtectedGroup> {
        let meant = meant(name);
        let meant = meant.as_ref().and_then(|meant| self.zones.protection(meant.as_name()));
        meant.or_else(|| self.zones.protection(name))
    }

    /// The compiled lists of the set.
    pub fn lists(&self) -> impl Iterator<Item = &ListAbout> {
        self.lists.iter().map(|list| list.file.about())
    }

    /// What tells each compiled list of the set from every other, by the list's name.
    pub fn list_digests(&self) -> impl Iterator<Item = (&str, String)> {
        self.lists.iter().map(|list| (list.file.about().name.as_str(), list.file.digest()))
    }

    /// How many names of services are loaded, test names not counted.
    #[must_use]
    pub fn names_loaded(&self) -> usize {
        self.loaded.values().map(|loads| loads.names).sum()
    }

    /// A rule that names what is protected never speaks there; its writer is told so.
    fn report_shadows(&self, source: &Source, pack: &Pack, found: &mut Vec<Diagnostic>) {
        for rule in &pack.rules {
            let Trigger::Names { names, .. } = &rule.trigger else { continue };
            for name in names {
                let Some(group) = self.zones.protection(name.value.as_name()) else { continue };
                let fault = Fault {
                    span: Some(name.span.clone()),
                    key: "service.names".into(),
                    sentence: format!(
                        "“{}” is protected ({}): no rule ever speaks there.",
                        name.value.as_str(),
                        group.code()
                    ),
                    mend: "Leave it out; protection can not be switched off.".into(),
                };
                let mut note = fault.locate(&source.file, &source.text);
                note.gravity = Gravity::Note;
                found.push(note);
            }
        }
    }

    fn run_cases(&self, source: &Source, pack: &Pack, found: &mut Vec<Diagnostic>) {
        let own = |rule: &Rule| pack_of(&rule.ruling.rule) == pack.name;
        let protects = |name: &HostName| {
            pack.protected.iter().any(|(zone, _)| name.as_name().is_within(zone.as_name()))
        };
        let speaks = |name: &HostName| self.rules_on(name.as_name()).into_iter().any(own);
        let mut say = |case: &Placed<HostName>, key: &str, what: &str, gravity: Gravity| {
            let fault = Fault {
                span: Some(case.span.clone()),
                key: key.into(),
                sentence: format!("{what} “{}”.", case.value.as_str()),
                mend: "Correct the rule, or the case if it is wrong.".into(),
            };
            found.push(Diagnostic { gravity, ..fault.locate(&source.file, &source.text) });
        };
        for case in &pack.must_match {
            let key = "cases.must_match";
            if protects(&case.value) {
                continue;
            }
            if !speaks(&case.value) {
                say(case, key, "No rule of the pack speaks on", Gravity::Fault);
            } else if self.zones.protection(case.value.as_name()).is_some() {
                // Another pack protects it, which wins: no reason to keep this one out.
                say(case, key, "Protection silences the rule on", Gravity::Note);
            }
        }
        for case in &pack.must_not_match {
            if protects(&case.value) || speaks(&case.value) {
                say(case, "cases.must_not_match", "A rule of the pack speaks on", Gravity::Fault);
            }
        }
    }
}

/// The pack a rule came from.
pub(crate) fn pack_of(rule: &RuleId) -> &str {
    rule.as_str().split('/').nth(1).unwrap_or_default()
}

fn doubled_packs(packs: &[(&Source, Pack)], found: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for (source, pack) in packs {
        if let Some(file) = first.insert(&pack.name, &source.file) {
            let fault = Fault {
                span: None,
                key: "pack.name".into(),
                sentence: format!("The pack “{}” is in {file} already.", pack.name),
                mend: "Give this one another name.".into(),
            };
            found.push(fault.locate(&source.file, &source.text));
        }
    }
}

/// Puts the rules of all packs in order, best first, and compiles them.
fn assemble(
    packs: &[(&Source, Pack)],
    lists: Vec<Arc<ListFile>>,
    found: &mut Vec<Diagnostic>,
) -> Option<RuleSet> {
    let tests = test_rules();
    let listed = list_rules(&lists);
    let mut read: Vec<&RuleRead> = packs.iter().flat_map(|(_, pack)| &pack.rules).collect();
    read.extend(tests.iter().chain(&listed));
    let mut lists: Vec<ListInUse> = lists
        .into_iter()
        .map(|file| ListInUse { rules: vec![u32::MAX; file.about().groups.len()], file })
        .collect();
    let only: Vec<&(Category, Condition)> = packs.iter().flat_map(|(_, pack)| &pack.only).collect();
    // A test name proves the way from the wire to a letter, wherever it is tried.
    let of_category = |rule: &RuleRead| {
        let (category, is_test) = (rule.category, pack_of(&rule.id) == TEST_PACK);
        only.iter().filter(move |(tied, _)| !is_test && *tied == category).map(|(_, on)| on)
    };
    read.sort_by(|a, b| {
        let rank = |rule: &RuleRead| (gravest(rule.category), rule.confidence);
        // A rule that is silent in places must not take the place of one that never is.
        let tied = |rule: &RuleRead| rule.condition.is_some() || of_category(rule).next().is_some();
        rank(b).cmp(&rank(a)).then_with(|| tied(a).cmp(&tied(b))).then_with(|| a.id.cmp(&b.id))
    });
    let mut zones = Zones::default();
    for (name, group) in packs.iter().flat_map(|(_, pack)| &pack.protected) {
        zones.protect(name, *group);
    }
    for name in packs.iter().flat_map(|(_, pack)| &pack.ordinary) {
        zones.settle(name);
    }
    let mut words = Vec::new();
    let mut loaded: BTreeMap<Category, Loads> = BTreeMap::new();
    let mut conditions = BTreeMap::new();
    let mut rules = Vec::with_capacity(read.len());
    for (number, rule) in (0_u32..).zip(read) {
        let loads =
            (pack_of(&rule.id) != TEST_PACK).then(|| loaded.entry(rule.category).or_default());
        let mut except = Vec::new();
        match &rule.trigger {
            Trigger::Names { names, except: spared } => {
                names.iter().for_each(|name| zones.add(&name.value, number));
                except.clone_from(spared);
                if let Some(loads) = loads {
                    loads.names = loads.names.saturating_add(names.len());
                }
            }
            Trigger::List { list, group } => {
                let Some(list) = lists.get_mut(*list) else { continue };
                let group = usize::from(*group);
                if let Some(slot) = list.rules.get_mut(group) {
                    *slot = number;
                }
                if let (Some(loads), Some(about)) = (loads, list.file.about().groups.get(group)) {
                    loads.names = loads.names.saturating_add(about.names);
                }
            }
            Trigger::Words { all, standing, not_with, not_on } => {
                words.push(Words {
                    rule: number,
                    all: all.clone(),
                    standing: *standing,
                    not_with: not_with.clone(),
                    not_on: not_on.clone(),
                });
                if let Some(loads) = loads {
                    loads.words = loads.words.saturating_add(1);
                }
            }
        }
        let on: Vec<Condition> = rule.condition.iter().chain(of_category(rule)).cloned().collect();
        rules.push(Rule {
            ruling: Ruling {
                rule: rule.id.clone(),
                category: rule.category,
                confidence: rule.confidence,
            },
            title: rule.title.clone(),
            except,
            makes_case: gravest(rule.category).is_some(),
            is_tied: !on.is_empty(),
        });
        if !on.is_empty() {
            conditions.insert(rule.id.clone(), on);
        }
    }
    let keywords = match words.len() > MOST_WORD_RULES {
        true => Err(format!("more than {MOST_WORD_RULES}")),
        false => Keywords::compile(words),
    };
    match keywords {
        Ok(keywords) => {
            let sources = packs.iter().map(|(source, _)| (*source).clone()).collect();
            let packs = packs.iter().map(|(_, pack)| pack.about.clone()).collect();
            let exceptions = Exceptions::default();
            Some(RuleSet {
                generation: 1,
                rules,
                zones,
                keywords,
                lists,
                sources,
                packs,
                exceptions,
                conditions,
                loaded,
            })
        }
        Err(why) => {
            let fault = Fault {
                span: None,
                key: "words".into(),
                sentence: format!("The keyword rules of all packs together are too many: {why}."),
                mend: "Take some out.".into(),
            };
            found.push(fault.locate("all rule files", ""));
            None
        }
    }
}

/// A rule for each group of each list that has names.
fn list_rules(lists: &[Arc<ListFile>]) -> Vec<RuleRead> {
    let mut rules = Vec::new();
    for (list, file) in lists.iter().enumerate() {
        let about = file.about();
        for (group, number) in about.groups.iter().zip(0_u8..).filter(|(group, _)| group.names > 0)
        {
            rules.push(RuleRead {
                id: list_rule(group.category, &about.name, &group.name),
                category: group.category,
                confidence: Confidence::Listed,
                title: group.name.clone(),
                trigger: Trigger::List { list, group: number },
                condition: None,
            });
        }
    }
    rules
}

/// The rule of a group of a list.
pub(crate) fn list_rule(category: Category, list: &str, group: &str) -> RuleId {
    RuleId::new(&format!("{}/{list}/{group}", category.code().to_ascii_lowercase()))
}

/// The most keyword rules of all packs together: some ten megabytes of automaton.
const MOST_WORD_RULES: usize = 5_000;

/// The pack that the test names are said to come from.
pub(crate) const TEST_PACK: &str = "test";

/// One harmless name for each category, `c14.test.wardline.example`, and for a category
/// that was split also the unsplit one, which means its first part.
fn test_rules() -> Vec<RuleRead> {
    Category::ALL
        .iter()
        .map(|category| {
            let code = category.code().to_ascii_lowercase();
            let unsplit = code.strip_suffix('a').map(str::to_owned);
            let names = [Some(code.clone()), unsplit]
                .into_iter()
                .flatten()
                .filter_map(|label| HostName::from_text(&format!("{label}.{TEST_ZONE}")))
                .map(|value| Placed { value, span: 0..0 })
                .collect();
            RuleRead {
                id: RuleId::new(&format!("{code}/{TEST_PACK}")),
                category: *category,
                confidence: Confidence::Curated,
                title: "the test name".into(),
                trigger: Trigger::Names { names, except: Vec::new() },
                condition: None,
            }
        })
        .collect()
}

/// The zone of the test names: reserved by RFC 6761, so no site can ever be there.
const TEST_ZONE: &str = "test.wardline.example";
