//! What the subject of a case is for the question of who may be told.

use std::collections::BTreeSet;

use facts::{Answer, Candidate, Category, Duty, PersonId, Role};

use super::people::People;

/// What one candidate is. The later, the more protected the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// A child, or an account that children share.
    Child,
    /// A guest or hirer, of whom nothing more is known.
    Guest,
    /// Any adult who works or helps at the school.
    Adult,
    /// The Chair of Governors.
    Chair,
    /// The Headteacher, or an account that the Headteacher too can use.
    Headteacher,
}

/// Everybody whom a case may be about.
///
/// No standing at all means that nobody is known to have been logged in: whoever it was
/// may be a child.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    standings: BTreeSet<Standing>,
    /// Whether an adult or guest is among them whose login was heard from both sides.
    has_sure_adult: bool,
    /// The subject and whoever declared a conflict: they leave every duty they hold.
    excluded: BTreeSet<PersonId>,
}

impl Subject {
    /// Reads an answer with the eyes of routing.
    #[must_use]
    pub fn of(answer: &Answer, people: &People) -> Self {
        let candidates = answer.candidates();
        let mut standings = BTreeSet::new();
        let mut has_sure_adult = false;
        let mut persons = BTreeSet::new();
        for candidate in candidates {
            let behind = people.behind(candidate);
            let of = standings_of(candidate, &behind, people);
            let is_adult = of.iter().any(|standing| *standing != Standing::Child);
            has_sure_adult |= is_adult && !candidate.one_sided;
            standings.extend(of);
            persons.extend(behind);
        }
        // Whoever else it was may be a child.
        if answer.leaves_open() && !candidates.is_empty() {
            standings.insert(Standing::Child);
        }
        let mut excluded = people.in_conflict(&persons, candidates);
        excluded.extend(persons);
        Self { standings, has_sure_adult, excluded }
    }

    /// Whether this person may not be told.
    #[must_use]
    pub fn excludes(&self, person: &PersonId) -> bool {
        self.excluded.contains(person)
    }

    /// Takes in that somebody else may be meant too: they too may not be told.
    pub fn take_in(&mut self, other: Self) {
        self.standings.extend(other.standings);
        self.has_sure_adult |= other.has_sure_adult;
        self.excluded.extend(other.excluded);
    }

    /// Whether a child may be behind it.
    #[must_use]
    pub fn may_be_child(&self) -> bool {
        self.standings.is_empty() || self.standings.contains(&Standing::Child)
    }

    /// Whether the adults among the candidates are there by one side of a login alone, which
    /// any device can send: whoever looks after a child must hear of it all the same.
    #[must_use]
    pub fn may_be_made_up(&self) -> bool {
        !self.has_sure_adult && self.most_protected_adult().is_some()
    }

    /// The most protected adult or guest among the candidates.
    #[must_use]
    pub fn most_protected_adult(&self) -> Option<Standing> {
        self.standings.iter().copied().rfind(|standing| *standing != Standing::Child)
    }
}

/// An account that the directory does not hold may be a child's or an adult's.
fn standings_of(
    candidate: &Candidate,
    behind: &BTreeSet<PersonId>,
    people: &People,
) -> Vec<Standing> {
    let holds = |duty| {
        candidate.duties.contains(&duty)
            || behind
                .iter()
                .filter_map(|id| people.person(id))
                .any(|person| person.duties.contains(&duty))
    };
    if candidate.role == Some(Role::Admin) || holds(Duty::Headteacher) {
        return vec![Standing::Headteacher];
    }
    if holds(Duty::Chair) {
        return vec![Standing::Chair];
    }
    if !behind.is_empty() || !candidate.duties.is_empty() {
        return vec![Standing::Adult];
    }
    match candidate.role {
        Some(Role::Guest) => vec![Standing::Guest],
        Some(role) if role.is_adults() => vec![Standing::Adult],
        Some(_) => vec![Standing::Child],
        None => vec![Standing::Child, Standing::Adult],
    }
}

/// Whether a theme is about a child's welfare: harm to self, contact, exploitation and
/// illegal material (VOICES.md 4.6). Where a child and an adult may both have been the
/// user, such a theme has two views; any other goes the most protected way.
///
/// Adult dating counts as contact: a child there meets strangers, whoever else it was.
#[must_use]
pub const fn is_welfare(category: Category) -> bool {
    matches!(
        category,
        Category::C01
            | Category::C02
            | Category::C03
            | Category::C04
            | Category::C05a
            | Category::C05b
            | Category::C06a
            | Category::C06b
            | Category::C07
            | Category::C09a
            | Category::C10a
            | Category::C13
            | Category::C25
            | Category::C29
            | Category::C32
    )
}
