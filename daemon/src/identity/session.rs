//! When an account could have been, and when it is proven to have been, on one device.
//!
//! Every login makes a *stay* of two half-open intervals. MAY begins at the earliest moment
//! of the login and ends at the latest moment of its end: the closing of its own key, its
//! reporter's restart, a replacement, or the longest life after its last trace. MUST
//! begins at the login's latest moment and ends at the last proof that counts. A clock
//! bound widens MAY and shrinks MUST.
//!
//! A login *replaces* another account's only on a device used by one person at a time,
//! only if it was certainly later, and only if it is a session of a known role or the
//! ticket of a pupil or class: a teacher's ticket may be an elevation beside the pupil, an
//! unknown one an undeclared service. The use of a service never replaces anybody, nor does
//! a wireless start that carries on a session which was open all the while (roaming).
//!
//! A session's end that names another account than its beginning says that two had it: it
//! ends nothing, proves nothing, and makes the other a candidate from the beginning on. A
//! log-out that a file tells ends nobody's MAY without the session's key and proves nothing of
//! the time before, but after it the account is never "likely".
//!
//! A deed of which one side alone was heard could be anybody's making: it makes a candidate who
//! was perhaps there, proves nothing, ends nothing and carries nothing on.
//!
//! A proof no longer counts once the same account logs in again (the time between is not
//! proven), once anybody else has logged in (later use may be saved credentials), or once
//! records were lost. A use without any live login makes a candidate for two minutes.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Exchange, Role, Span, Timestamp};

use super::binding::Placing;
use super::crowd::day_of;
use super::ending::{Ends, closing, contradictions, doubted_from, last_seen, reset, stranger};
use super::event::{Deed, Grade, Key, When};

/// How long a use without a login makes its account a candidate.
const LONE_USE: Span = Span::minutes(2);

/// One deed on the device, its account resolved.
#[derive(Clone, Debug)]
pub(super) struct Act {
    /// When.
    pub when: When,
    /// Which account, as a number of the caller's; none where the name is hidden.
    pub account: Option<usize>,
    /// What the directory says the account is.
    pub role: Option<Role>,
    /// What it did.
    pub deed: Deed,
    /// How sure it is that it was on this device.
    pub placing: Placing,
    /// How much of the exchange that tells it was heard.
    pub exchange: Exchange,
}

/// Why a login may be none of this device's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// It may have been on another computer.
    Place,
    /// One side of it was heard, which anybody could have sent.
    OneSided,
}

impl Act {
    fn is_certain(&self) -> bool {
        self.placing == Placing::Sure && self.is_whole()
    }

    /// Whether both sides of it were heard.
    pub(super) fn is_whole(&self) -> bool {
        self.exchange != Exchange::OneSided
    }

    /// Why it may be none of this device's, and then says nothing of it.
    pub(super) fn doubt(&self) -> Option<Doubt> {
        if !self.is_whole() {
            return Some(Doubt::OneSided);
        }
        (self.placing == Placing::Disputed).then_some(Doubt::Place)
    }
}

/// What holds for the device.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// One person at a time uses it.
    pub one_at_a_time: bool,
    /// UTC days on which many used it at once.
    pub crowded: BTreeSet<i64>,
    /// Moments at which records were lost, ascending.
    pub breaks: Vec<Timestamp>,
    /// Longest life of a session after its last trace.
    pub session_cap: Span,
    /// Longest life of a ticket after its last trace.
    pub ticket_lifetime: Span,
}

/// An account's presence on the device, as far as one login or lone use tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stay {
    /// Which account; none where the name is hidden.
    pub account: Option<usize>,
    /// When it began, by the clock of whoever told it.
    pub told_from: Timestamp,
    /// It could have been there: from, and until before.
    pub may: (Timestamp, Timestamp),
    /// It is proven to have been there: from, and until before.
    pub must: Option<(Timestamp, Timestamp)>,
    /// The proofs that count for how fresh the knowledge is.
    pub proofs: Vec<When>,
    /// Before this it had surely not ended; after it nobody is "likely" by it.
    pub sure_until: Timestamp,
    /// Whether a login was seen; else only the use of a service.
    pub opened: bool,
    /// Why it may be none of this device's.
    pub doubt: Option<Doubt>,
}

impl Stay {
    /// Whether the account could have been there.
    pub(super) fn may_hold(&self, at: Timestamp) -> bool {
        self.may.0 <= at && at < self.may.1
    }

    /// Whether the account is proven to have been there.
    pub(super) fn must_hold(&self, at: Timestamp) -> bool {
        self.must.is_some_and(|(from, until)| from <= at && at < until)
    }
}

/// All stays on a device. Expects the acts ordered by `when`.
pub(super) fn stays(acts: &[Act], ends: &Ends, rules: &Rules) -> Vec<Stay> {
    let kinds = kinds(acts, ends, rules);
    let begins: Vec<&Act> =
        acts.iter().zip(&kinds).filter(|(_, kind)| **kind == Kind::Begin).map(|(a, _)| a).collect();
    let mut touches: BTreeMap<usize, Vec<Touch<'_>>> = BTreeMap::new();
    for (act, _) in acts.iter().zip(&kinds).filter(|(_, kind)| **kind == Kind::Touch) {
        if let Some(account) = act.account {
            touches.entry(account).or_default().push(Touch { act, attached: false });
        }
    }
    let contradictions = contradictions(&begins, ends, rules.session_cap);
    let mut found = Vec::with_capacity(begins.len());
    for begin in &begins {
        let own = begin.account.and_then(|account| touches.get_mut(&account));
        let own = own.map_or(&mut [][..], Vec::as_mut_slice);
        let stay = stay(begin, &begins, acts, own, ends, rules);
        let doubted = doubted_from(begin, acts, &contradictions);
        found.push(Stay { sure_until: stay.sure_until.min(doubted), ..stay });
    }
    let lone = touches.values().flatten().filter(|touch| !touch.attached);
    found.extend(lone.map(|touch| lone_use(touch.act)));
    found.extend(contradictions.iter().filter_map(stranger));
    found
}

/// What a deed is on this device's timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It begins a stay.
    Begin,
    /// It is a trace of a stay, or of nothing.
    Touch,
    /// It came after its session's end.
    Stale,
}

struct Touch<'a> {
    act: &'a Act,
    attached: bool,
}

fn kinds(acts: &[Act], ends: &Ends, rules: &Rules) -> Vec<Kind> {
    let mut order: Vec<usize> = (0..acts.len()).collect();
    order.sort_by_key(|&index| {
        let act = &acts[index];
        (act.when.at, matches!(act.deed, Deed::Keep(_)), index)
    });
    let mut last_trace: BTreeMap<(Option<usize>, &Key), Timestamp> = BTreeMap::new();
    let mut last_open: BTreeMap<(Option<usize>, &Key), Timestamp> = BTreeMap::new();
    let mut kinds = vec![Kind::Touch; acts.len()];
    for index in order {
        let act = &acts[index];
        let at = act.when.at;
        kinds[index] = match &act.deed {
            Deed::Open(_, key) => {
                if let Some(key) = key.as_ref().filter(|_| act.is_whole()) {
                    last_trace.insert((act.account, key), at);
                    last_open.insert((act.account, key), at);
                }
                Kind::Begin
            }
            Deed::Keep(key) => {
                let open = last_open.get(&(act.account, key)).copied();
                let before = last_trace.get(&(act.account, key)).copied();
                if act.is_whole() {
                    last_trace.insert((act.account, key), at);
                }
                let closings = ends.closings.get(key).into_iter().flatten();
                let closed = closings
                    .filter(|closing| closing.is_of(act.account))
                    .map(|closing| closing.when.at)
                    .filter(|&closed| closed <= at && at.since(closed) <= rules.session_cap)
                    .max();
                match (closed, before) {
                    (Some(closed), _) if open.is_some_and(|open| open >= closed) => Kind::Touch,
                    (Some(_), _) => Kind::Stale,
                    (None, Some(before)) if at.since(before) <= rules.session_cap => Kind::Touch,
                    (None, _) => Kind::Begin,
                }
            }
            // That somebody went proves nothing of where they were until then.
            Deed::Left(_) => Kind::Stale,
            Deed::Lock(_) | Deed::Unlock(_) | Deed::Use => Kind::Touch,
        };
        // Nobody's trace can be joined to a login without a name.
        if act.account.is_none() && kinds[index] == Kind::Touch {
            kinds[index] = Kind::Stale;
        }
    }
    kinds
}

fn stay(
    begin: &Act,
    begins: &[&Act],
    acts: &[Act],
    touches: &mut [Touch<'_>],
    ends: &Ends,
    rules: &Rules,
) -> Stay {
    let closing = closing(begin, ends);
    let reset = reset(begin, ends);
    let replaced = replacement(begin, begins, acts, ends, rules);
    let hard_end = [closing.map(|c| c.when), reset, replaced].into_iter().flatten();
    let hard_end = hard_end.map(|when| when.latest).min().unwrap_or(Timestamp::MAX);
    let life = match &begin.deed {
        Deed::Open(Grade::Ticket, _) => rules.ticket_lifetime,
        _ => rules.session_cap,
    };
    let sure_end = [closing.map(|c| c.when), reset]
        .into_iter()
        .flatten()
        .map(|when| when.earliest)
        .chain(earliest_replacement(begin, begins, rules))
        .min()
        .unwrap_or(Timestamp::MAX);
    let (reach, traces) = follow(begin, touches, life, hard_end, sure_end);
    let (sure_reach, traces) = surely_alive(begin, traces, life);
    let is_traced = traces.iter().any(|trace| trace.latest < sure_end);
    let (from, limit) = proof_limit(begin, begins);
    let mut proofs = Vec::new();
    if begin.is_certain() {
        proofs.push(begin.when);
        let own_end = closing.map_or(Timestamp::MAX, |c| c.when.earliest);
        let restart = reset.map_or(Timestamp::MAX, |when| when.earliest);
        let until = limit.min(own_end).min(restart);
        proofs.extend(traces.into_iter().filter(|trace| trace.latest < until));
        proofs.extend(
            closing
                .filter(|c| !c.is_elsewhere)
                .map(|c| last_seen(&c))
                .filter(|proof| proof.latest < limit.min(restart).min(sure_reach)),
        );
    }
    let lost = rules.breaks.iter().copied().find(|&lost| lost >= begin.when.earliest);
    let lost = lost.unwrap_or(Timestamp::MAX);
    let proven = proofs.iter().filter(|proof| proof.latest < lost).map(|p| p.earliest).max();
    Stay {
        account: begin.account,
        told_from: begin.when.at,
        may: (begin.when.earliest, hard_end.min(reach)),
        must: proven.filter(|&until| from < until).map(|until| (from, until)),
        proofs,
        sure_until: sure_end.min(sure_reach),
        opened: true,
        // Traces that were surely on this device settle where it was, not whether it was.
        doubt: begin.doubt().filter(|doubt| *doubt == Doubt::OneSided || !is_traced),
    }
}

fn lone_use(act: &Act) -> Stay {
    Stay {
        account: act.account,
        told_from: act.when.at,
        may: (act.when.earliest, act.when.latest + LONE_USE),
        must: None,
        proofs: if act.is_certain() { vec![act.when] } else { Vec::new() },
        sure_until: act.when.earliest,
        opened: false,
        doubt: act.doubt(),
    }
}

/// The first login by somebody else that ends this one.
fn replacement(
    begin: &Act,
    begins: &[&Act],
    acts: &[Act],
    ends: &Ends,
    rules: &Rules,
) -> Option<When> {
    if !rules.one_at_a_time {
        return None;
    }
    let after = begins.partition_point(|other| other.when.latest <= begin.when.latest);
    let replaces = |other: &&&Act| {
        other.account != begin.account
            && other.when.surely_after(begin.when)
            && may_replace(other)
            && !rules.crowded.contains(&day_of(other.when.at))
            && !roams(other, begin, begins, acts, ends, rules)
    };
    begins[after..].iter().find(replaces).map(|other| other.when)
}

/// The earliest moment at which somebody else's login can have ended this one, even where
/// clocks leave their order open.
fn earliest_replacement(begin: &Act, begins: &[&Act], rules: &Rules) -> Option<Timestamp> {
    let first = begins.partition_point(|other| other.when.latest < begin.when.earliest);
    let others = begins[first..].iter().filter(|other| other.account != begin.account);
    let replacing = others.filter(|other| may_replace(other)).map(|other| other.when.earliest);
    replacing.min().filter(|_| rules.one_at_a_time)
}

/// Whether a wireless start only carries on a session of the same account, which was open
/// when the other logged in: then it is no sign that the other has gone.
fn roams(
    start: &Act,
    other: &Act,
    begins: &[&Act],
    acts: &[Act],
    ends: &Ends,
    rules: &Rules,
) -> bool {
    let is_wireless = |act: &Act| matches!(act.deed.key(), Some(Key::Radius { .. }));
    let was_open = |earlier: &Act| {
        let ended = [closing(earlier, ends).map(|closing| closing.when), reset(earlier, ends)];
        let ended = ended.into_iter().flatten().map(|when| when.latest).min();
        let traces = acts.iter().filter(|act| {
            act.account == earlier.account
                && act.deed.key() == earlier.deed.key()
                && act.when.at <= other.when.at
        });
        let last = traces.map(|act| act.when.latest).max().unwrap_or(earlier.when.latest);
        ended.unwrap_or(Timestamp::MAX).min(last + rules.session_cap) > other.when.latest
    };
    is_wireless(start)
        && begins.iter().any(|earlier| {
            earlier.account == start.account
                && earlier.is_whole()
                && is_wireless(earlier)
                && !earlier.when.surely_after(other.when)
                && was_open(earlier)
        })
}

fn may_replace(act: &Act) -> bool {
    let known = act.is_certain() && act.account.is_some();
    known
        && match &act.deed {
            Deed::Open(Grade::Session, _) => act.role.is_some(),
            Deed::Open(Grade::Ticket, _) => matches!(act.role, Some(Role::Pupil | Role::Class)),
            _ => false,
        }
}

/// Follows the traces of a login while it lives; returns until when it can have lived by
/// its last trace, and the traces. A trace that may have come after the login's end is a
/// lone use as well.
fn follow(
    begin: &Act,
    touches: &mut [Touch<'_>],
    life: Span,
    hard_end: Timestamp,
    sure_end: Timestamp,
) -> (Timestamp, Vec<When>) {
    let mut reach = begin.when.latest + life;
    let mut traces = Vec::new();
    let mut joined = vec![false; touches.len()];
    loop {
        let before = reach;
        for (touch, joined) in touches.iter_mut().zip(&mut joined) {
            let when = touch.act.when;
            let keyed = touch.act.deed.key();
            let same = keyed.is_none() || keyed == begin.deed.key();
            let same = same && begin.is_whole() && touch.act.is_whole();
            let lives = when.at >= begin.when.at && when.earliest < reach.min(hard_end);
            if *joined || !same || !lives {
                continue;
            }
            *joined = true;
            touch.attached |= when.latest < sure_end;
            reach = reach.max(when.latest + life);
            if touch.act.is_certain() {
                traces.push(when);
            }
        }
        if reach == before {
            return (reach, traces);
        }
    }
}

/// Of the traces of a login, those that came while it surely lived by its earlier ones;
/// and until when it surely can have lived. A wider clock bound must not prove more.
fn surely_alive(begin: &Act, mut traces: Vec<When>, life: Span) -> (Timestamp, Vec<When>) {
    let mut reach = begin.when.earliest + life;
    traces.sort_unstable();
    traces.retain(|trace| {
        let alive = trace.latest < reach;
        if alive {
            reach = reach.max(trace.earliest + life);
        }
        alive
    });
    (reach, traces)
}

/// From when a login is certain, and from when on its proofs no longer count.
///
/// Logins of the same account whose order clocks can not tell (a ticket and a session of
/// one log-on) are taken together: certain from the latest of them.
fn proof_limit(begin: &Act, begins: &[&Act]) -> (Timestamp, Timestamp) {
    let mut from = begin.when.latest;
    let mut limit = Timestamp::MAX;
    let first = begins.partition_point(|other| other.when.latest < begin.when.earliest);
    for other in &begins[first..] {
        let same = other.account.is_some() && other.account == begin.account;
        if !same {
            if !std::ptr::eq(*other, begin) {
                limit = limit.min(other.when.earliest);
            }
        } else if other.when.surely_after(begin.when) {
            limit = limit.min(other.when.earliest);
        } else {
            from = from.max(other.when.latest);
        }
    }
    (from, limit)
}
