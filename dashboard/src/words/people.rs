//! Colleagues as pages name them: by duty on the today page, by name behind a case.

use facts::{Duty, Person, PersonId, View};

use super::shown;

/// What people say for a duty.
pub(crate) const fn duty(duty: Duty) -> &'static str {
    match duty {
        Duty::Lead => "the lead",
        Duty::Deputy => "the deputy",
        Duty::Headteacher => "the Headteacher",
        Duty::ActingHead => "the acting head",
        Duty::Chair => "the Chair",
        Duty::ViceChair => "the Vice-Chair",
        Duty::Outside => "the safeguarding lead outside the school",
        Duty::Governor => "the governor",
        Duty::SafetyLead => "the online safety lead",
        Duty::Technician => "the technician",
    }
}

/// Several as people say them: `you, A and B`.
pub(crate) fn listed(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// Names colleagues for one reader.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub people: &'a [Person],
    pub reader: &'a PersonId,
}

impl Names<'_> {
    /// `you`, or the duty: `the deputy`.
    pub(crate) fn by_duty(&self, person: &PersonId) -> String {
        if person == self.reader {
            return "you".into();
        }
        let first = self.find(person).and_then(|person| person.duties.first());
        first.map_or("a colleague", |first| duty(*first)).to_owned()
    }

    /// `you`, or name and duty: `R. Ash, the deputy`.
    pub(crate) fn by_name(&self, person: &PersonId) -> String {
        if person == self.reader {
            return "you".into();
        }
        match self.find(person) {
            Some(found) => self.in_a_list(found),
            None => shown(person.as_str()),
        }
    }

    /// For a reader who sees a part: `you`, or a colleague without name and duty. Who else
    /// sees the part, and who does not, would say whom the rest is about.
    pub(crate) fn by_view(&self, person: &PersonId, view: View) -> String {
        match view {
            View::ChildPart if person != self.reader => "a colleague".into(),
            View::ChildPart | View::Whole => self.by_name(person),
        }
    }

    /// Name and duty within a sentence: `R. Ash (the deputy)`.
    pub(crate) fn in_a_sentence(&self, person: &PersonId) -> String {
        let Some(found) = self.find(person) else { return shown(person.as_str()) };
        let name = shown(&found.display);
        found
            .duties
            .first()
            .map_or_else(|| name.clone(), |held| format!("{name} ({})", duty(*held)))
    }

    /// Name and duty, whoever reads.
    pub(crate) fn in_a_list(&self, person: &Person) -> String {
        let name = shown(&person.display);
        person
            .duties
            .first()
            .map_or_else(|| name.clone(), |first| format!("{name}, {}", duty(*first)))
    }

    fn find(&self, person: &PersonId) -> Option<&Person> {
        self.people.iter().find(|known| known.id == *person)
    }
}
