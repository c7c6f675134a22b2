//! Whether names are protected: a question, its answer and the hello after it have one name,
//! and each would be looked through for what is protected.

use facts::Name;

use crate::silent::{Silence, Silent};

/// Whether names are protected, for as long as the rules stay the same.
pub(super) struct Verdicts<'a> {
    decide: &'a dyn Fn(Name<'_>) -> bool,
    silent: Silent,
}

impl<'a> Verdicts<'a> {
    pub(super) fn new(decide: &'a dyn Fn(Name<'_>) -> bool) -> Self {
        Self { decide, silent: Silent::default() }
    }

    /// Whether a name is protected.
    pub(super) fn of(&mut self, name: Name<'_>) -> bool {
        let print = self.silent.print(name, 0);
        if self.silent.is(print, Silence::OfProtection) {
            return false;
        }
        let is_protected = (self.decide)(name);
        if !is_protected {
            self.silent.note(print, Silence::OfProtection);
        }
        is_protected
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_verdict_is_the_rules_own_and_of_most_names_asked_for_once() {
        let asked = Cell::new(0);
        let decide = |name: Name<'_>| {
            asked.set(asked.get() + 1);
            name.as_str().ends_with("7.example")
        };
        let mut verdicts = Verdicts::new(&decide);
        let names: Vec<_> = (0..20_000).map(|number| format!("name-{number}.example")).collect();
        for name in &names {
            let read = Name::from_canonical(name).unwrap();
            for _ in 0..3 {
                assert_eq!(verdicts.of(read), name.ends_with("7.example"));
            }
        }
        // Of what is protected nothing is kept.
        assert_eq!(asked.get(), 18_000 + 3 * 2_000);
        // What another took the place of is decided anew.
        assert!(verdicts.of(Name::from_canonical("name-7.example").unwrap()));
    }
}
