//! Whose matter a case is, as far as its reader may know.

use facts::{Answer, Attribution, Candidate, Role, View};

/// What kind of matter a case is for its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matter {
    /// A child, a class account, a device, nobody known.
    Child,
    /// One adult, or several.
    Adult,
    /// An adult, or a child: the reader holds both parts.
    Either,
    /// The child's part of such a case: no word of the adult.
    ChildPart,
}

impl Matter {
    /// What the case is to a reader with this view.
    pub(crate) fn of(attribution: &Attribution, view: View) -> Self {
        let accounts = attribution.answer.candidates();
        let adults = accounts.iter().filter(|account| may_be_adult(account)).count();
        let may_be_child = attribution.answer.leaves_open() || accounts.iter().any(may_be_a_childs);
        match view {
            View::ChildPart => Self::ChildPart,
            View::Whole if adults == 0 => Self::Child,
            View::Whole if adults == accounts.len() && !may_be_child => Self::Adult,
            View::Whole => Self::Either,
        }
    }

    /// Whether an adult's name may stand on the page, so that lists show the code words
    /// alone.
    pub(crate) const fn may_name_an_adult(self) -> bool {
        matches!(self, Self::Adult | Self::Either)
    }
}

/// The accounts that a reader may be shown, in their own order.
pub(super) fn accounts(answer: &Answer, view: View) -> Vec<&Candidate> {
    let all = answer.candidates().iter();
    match view {
        View::Whole => all.collect(),
        View::ChildPart => all.filter(|account| !may_be_adult(account)).collect(),
    }
}

/// An account that the directory does not hold may be an adult's, and so may one that
/// carries a duty.
fn may_be_adult(account: &Candidate) -> bool {
    !is_listed_child(account) || !account.duties.is_empty()
}

/// Whether a child may be behind an account.
pub(crate) fn may_be_a_childs(account: &Candidate) -> bool {
    account.role.is_none() || is_listed_child(account)
}

/// A program's or a computer's account has nobody behind it, and routing counts it as a
/// child's, whom somebody has to look after.
const fn is_listed_child(account: &Candidate) -> bool {
    matches!(account.role, Some(Role::Pupil | Role::Class | Role::Service | Role::Device))
}
