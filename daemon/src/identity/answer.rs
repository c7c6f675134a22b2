//! From stays to an answer: never more than the evidence carries.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use facts::{
    Answer, Attribution, Candidate, Device, Duty, Ground, Mac, Role, Several, Span, Timestamp,
    UserName, Why,
};

use super::crowd::day_of;
use super::directory::{Account, Directory};
use super::event::Deed;
use super::session::{Act, Doubt, Stay};
use super::settings::Settings;
use super::words::{assumes, span, supports, weakens};

/// One device as it was around the time asked about.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The device.
    pub mac: Mac,
    /// What it calls itself.
    pub name: Option<Box<str>>,
    /// The accounts that `acts` and `stays` number.
    pub accounts: Vec<Account>,
    /// What was done on it, in order.
    pub acts: Vec<Act>,
    /// Who could have been on it, and when.
    pub stays: Vec<Stay>,
    /// Many people use it at once: configured, or by its own records of that day.
    pub many: bool,
    /// There were more records that day than are kept.
    pub overfull: bool,
    /// Whether the account of a number was in use on another device around the time.
    pub elsewhere: Vec<bool>,
}

/// How the devices behind the sighting were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoundBy {
    /// By the hardware address on the frame itself.
    Frame,
    /// By leases and announcements of the address.
    Address,
    /// Not at all: it is behind a router.
    Router,
}

/// What is asked, and what holds everywhere.
pub(super) struct Question<'a> {
    /// The time asked about.
    pub at: Timestamp,
    /// The last moment before it at which records were lost, if it still bears on it.
    pub lost: Option<Timestamp>,
    /// The school's decisions.
    pub settings: &'a Settings,
    /// The accounts the school knows.
    pub directory: &'a Directory,
    /// Duties that the configuration ties to canonical logins.
    pub persons: &'a HashMap<UserName, Vec<Duty>>,
}

/// An account that could have been on a device at the time.
struct Presence {
    must: bool,
    opened: bool,
    fresh: Option<Span>,
    /// How long ago it was last heard of; `None` where all that was heard was told for
    /// later, and only the clocks may differ by so much.
    age: Option<Span>,
    next_proof: Option<Span>,
    /// Why all that was heard of it may be none of this device's.
    doubt: Option<Doubt>,
}

impl Presence {
    /// What counts where several are of one account: what both sides told once it had begun,
    /// then what one side told, then what was told for later.
    fn rank(&self) -> u8 {
        match (self.doubt, self.age) {
            (Some(Doubt::OneSided), _) => 1,
            (_, Some(_)) => 2,
            (_, None) => 0,
        }
    }
}

impl Question<'_> {
    /// The answer, and what it rests on.
    pub(super) fn answer(&self, found_by: FoundBy, views: &[View]) -> Attribution {
        let attributed = |answer, device, grounds| Attribution { answer, device, grounds };
        match views {
            [] => {
                let ground = weakens("No lease or announcement ties the address to a device.");
                attributed(Answer::Unknown(Why::NoDevice), None, vec![ground])
            }
            [view] => {
                let mut grounds = vec![found(found_by)];
                if view.mac.is_random() {
                    grounds.push(weakens(
                        "The device makes up its hardware address: what it did under another one \
                         is not known.",
                    ));
                }
                let answer = self.on_device(view, &mut grounds);
                let name = view.name.as_deref().map(ToOwned::to_owned);
                attributed(answer, Some(Device { mac: view.mac, name }), grounds)
            }
            several => {
                let words = format!("{} devices may have held the address.", several.len());
                let mut grounds = vec![weakens(words)];
                let answer = self.in_conflict(several, &mut grounds);
                attributed(answer, None, grounds)
            }
        }
    }

    fn on_device(&self, view: &View, grounds: &mut Vec<Ground>) -> Answer {
        let present = self.present(view);
        let candidates = || self.candidates(view, &present);
        let hidden = view.stays.iter().any(|s| s.account.is_none() && s.may_hold(self.at));
        if hidden {
            grounds.push(weakens("A login that hides its name was open on the device."));
        }
        self.tell_losses(view, grounds);
        if view.overfull {
            grounds.push(weakens("More logins than one device can have were heard that day."));
            return Answer::Unknown(Why::ManyUsers);
        }
        if view.many {
            grounds.push(weakens("Many people use this device at once."));
            let several = Several::new(candidates());
            let several = several.or_else(|| Several::or_unknown(candidates()));
            return several.map_or(Answer::Unknown(Why::ManyUsers), Answer::OneOf);
        }
        let mut accounts = present.iter();
        match (accounts.next(), accounts.next()) {
            (None, _) if self.is_dark(view) => Answer::Unknown(Why::CoverBroken),
            (None, _) => {
                if !hidden {
                    grounds.push(supports("Nobody is known to have been logged in."));
                }
                Answer::DeviceOnly
            }
            (Some((&index, presence)), None) => self.one(view, index, presence, hidden, grounds),
            _ => {
                let words = format!("{} accounts may have been in use at once.", present.len());
                grounds.push(weakens(words));
                let several = if is_disputed(&present) {
                    let doubts: BTreeSet<Doubt> =
                        present.values().filter_map(|presence| presence.doubt).collect();
                    grounds.extend(doubts.into_iter().map(|doubt| weakens(doubtful(doubt))));
                    Several::or_unknown(candidates())
                } else {
                    Several::new(candidates())
                };
                several.map_or(Answer::Unknown(Why::ManyUsers), Answer::OneOf)
            }
        }
    }

    fn one(
        &self,
        view: &View,
        index: usize,
        presence: &Presence,
        hidden: bool,
        grounds: &mut Vec<Ground>,
    ) -> Answer {
        let Some(age) = presence.age else {
            grounds.push(weakens(
                "A login followed within seconds: the clocks may differ by so much, but nobody \
                 is named for what came before a login.",
            ));
            return Answer::DeviceOnly;
        };
        let candidate = self.candidate(view, index);
        if let Some(doubt) = presence.doubt {
            grounds.push(weakens(doubtful(doubt)));
            let perhaps = Several::or_unknown(vec![candidate]);
            return perhaps.map_or(Answer::DeviceOnly, Answer::OneOf);
        }
        self.tell_about(view, index, &candidate, (presence, age), grounds);
        let proven = presence.must && !hidden && candidate.role.is_some();
        if proven && candidate.role.is_some_and(Role::is_shared) {
            return Answer::ProvenShared(candidate);
        }
        if proven {
            return Answer::Proven(candidate);
        }
        let idle_lock = self.settings.idle_lock;
        match presence.fresh.filter(|age| *age <= idle_lock && !hidden && presence.opened) {
            Some(proof_age) => Answer::Likely { candidate, proof_age },
            None => {
                grounds.push(weakens(format!(
                    "The last proof that counts is {} old: they may have left.",
                    span(age)
                )));
                Answer::LastKnown { candidate, proof_age: age }
            }
        }
    }

    /// Two devices may have held the address: it was one of the accounts on them, or, where
    /// nobody is known on one of them, somebody else.
    fn in_conflict(&self, views: &[View], grounds: &mut Vec<Ground>) -> Answer {
        let present: Vec<_> = views.iter().map(|view| (view, self.present(view))).collect();
        if views.iter().any(|view| view.overfull) {
            return Answer::Unknown(Why::ManyUsers);
        }
        views.iter().for_each(|view| self.tell_losses(view, grounds));
        let on_each = present.iter().map(|(view, present)| self.candidates(view, present));
        let candidates: Vec<Candidate> = on_each.flatten().collect();
        let each_has_one = present.iter().all(|(_, present)| !is_disputed(present));
        let several = Several::new(candidates.clone()).filter(|_| each_has_one);
        let several = several.or_else(|| Several::or_unknown(candidates));
        several.map_or(Answer::Unknown(Why::AddressConflict), Answer::OneOf)
    }

    /// The accounts that could have been there, by number.
    fn present(&self, view: &View) -> BTreeMap<usize, Presence> {
        let mut present: BTreeMap<usize, Presence> = BTreeMap::new();
        for stay in view.stays.iter().filter(|stay| stay.may_hold(self.at)) {
            let Some(account) = stay.account else { continue };
            let now = self.presence(stay);
            match present.get_mut(&account) {
                None => drop(present.insert(account, now)),
                // What anybody could have sent adds nothing to what both sides told.
                Some(known) if known.rank() > now.rank() => {}
                Some(known) if known.rank() < now.rank() => *known = now,
                Some(known) => {
                    known.must |= now.must;
                    known.opened |= now.opened;
                    known.doubt = known.doubt.and(now.doubt);
                    known.age = [known.age, now.age].into_iter().flatten().min();
                    known.fresh = [known.fresh, now.fresh].into_iter().flatten().min();
                    known.next_proof =
                        [known.next_proof, now.next_proof].into_iter().flatten().min();
                }
            }
        }
        present
    }

    fn presence(&self, stay: &Stay) -> Presence {
        let before = || stay.proofs.iter().filter(|proof| proof.latest <= self.at);
        let age = |proof: &super::event::When| self.at.since(proof.earliest);
        let after =
            |proof: &&super::event::When| self.lost.is_none_or(|lost| proof.earliest > lost);
        let told_age = || (stay.told_from <= self.at).then(|| self.at.since(stay.told_from));
        let next = stay.proofs.iter().filter(|proof| proof.earliest > self.at);
        Presence {
            must: stay.must_hold(self.at),
            opened: stay.opened,
            doubt: stay.doubt,
            fresh: before().filter(|_| self.at < stay.sure_until).filter(after).map(age).min(),
            age: before().map(age).min().or_else(told_age),
            next_proof: next.map(|proof| proof.earliest.since(self.at)).min(),
        }
    }

    fn candidates(&self, view: &View, present: &BTreeMap<usize, Presence>) -> Vec<Candidate> {
        present.keys().map(|&index| self.candidate(view, index)).collect()
    }

    fn candidate(&self, view: &View, index: usize) -> Candidate {
        view.accounts[index].candidate(self.persons)
    }

    /// Whether records were lost and nothing was heard from the device since.
    fn is_dark(&self, view: &View) -> bool {
        let Some(lost) = self.lost else { return false };
        let heard = |act: &Act| act.when.earliest > lost && act.when.latest <= self.at;
        !view.acts.iter().any(heard)
    }

    fn tell_losses(&self, view: &View, grounds: &mut Vec<Ground>) {
        if let Some(lost) = self.lost {
            let age = span(self.at.since(lost));
            let since = if self.is_dark(view) { "nothing" } else { "something" };
            grounds.push(weakens(format!(
                "Records of logins were lost {age} before; {since} was heard from the device since."
            )));
        }
    }

    fn tell_about(
        &self,
        view: &View,
        index: usize,
        candidate: &Candidate,
        (presence, age): (&Presence, Span),
        grounds: &mut Vec<Ground>,
    ) {
        let age = span(age);
        grounds.push(if presence.opened {
            supports(format!("The account's last proof was {age} before."))
        } else {
            weakens(format!("Only the use of a service was seen, {age} before, and no login."))
        });
        if let Some(next) = presence.next_proof.filter(|_| presence.must) {
            let next = span(next);
            grounds.push(supports(format!("A proof of the same session came {next} after.")));
        }
        grounds.push(supports("Nobody else is known to have been logged in on the device."));
        let is_shared = candidate.role.is_some_and(Role::is_shared);
        // Of an account that many use this would say the opposite of what is shown.
        if self.settings.one_person_on(view.mac) && !is_shared {
            grounds.push(assumes("One person at a time uses this device."));
        }
        if candidate.role.is_none() {
            grounds.push(weakens("The directory does not hold the account."));
        }
        if is_shared {
            let count = self.directory.shared_by(&candidate.account, self.at);
            grounds.push(weakens(match count {
                Some(count) => format!("{count} pupils use the account; which one is not known."),
                None => "Several people use the account; which one is not known.".to_owned(),
            }));
        }
        if self.is_locked(view, index) {
            grounds.push(weakens("The screen was locked: what ran then ran by itself."));
        }
        if view.elsewhere.get(index).copied().unwrap_or(false) {
            let span = span(self.settings.idle_lock);
            grounds.push(weakens(format!(
                "The same account was in use on another device within {span}."
            )));
        }
    }

    /// Whether the last word on the screen, since the account came, is that it was locked.
    fn is_locked(&self, view: &View, index: usize) -> bool {
        let own = view.stays.iter().filter(|s| s.account == Some(index) && s.may_hold(self.at));
        let Some(since) = own.map(|stay| stay.may.0).min() else { return false };
        let acts = view.acts.iter().filter(|act| act.account == Some(index));
        let mut heard = acts.filter(|act| since <= act.when.earliest && act.when.latest <= self.at);
        let last = heard.rfind(|act| !matches!(act.deed, Deed::Use | Deed::Keep(_)));
        last.is_some_and(|act| matches!(act.deed, Deed::Lock(_)))
    }
}

/// Why nobody is named although an account logged in.
fn doubtful(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Place => {
            "The account may have logged in on another computer: two had its address, or its \
             network card, one after the other."
        }
        Doubt::OneSided => {
            "Of the login one side alone was seen, or the server that vouches for it is itself a \
             device with a lent address: any device can send that."
        }
    }
}

/// Whether nobody is known to have been on the device but who may have been on another.
fn is_disputed(present: &BTreeMap<usize, Presence>) -> bool {
    present.values().all(|presence| presence.doubt.is_some())
}

fn found(found_by: FoundBy) -> Ground {
    match found_by {
        FoundBy::Frame => {
            supports("The device is known by the hardware address on the frame itself.")
        }
        FoundBy::Address => {
            supports("The device is known by the lease or announcement of its address.")
        }
        FoundBy::Router => weakens(
            "The hardware address is a router's, and no lease or announcement ties the address to \
             a device behind it.",
        ),
    }
}

impl View {
    /// The accounts that could have been on it.
    pub(super) fn names_at(&self, at: Timestamp) -> impl Iterator<Item = &UserName> {
        let there = self.stays.iter().filter(move |stay| stay.may_hold(at));
        there.filter_map(|stay| Some(&self.accounts.get(stay.account?)?.name))
    }

    /// Whether a moment's UTC day is among the given ones.
    pub(super) fn on_day(days: &std::collections::BTreeSet<i64>, at: Timestamp) -> bool {
        days.contains(&day_of(at))
    }
}
