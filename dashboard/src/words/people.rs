//! Colleagues as pages name them: by duty on the today page, by name behind a case.

use facts::{Duty, Person, PersonId};

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
