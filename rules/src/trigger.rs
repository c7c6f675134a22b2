//! One rule as it was read from a pack or a list: what it is called and what sets it off.

use std::ops::Range;

use facts::{Category, Confidence, HostName, RuleId};

use crate::conditions::Condition;
use crate::keywords::Standing;

/// A value with the bytes of its file that it was read from.
#[derive(Clone, Debug)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

/// One rule that was read.
#[derive(Debug)]
pub(crate) struct RuleRead {
    pub(crate) id: RuleId,
    pub(crate) category: Category,
    pub(crate) confidence: Confidence,
    /// What it is called: a service's name, or the words.
    pub(crate) title: String,
    pub(crate) trigger: Trigger,
    /// Where and when alone it speaks.
    pub(crate) condition: Option<Condition>,
}

/// What sets a rule off.
#[derive(Debug)]
pub(crate) enum Trigger {
    /// Names and all names below them.
    Names { names: Vec<Placed<HostName>>, except: Vec<HostName> },
    /// A group of a compiled list: which list, and the group's number in it.
    List { list: usize, group: u8 },
    /// Words in a name.
    Words { all: Vec<String>, standing: Standing, not_with: Vec<String>, not_on: Vec<HostName> },
}
