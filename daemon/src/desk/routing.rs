//! Who is told: from the subject of a case to distinct persons in order, and to seats.

use std::collections::BTreeSet;

use facts::{Category, Duty, PersonId, View};

use super::people::{GuestLine, People};
use super::subject::{Standing, Subject, is_welfare};

/// The way of one case. Its parts have no person in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    parts: Vec<Part>,
}

/// One view of a case and the people who are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What these people see.
    pub view: View,
    /// How their letters climb.
    pub pace: Pace,
    /// Distinct persons in the order in which they are told; never empty.
    pub line: Vec<Called>,
}

/// A person in a line, with the duty under which they are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub duty: Duty,
    /// Whether they may open the case before they are told of it: those who look after
    /// children together, and whoever comes first. Everybody else is seated when told.
    pub seated: bool,
}

/// How letters climb along a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pace {
    /// For children: two people at once, then one more at each step.
    Children,
    /// For adults: one alone, then one more at each step.
    Adults,
    /// For the Headteacher: one alone, and an hour until the next.
    Governors,
}

impl Route {
    /// Finds the way of a case: DESIGN.md, "Who is told".
    ///
    /// The subject and declared conflicts leave every duty they hold; a person with many
    /// duties stands once; a technician never; nobody is never the answer.
    #[must_use]
    pub fn of(subject: &Subject, category: Category, people: &People) -> Self {
        Self::with_welfare(subject, is_welfare(category), people)
    }

    /// The same, where it is known whether a child who may have been the user is looked
    /// after apart from the adult: by the theme, or because somebody passed that part on. So
    /// is any child where the adult may be somebody's making.
    #[must_use]
    pub fn with_welfare(subject: &Subject, welfare: bool, people: &People) -> Self {
        let called = Calling { subject, people };
        let Some(adult) = subject.most_protected_adult() else {
            return Self { parts: vec![called.children(&BTreeSet::new())] };
        };
        let guest_is_child = adult == Standing::Guest && people.guests() == GuestLine::Lead;
        if guest_is_child {
            return Self { parts: vec![called.children(&BTreeSet::new())] };
        }
        let whole = called.adults(adult);
        let looked_after = whole.line.first().is_some_and(|first| called.leads(&first.person));
        let apart = welfare || subject.may_be_made_up();
        if !subject.may_be_child() || !apart || looked_after {
            return Self { parts: vec![whole] };
        }
        let elsewhere = whole.line.iter().map(|called| called.person.clone()).collect();
        let child = called.children(&elsewhere);
        let parts = if child.line.is_empty() { vec![whole] } else { vec![whole, child] };
        Self { parts }
    }

    /// Its parts: one, or the whole and the child's part.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The part in which a person stands, with their place in its line.
    #[must_use]
    pub fn place(&self, person: &PersonId) -> Option<(&Part, &Called)> {
        self.parts.iter().find_map(|part| {
            let called = part.line.iter().find(|called| called.person == *person)?;
            Some((part, called))
        })
    }
}

/// The subject against the list of people.
struct Calling<'a> {
    subject: &'a Subject,
    people: &'a People,
}

impl Calling<'_> {
    /// A child's line. It never climbs to a governor; it ends outside the school.
    fn children(&self, elsewhere: &BTreeSet<PersonId>) -> Part {
        let inside = [Duty::Lead, Duty::Headteacher, Duty::Deputy, Duty::ActingHead];
        let order = inside.into_iter().chain([Duty::Outside]);
        let view = if elsewhere.is_empty() { View::Whole } else { View::ChildPart };
        let mut line = self.line(order, elsewhere);
        for called in &mut line {
            called.seated |= matches!(called.duty, Duty::Lead | Duty::Headteacher | Duty::Deputy);
        }
        Part { view, pace: Pace::Children, line }
    }

    /// An adult's line: as short as the row of the table says, but never one person only
    /// while somebody else may be told.
    fn adults(&self, standing: Standing) -> Part {
        let (pace, row, rest): (_, &[Duty], &[Duty]) = match standing {
            Standing::Headteacher => {
                (Pace::Governors, &[Duty::Chair, Duty::ViceChair], &[Duty::Outside])
            }
            Standing::Chair => (Pace::Governors, &[Duty::ViceChair], &[Duty::Outside]),
            Standing::Adult | Standing::Guest | Standing::Child => (
                Pace::Adults,
                &[Duty::Headteacher, Duty::ActingHead],
                &[Duty::Chair, Duty::ViceChair, Duty::Outside],
            ),
        };
        let nobody = BTreeSet::new();
        let mut line = self.line(row.iter().copied(), &nobody);
        let spare = self.line(row.iter().chain(rest).copied(), &nobody);
        for called in spare {
            let is_new = line.iter().all(|told| told.person != called.person);
            if line.len() < 2 && is_new {
                line.push(Called { seated: line.is_empty(), ..called });
            }
        }
        Part { view: View::Whole, pace, line }
    }

    fn line(
        &self,
        order: impl Iterator<Item = Duty>,
        elsewhere: &BTreeSet<PersonId>,
    ) -> Vec<Called> {
        let mut told = BTreeSet::new();
        let mut line = Vec::new();
        for duty in order {
            for person in self.people.holding(duty) {
                let is_free = !self.subject.excludes(&person.id)
                    && !elsewhere.contains(&person.id)
                    && !person.duties.contains(&Duty::Technician);
                if is_free && told.insert(person.id.clone()) {
                    let seated = line.is_empty();
                    line.push(Called { person: person.id.clone(), duty, seated });
                }
            }
        }
        line
    }

    fn leads(&self, person: &PersonId) -> bool {
        self.people.person(person).is_some_and(|person| person.duties.contains(&Duty::Lead))
    }
}
