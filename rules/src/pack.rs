//! A rule pack read and checked: every fault of a file at once, each with its place.

use std::collections::BTreeSet;
use std::ops::Range;

use facts::{Category, Confidence, HostName, ProtectedGroup, RuleId};
use toml::Spanned;

use crate::conditions::Condition;
use crate::diagnostic::{Diagnostic, Fault, Gravity};
use crate::helplines::is_a_helplines_name;
use crate::keywords::Standing;
use crate::origin::PackAbout;
use crate::refused::{names_who_somebody_is, parts_say_who_somebody_is};
use crate::set::TEST_PACK;
use crate::trigger::{Placed, RuleRead, Trigger};
use crate::typed::{host_name, is_plain};
use crate::written::{
    CasesWritten, HeaderWritten, OnlyWritten, OrdinaryWritten, PackWritten, ServiceWritten,
    WordsWritten,
};

/// The shortest single word that may stand between hyphens; shorter ones fill a label.
const SHORTEST_WORD: usize = 5;
/// The shortest single word that may stand in the name that a site registered.
const SHORTEST_OWN_WORD: usize = 3;
/// The most words of one compound.
const MOST_WORDS: usize = 4;
/// Endings that only public bodies and schools of this country get.
const PUBLIC_BODIES: [&str; 7] =
    ["ac.uk", "gov.scot", "gov.uk", "gov.wales", "nhs.uk", "police.uk", "sch.uk"];

/// A file of rules, as a person named it, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file, for diagnostics.
    pub file: String,
    /// Its text (TOML).
    pub text: String,
}

/// A pack that was read. What was wrong in it is left out and stands in `diagnostics`.
#[derive(Debug)]
pub(crate) struct Pack {
    pub(crate) name: String,
    pub(crate) about: PackAbout,
    pub(crate) rules: Vec<RuleRead>,
    pub(crate) protected: Vec<(HostName, ProtectedGroup)>,
    pub(crate) ordinary: Vec<HostName>,
    /// Where and when alone every rule of a category speaks.
    pub(crate) only: Vec<(Category, Condition)>,
    pub(crate) must_match: Vec<Placed<HostName>>,
    pub(crate) must_not_match: Vec<Placed<HostName>>,
}

/// Reads one file.
pub(crate) fn read(source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Option<Pack> {
    let written: PackWritten = match toml::from_str(&source.text) {
        Ok(written) => written,
        Err(error) => {
            diagnostics.push(Fault::from_toml(&error).locate(&source.file, &source.text));
            return None;
        }
    };
    let mut reading = Reading { source, diagnostics, ids: BTreeSet::new() };
    Some(reading.pack(&written))
}

struct Reading<'a> {
    source: &'a Source,
    diagnostics: &'a mut Vec<Diagnostic>,
    ids: BTreeSet<RuleId>,
}

impl Reading<'_> {
    fn pack(&mut self, written: &PackWritten) -> Pack {
        let header = &written.pack;
        let name = self.header(header);
        let category = header.category.as_ref().and_then(|code| self.category(code));
        let checked = header.reviewed.is_some() && header.reviewed_by.is_some();
        if !checked && !written.service.is_empty() {
            self.note(
                &header.name,
                "pack.reviewed_by",
                "Nobody is named who checked these names, so they count as a list and stay on \
                 the list.",
                "Write reviewed_by (a role) and reviewed (a date) once somebody has.",
            );
        }
        let confidence = if checked { Confidence::Curated } else { Confidence::Listed };
        let mut rules = Vec::new();
        for service in &written.service {
            rules.extend(self.service(service, &name, category, confidence));
        }
        if self.may_use_words(header, checked) {
            let silencing = self.silencing(&header.not_with, "pack.not_with");
            for words in &written.words {
                self.words(words, &name, category, &silencing, &mut rules);
            }
        }
        let ordinary = self.ordinary(&written.ordinary);
        let only = written.only.iter().filter_map(|only| self.only(only)).collect();
        let mut protected = Vec::new();
        for group in &written.protected {
            let read = group.group.as_ref().parse::<ProtectedGroup>();
            match read {
                Ok(read) => {
                    let names = self.names(&group.names, "protected.names");
                    let what = "nobody would be told of any";
                    let names = self.sites(names, "protected.names", what);
                    protected.extend(names.into_iter().map(|name| (name.value, read)));
                }
                Err(_) => self.fault(
                    &group.group,
                    "protected.group",
                    format!("“{}” is no group of help.", group.group.as_ref()),
                    "Write one of Z01 to Z08.",
                ),
            }
        }
        let CasesWritten { must_match, must_not_match } = &written.cases;
        let must_match = self.names(must_match, "cases.must_match");
        let must_not_match = self.names(must_not_match, "cases.must_not_match");
        let about = PackAbout::read(header);
        Pack { name, about, rules, protected, ordinary, only, must_match, must_not_match }
    }

    fn header(&mut self, header: &HeaderWritten) -> String {
        let said = [
            ("pack.owner", &header.owner, "Write who answers for it, by role."),
            ("pack.rationale", &header.rationale, "Write why it is watched, in a sentence."),
            ("pack.source", &header.source, "Write where the names are from."),
            ("pack.licence", &header.licence, "Write under which licence they may be used."),
        ];
        for (key, value, mend) in said {
            if value.as_ref().trim().is_empty() {
                self.fault(value, key, "It is empty.".to_owned(), mend);
            }
        }
        let name = header.name.as_ref();
        if slug(name) != *name || name.is_empty() {
            self.fault(
                &header.name,
                "pack.name",
                format!("“{name}” is no short name."),
                "Write small letters, digits and hyphens, as in “school-own”.",
            );
        }
        if name == TEST_PACK {
            self.fault(
                &header.name,
                "pack.name",
                "“test” is the name of the test names' own pack.".to_owned(),
                "Choose another name.",
            );
        }
        slug(name)
    }

    /// Words of another language than English are off until somebody who reads it has read
    /// them: what hints at harm in one is an everyday word in the next.
    fn may_use_words(&mut self, header: &HeaderWritten, checked: bool) -> bool {
        let Some(language) = &header.language else { return true };
        let is_english = language.as_ref().trim().eq_ignore_ascii_case("en");
        if !is_english && !checked {
            self.note(
                language,
                "pack.language",
                "Nobody is named who read these words, so they are off.",
                "Write reviewed_by (a role that reads the language) and reviewed (a date).",
            );
        }
        is_english || checked
    }

    fn ordinary(&mut self, written: &[OrdinaryWritten]) -> Vec<HostName> {
        let mut ordinary = Vec::new();
        for entry in written {
            if entry.because.as_ref().trim().is_empty() {
                let sentence = "It is empty.".to_owned();
                let mend = "Write why nothing is to be said there, in a sentence.";
                self.fault(&entry.because, "ordinary.because", sentence, mend);
            }
            let names = self.names(&entry.names, "ordinary.names");
            let names = self.sites(names, "ordinary.names", "lists and words would miss all");
            ordinary.extend(names.into_iter().map(|name| name.value));
        }
        ordinary
    }

    fn only(&mut self, written: &OnlyWritten) -> Option<(Category, Condition)> {
        if written.because.as_ref().trim().is_empty() {
            let mend = "Write why it is watched there only, in a sentence.";
            self.fault(&written.because, "only.because", "It is empty.".to_owned(), mend);
        }
        let category = self.category(&written.category)?;
        if written.networks.is_empty() && written.during.is_empty() {
            let sentence = "It names no network and no time.".to_owned();
            let mend = "Write networks or during, or take it out.";
            self.fault(&written.category, "only.networks", sentence, mend);
        }
        let condition = self.condition(&written.networks, &written.during, category)?;
        Some((category, condition))
    }

    fn service(
        &mut self,
        written: &ServiceWritten,
        pack: &str,
        general: Option<Category>,
        confidence: Confidence,
    ) -> Option<RuleRead> {
        let key = "service.names";
        let mut names = self.names(&written.names, key);
        if written.names.is_empty() {
            self.fault(&written.name, key, "It has no names.".into(), "Write at least one.");
        }
        if !written.public_suffix {
            names = self.sites(names, key, "the rule would speak on all");
        }
        let except = self.names(&written.except, "service.except");
        let except = except.into_iter().map(|name| name.value).collect();
        let confidence = match written.confidence.as_ref() {
            None => confidence,
            Some(word) => self.confidence(word, confidence),
        };
        let category = self.category_or(written.category.as_ref(), general, &written.name)?;
        let title = self.title(&written.name);
        let id = format!("{}/{pack}/{}", category.code().to_ascii_lowercase(), slug(&title));
        let id = self.unique(&id, &written.name, "service.name")?;
        let condition = self.condition(&written.networks, &written.during, category);
        Some(RuleRead {
            id,
            category,
            confidence,
            title,
            trigger: Trigger::Names { names, except },
            condition,
        })
    }

    /// What a service is called stands in a sentence that people read.
    fn title(&mut self, written: &Spanned<String>) -> String {
        let title = written.as_ref().trim().to_owned();
        let mut words = title.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        let said = match words.find(|word| names_who_somebody_is(word)) {
            Some(word) => format!("“{word}” says who somebody is, not what a site does."),
            None if title.chars().any(char::is_control) || title.contains(". ") => {
                "It is no short name, and it stands within a sentence.".to_owned()
            }
            None => return title,
        };
        let mend = "Call it in a few words by its own name, or by what it offers.";
        self.fault(written, "service.name", said, mend);
        title
    }

    fn words(
        &mut self,
        written: &WordsWritten,
        pack: &str,
        general: Option<Category>,
        silencing: &[String],
        rules: &mut Vec<RuleRead>,
    ) {
        let not_on: Vec<HostName> = self
            .names(&written.not_on, "words.not_on")
            .into_iter()
            .map(|name| name.value)
            .collect();
        let mut not_with = self.silencing(&written.not_with, "words.not_with");
        not_with.extend_from_slice(silencing);
        not_with.sort_unstable();
        not_with.dedup();
        for any in &written.any {
            let category = self.category_or(written.category.as_ref(), general, any);
            let all = self.compound(any, written);
            let (Some(category), Some(all)) = (category, all) else { continue };
            let title = all.join("+");
            let id = format!("{}/{pack}/words/{title}", category.code().to_ascii_lowercase());
            let Some(id) = self.unique(&id, any, "words.any") else { continue };
            let trigger = Trigger::Words {
                all,
                standing: Standing {
                    whole_label: written.whole_label,
                    among_unknown: written.among_unknown,
                    own_name: written.own_name,
                },
                not_with: not_with.clone(),
                not_on: not_on.clone(),
            };
            let condition = self.condition(&written.networks, &written.during, category);
            let confidence = Confidence::Keyword;
            rules.push(RuleRead { id, category, confidence, title, trigger, condition });
        }
    }

    /// Words beside which others say nothing. One that no name can hold would silence nothing.
    fn silencing(&mut self, written: &[Spanned<String>], key: &'static str) -> Vec<String> {
        let mut words = Vec::with_capacity(written.len());
        for one in written {
            let word = one.as_ref().trim().to_lowercase();
            match is_plain(&word) {
                true => words.push(word),
                false => {
                    let sentence = format!("“{word}” is no word, so it would silence nothing.");
                    self.fault(one, key, sentence, "Write letters only, one word at a time.");
                }
            }
        }
        words
    }

    /// Reads `casino` or `free+slots`; refuses words that say who somebody is, and words
    /// so short that they stand in names by chance.
    fn compound(&mut self, written: &Spanned<String>, rule: &WordsWritten) -> Option<Vec<String>> {
        let key = "words.any";
        let text = written.as_ref().trim().to_lowercase();
        let words: Vec<String> = text.split('+').map(str::to_owned).collect();
        if words.len() > MOST_WORDS || !words.iter().all(|word| is_plain(word)) {
            self.fault(
                written,
                key,
                format!("“{text}” is no word."),
                "Write letters only, or up to four words joined by +.",
            );
            return None;
        }
        let parted = parts_say_who_somebody_is(&words).then_some(&text);
        let who = words.iter().find(|word| names_who_somebody_is(word)).or(parted);
        if let Some(word) = who {
            self.fault(
                written,
                key,
                format!("“{word}” says who somebody is, not what a site does."),
                "Leave it out: faith, origin, sexuality, gender and disability trigger nothing.",
            );
            return None;
        }
        if is_a_helplines_name(&words.concat()) {
            self.fault(
                written,
                key,
                format!("“{text}” is the name of a place of help."),
                "Leave it out: whoever looks for help is never watched.",
            );
            return None;
        }
        let shortest = match (rule.whole_label, rule.own_name) {
            (true, _) => 0,
            (false, true) => SHORTEST_OWN_WORD,
            (false, false) => SHORTEST_WORD,
        };
        if let [only] = words.as_slice()
            && only.len() < shortest
        {
            self.fault(
                written,
                key,
                format!("“{only}” is so short that it stands in names by chance."),
                "Join it with a second word by +, or set whole_label or own_name.",
            );
            return None;
        }
        Some(words)
    }

    fn condition(
        &mut self,
        networks: &[Spanned<String>],
        during: &[Spanned<String>],
        category: Category,
    ) -> Option<Condition> {
        Condition::read(networks, during, category, self.source, self.diagnostics)
    }

    fn unique(&mut self, id: &str, place: &Spanned<String>, key: &str) -> Option<RuleId> {
        let id = RuleId::new(id);
        if self.ids.insert(id.clone()) {
            return Some(id);
        }
        let sentence = format!("There are two rules “{}”.", id.as_str());
        self.fault(place, key, sentence, "Put their names into one rule, or rename one.");
        None
    }

    fn names(&mut self, written: &[Spanned<String>], key: &str) -> Vec<Placed<HostName>> {
        let mut names = Vec::with_capacity(written.len());
        for name in written {
            match host_name(name.as_ref()) {
                Ok(value) => names.push(Placed { value, span: name.span() }),
                Err(no) => {
                    self.fault(name, key, format!("“{}”: {}", name.as_ref(), no.sentence), &no.mend)
                }
            }
        }
        names
    }

    /// Without those names that are a whole ending, no site: one line would speak, or be
    /// silent, on millions.
    fn sites(
        &mut self,
        mut names: Vec<Placed<HostName>>,
        key: &str,
        what: &str,
    ) -> Vec<Placed<HostName>> {
        names.retain(|name| {
            let text = name.value.as_str();
            let is_site = psl::suffix_str(text) != Some(text)
                || !psl::suffix(text.as_bytes()).is_some_and(is_ending)
                || PUBLIC_BODIES.contains(&text);
            if !is_site {
                let sentence = format!("“{text}” is an ending that many sites share: {what}.");
                self.fault_at(name.span.clone(), key, sentence, "Write the site's whole name.");
            }
            is_site
        });
        names
    }

    fn category_or(
        &mut self,
        own: Option<&Spanned<String>>,
        general: Option<Category>,
        place: &Spanned<String>,
    ) -> Option<Category> {
        match own {
            Some(code) => self.category(code),
            None if general.is_some() => general,
            None => {
                let sentence = "No category is written, here or for the whole pack.".to_owned();
                self.fault(place, "category", sentence, "Write one, as in category = \"C14\".");
                None
            }
        }
    }

    fn category(&mut self, code: &Spanned<String>) -> Option<Category> {
        let text = code.as_ref().trim();
        let read = text.parse().ok();
        if read.is_none() {
            let split = format!("{text}a").parse::<Category>().is_ok();
            let mend = match split {
                true => format!("It is two: write {text}a or {text}b."),
                false => "Write one of C01 to C32, as in \"C14\".".to_owned(),
            };
            self.fault(code, "category", format!("“{text}” is no category."), &mend);
        }
        read
    }

    fn confidence(&mut self, word: &Spanned<String>, most: Confidence) -> Confidence {
        match word.as_ref().parse::<Confidence>() {
            Ok(read @ (Confidence::Listed | Confidence::Curated)) => read.min(most),
            _ => {
                let sentence = format!("“{}” is no confidence of a name.", word.as_ref());
                self.fault(word, "service.confidence", sentence, "Write listed or leave it out.");
                most
            }
        }
    }

    fn fault(&mut self, place: &Spanned<String>, key: &str, sentence: String, mend: &str) {
        self.fault_at(place.span(), key, sentence, mend);
    }

    fn fault_at(&mut self, span: Range<usize>, key: &str, sentence: String, mend: &str) {
        let fault = Fault { span: Some(span), key: key.into(), sentence, mend: mend.into() };
        self.diagnostics.push(fault.locate(&self.source.file, &self.source.text));
    }

    fn note(&mut self, place: &Spanned<String>, key: &str, sentence: &str, mend: &str) {
        self.fault(place, key, sentence.to_owned(), mend);
        if let Some(last) = self.diagnostics.last_mut() {
            last.gravity = Gravity::Note;
        }
    }
}

/// Whether the public suffix is an official ending, not a host that lends names.
fn is_ending(suffix: psl::Suffix<'_>) -> bool {
    suffix.typ() != Some(psl::Type::Private)
}

/// Small letters, digits and single hyphens.
fn slug(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    for letter in title.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.trim_end_matches('-').to_owned()
}
