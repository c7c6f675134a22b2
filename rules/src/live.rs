//! The set in use: asked by many, replaced whole by one.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use crate::keywords;
use crate::set::RuleSet;

/// Holds the rule set in use. Whoever asks keeps one set for one name, so each name is
/// judged by exactly one generation.
#[derive(Debug)]
pub struct Live {
    current: ArcSwap<RuleSet>,
}

impl Live {
    /// Begins with a set. Whatever its first answer would wait for is read here, once in a
    /// process; who only asks a [`RuleSet`] what is protected never needs it.
    #[must_use]
    pub fn new(set: RuleSet) -> Self {
        keywords::prepare();
        Self { current: ArcSwap::from_pointee(set) }
    }

    /// The set in use, without a lock: for a thread that asks for each name.
    #[must_use]
    pub fn current(&self) -> Guard<Arc<RuleSet>> {
        self.current.load()
    }

    /// The set in use, to be kept for longer.
    #[must_use]
    pub fn snapshot(&self) -> Arc<RuleSet> {
        self.current.load_full()
    }

    /// Puts a new set in use and returns its generation. Called by one thread only.
    pub fn replace(&self, mut set: RuleSet) -> u64 {
        let generation = self.current.load().generation().saturating_add(1);
        set.generation = generation;
        self.current.store(Arc::new(set));
        generation
    }
}
