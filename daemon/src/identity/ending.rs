//! Ends of keyed sessions, and what an end that another account is told of makes doubtful.

use std::collections::BTreeMap;

use facts::{Span, Timestamp};

use super::event::{Deed, Key, When};
use super::session::{Act, Stay};

/// Ends of keyed sessions.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    /// Closings by key.
    pub closings: BTreeMap<Key, Vec<End>>,
    /// Restarts by reporter.
    pub resets: BTreeMap<Box<str>, Vec<When>>,
}

/// The end of a keyed session, its account resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    /// When it was told to have ended.
    pub when: When,
    /// How much earlier the person may have gone.
    pub lag: Span,
    /// Whose session the source says it was.
    pub by: By,
    /// Whether it was told of another device: where the person was until then it does not say.
    pub is_elsewhere: bool,
}

/// Whose session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// The source does not say.
    Untold,
    /// A computer's.
    Machine,
    /// This account's.
    Account(usize),
}

impl End {
    /// Whether it can be the end of this account's session: nothing speaks against it.
    pub(super) fn is_of(&self, account: Option<usize>) -> bool {
        match (self.by, account) {
            (By::Untold, _) | (By::Account(_), None) => true,
            (By::Machine, account) => account.is_none(),
            (By::Account(by), Some(account)) => by == account,
        }
    }
}

/// Ends that were told of somebody else than the one who had opened the session last, each
/// with that login. What comes later than a session can live is told of another one.
pub(super) fn contradictions<'a>(
    begins: &[&'a Act],
    ends: &Ends,
    session_cap: Span,
) -> Vec<(&'a Act, End)> {
    let mut found = Vec::new();
    for (key, closings) in &ends.closings {
        let opens = |act: &&Act| act.is_whole() && act.deed.key() == Some(key);
        let of_key: Vec<&Act> = begins.iter().copied().filter(opens).collect();
        for end in closings {
            let is_before = |act: &&&Act| {
                act.when.at <= end.when.at && end.when.at.since(act.when.at) <= session_cap
            };
            let before = || of_key.iter().filter(is_before);
            let last = before().map(|act| act.when).max();
            let openers = before().filter(|act| Some(act.when) == last && !end.is_of(act.account));
            found.extend(openers.map(|act| (*act, *end)));
        }
    }
    found
}

/// The account of which a session's end was told that another had opened: it may have been
/// there from the beginning.
pub(super) fn stranger((opener, end): &(&Act, End)) -> Option<Stay> {
    let By::Account(account) = end.by else { return None };
    Some(Stay {
        account: Some(account),
        told_from: opener.when.at,
        may: (opener.when.earliest, end.when.latest),
        must: None,
        proofs: Vec::new(),
        sure_until: opener.when.earliest,
        opened: false,
        doubt: opener.doubt(),
    })
}

/// The first closing of the same key at or after the login.
pub(super) fn closing(begin: &Act, ends: &Ends) -> Option<End> {
    let closings = ends.closings.get(begin.deed.key()?)?.iter();
    let own = closings.filter(|c| c.when.at > begin.when.at && c.is_of(begin.account));
    own.min_by_key(|c| (c.when.at, **c)).copied()
}

/// From when on something speaks against a login, though nothing ended it: its account is
/// told to have gone, or the end of its session is told of somebody else.
pub(super) fn doubted_from(begin: &Act, acts: &[Act], contradictions: &[(&Act, End)]) -> Timestamp {
    let gone = acts.iter().filter(|act| {
        matches!(act.deed, Deed::Left(_))
            && act.account.is_some()
            && act.account == begin.account
            && !begin.when.surely_after(act.when)
    });
    let others = contradictions.iter().filter(|(opener, end)| {
        opener.account == begin.account
            && opener.deed.key() == begin.deed.key()
            && end.when.at >= begin.when.at
    });
    let gone = gone.map(|act| act.when.earliest);
    let others = others.map(|(_, end)| end.when.earliest);
    gone.chain(others).min().unwrap_or(Timestamp::MAX)
}

/// The first restart of the reporter after the login.
pub(super) fn reset(begin: &Act, ends: &Ends) -> Option<When> {
    let Key::Radius { nas, .. } = begin.deed.key()? else { return None };
    let resets = ends.resets.get(nas)?.iter();
    resets.filter(|when| when.at > begin.when.at).min_by_key(|when| (when.at, **when)).copied()
}

/// The moment at which a closing shows that the person was still there.
pub(super) fn last_seen(closing: &End) -> When {
    When { earliest: closing.when.earliest - closing.lag, ..closing.when }
}
