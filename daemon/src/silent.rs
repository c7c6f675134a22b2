//! Names of which the rules said nothing a moment ago: a question, its answer and the hello
//! behind it have one name, and are judged once.
//!
//! No name is kept, only a print of it under a key of this start, and of a protected name or
//! one that a rule speaks to not even that. Another generation of rules is asked anew.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use facts::Name;

/// Prints that are kept, 128 KiB of them: most of what a school asks for it has asked for
/// before, and a look at one of these costs a tenth of what asking the rules does.
const PLACES: usize = 16_384;

/// What was found of a name.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(crate) enum Silence {
    /// No rule speaks of it.
    OfRules = 1,
    /// It is not protected, whatever rules say.
    OfProtection = 2,
}

const FLAGS: u64 = 3;

/// Prints of names of which nothing is said, each with what that was.
pub(crate) struct Silent {
    /// Each print has one place, where the newest stands; nought is none.
    places: Box<[u64]>,
    key: RandomState,
    generation: Option<u64>,
}

/// A print of a name, its lowest bits free.
#[derive(Clone, Copy)]
pub(crate) struct Print(u64);

impl Default for Silent {
    fn default() -> Self {
        Self { places: vec![0; PLACES].into(), key: RandomState::new(), generation: None }
    }
}

impl Silent {
    /// The print of a name that the rules of this generation are asked about.
    pub(crate) fn print(&mut self, name: Name<'_>, generation: u64) -> Print {
        if self.generation != Some(generation) {
            self.generation = Some(generation);
            self.places.fill(0);
        }
        Print(self.key.hash_one(name.as_str()) & !FLAGS)
    }

    /// Whether this was found of the name before.
    pub(crate) fn is(&self, print: Print, silence: Silence) -> bool {
        let found = self.places.get(place_of(print)).copied().unwrap_or_default();
        found & !FLAGS == print.0 && found & silence as u64 != 0
    }

    /// Notes that it was found.
    pub(crate) fn note(&mut self, print: Print, silence: Silence) {
        let Some(place) = self.places.get_mut(place_of(print)) else { return };
        let known = if *place & !FLAGS == print.0 { *place } else { print.0 };
        *place = known | silence as u64;
    }
}

fn place_of(print: Print) -> usize {
    let [high, low, ..] = print.0.to_be_bytes();
    usize::from(u16::from_be_bytes([high, low])) % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_holds_for_its_name_its_question_and_its_generation() {
        let name = |text| Name::from_canonical(text).expect("a name");
        let mut silent = Silent::default();
        let print = silent.print(name("a.example"), 1);
        assert!(!silent.is(print, Silence::OfRules));
        silent.note(print, Silence::OfRules);
        assert!(silent.is(print, Silence::OfRules) && !silent.is(print, Silence::OfProtection));
        silent.note(print, Silence::OfProtection);
        assert!(silent.is(print, Silence::OfRules) && silent.is(print, Silence::OfProtection));
        let other = silent.print(name("b.example"), 1);
        assert!(!silent.is(other, Silence::OfRules));
        let later = silent.print(name("a.example"), 2);
        assert!(!silent.is(later, Silence::OfRules), "another set may speak");
    }

    #[test]
    fn of_many_names_each_is_answered_for_itself() {
        let mut silent = Silent::default();
        for number in 0..50_000_u32 {
            let text = format!("name-{number}.example");
            let print = silent.print(Name::from_canonical(&text).expect("a name"), 1);
            assert!(!silent.is(print, Silence::OfRules), "{text}");
            silent.note(print, Silence::OfRules);
            assert!(silent.is(print, Silence::OfRules));
        }
    }
}
