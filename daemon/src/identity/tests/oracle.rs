//! A slow second opinion: the declarative meaning, written down over the set of claims.
//!
//! It shares with the register only how a claim is read and how a login finds its account.

use std::collections::BTreeSet;
use std::net::IpAddr;

use facts::{Claim, Exchange, Mac, Role, Sighting, Span, Timestamp, UserName, Why};

use super::oracle_places::Asked;
use super::school::{one_of, perhaps, unknown};
use crate::identity::binding::Placing;
use crate::identity::directory::Directory;
use crate::identity::event::{Bind, Closing, Deed, Event, Grade, Key, When};
use crate::identity::login::Home;
use crate::identity::settings::Settings;
use crate::identity::telling::{self, Told};

/// All that was heard by one moment.
pub(super) struct Oracle<'a> {
    pub(super) settings: &'a Settings,
    pub(super) directory: &'a Directory,
    pub(super) home: Home,
    pub(super) events: BTreeSet<Event>,
    pub(super) closings: BTreeSet<(Key, Closing)>,
    resets: BTreeSet<(Box<str>, When, Exchange)>,
    pub(super) binds: BTreeSet<(IpAddr, Bind)>,
    pub(super) releases: BTreeSet<(IpAddr, Mac, When)>,
    losses: BTreeSet<Timestamp>,
    pub(super) names: BTreeSet<(Mac, Timestamp, Box<str>)>,
}

/// A deed on one device.
#[derive(Clone)]
pub(super) struct Act {
    pub(super) event: Event,
    pub(super) account: Option<UserName>,
    pub(super) role: Option<Role>,
    pub(super) placing: Placing,
}

impl Act {
    /// Whether both sides of it were heard.
    pub(super) fn is_whole(&self) -> bool {
        self.event.exchange != Exchange::OneSided
    }

    pub(super) fn is_sure(&self) -> bool {
        self.placing == Placing::Sure && self.is_whole()
    }

    fn is_disputed(&self) -> bool {
        self.placing == Placing::Disputed || !self.is_whole()
    }
}

/// One account that may have been there.
struct Present {
    account: UserName,
    told_from: Timestamp,
    must: bool,
    opened: bool,
    fresh: Option<Span>,
    role: Option<Role>,
    disputed: bool,
    whole: bool,
}

impl<'a> Oracle<'a> {
    pub(super) fn new(
        claims: &[Claim],
        losses: &[Timestamp],
        directory: &'a Directory,
        settings: &'a Settings,
        known_at: Timestamp,
    ) -> Self {
        let mut oracle = Self {
            settings,
            directory,
            home: Home::new(settings.realms.iter().map(String::as_str)),
            events: BTreeSet::new(),
            closings: BTreeSet::new(),
            resets: BTreeSet::new(),
            binds: BTreeSet::new(),
            releases: BTreeSet::new(),
            losses: losses.iter().copied().filter(|at| *at <= known_at).collect(),
            names: BTreeSet::new(),
        };
        for claim in claims.iter().filter(|claim| claim.at <= known_at) {
            for told in telling::read(claim, settings) {
                match told {
                    Told::Deed(event) => drop(oracle.events.insert(event)),
                    Told::Closed(key, closing) => drop(oracle.closings.insert((key, closing))),
                    Told::Reset(nas, when, by) => drop(oracle.resets.insert((nas, when, by))),
                    Told::Bound(address, bind) => drop(oracle.binds.insert((address, bind))),
                    Told::Released(address, mac, when) => {
                        oracle.releases.insert((address, mac, when));
                    }
                    Told::Lost(when) => oracle.losses.extend([when.earliest, when.latest]),
                    Told::Named(mac, at, name) => drop(oracle.names.insert((mac, at, name))),
                    Told::Realm(_) => {}
                }
            }
        }
        oracle
    }

    /// The answer in the words of `school::words`.
    pub(super) fn say(&self, sighting: &Sighting, at: Timestamp) -> String {
        let address = sighting.address;
        let many_address = self.settings.many_user_addresses.contains(&address);
        let asked = |mac, is_own_frame| Asked { mac, address, at, is_own_frame };
        let own = sighting.mac.map(|mac| asked(mac, true));
        let others = self.macs(address).into_iter().filter(|mac| sighting.mac != Some(*mac));
        let mut views: Vec<Asked> = others
            .filter(|mac| self.holds(*mac, address, at, at).is_some())
            .map(|mac| asked(mac, false))
            .collect();
        let names = |view: &Asked| -> BTreeSet<UserName> {
            self.present(*view, many_address).0.into_iter().map(|p| p.account).collect()
        };
        if let Some(own) = own.filter(|own| !self.is_router(own.mac, at)) {
            let known = names(&own);
            views.retain(|view| {
                self.lent_to_another(own, view.mac) && !names(view).is_subset(&known)
            });
            views.insert(0, own);
        } else {
            let known: BTreeSet<UserName> = views.iter().flat_map(names).collect();
            let is_told = |own: &Asked| self.settings.routers.contains(&own.mac);
            views.extend(own.filter(|own| {
                (!is_told(own) || views.is_empty()) && !names(own).is_subset(&known)
            }));
        }
        self.of_views(&views, many_address)
    }

    fn of_views(&self, views: &[Asked], many_address: bool) -> String {
        match views {
            [] => unknown(Why::NoDevice),
            [view] => self.on_device(*view, many_address),
            several => {
                let on_each: Vec<Vec<Present>> =
                    several.iter().map(|view| self.present(*view, many_address).0).collect();
                let one_is_open = on_each.iter().any(|on| all_disputed(on));
                let names: BTreeSet<UserName> =
                    on_each.into_iter().flatten().map(|present| present.account).collect();
                match names.len() {
                    0 => unknown(Why::AddressConflict),
                    1 => perhaps(&names),
                    _ if one_is_open => perhaps(&names),
                    _ => one_of(&names),
                }
            }
        }
    }

    fn on_device(&self, asked: Asked, many_address: bool) -> String {
        let Asked { mac, at, .. } = asked;
        let (present, hidden) = self.present(asked, many_address);
        let names: BTreeSet<UserName> = present.iter().map(|p| p.account.clone()).collect();
        let acts = self.acts(asked);
        let host_of_many = many_address
            || self.settings.many_user_hosts.contains(&mac)
            || self.is_crowded(&acts, day(at));
        if host_of_many {
            return match names.len() {
                0 => unknown(Why::ManyUsers),
                1 => perhaps(&names),
                _ => one_of(&names),
            };
        }
        if names.len() > 1 {
            return if all_disputed(&present) { perhaps(&names) } else { one_of(&names) };
        }
        let Some(account) = names.first() else {
            let heard = |lost: Timestamp| {
                let after =
                    |act: &Act| act.event.when.earliest > lost && act.event.when.latest <= at;
                acts.iter().any(after)
            };
            let dark = self.lost(at).is_some_and(|lost| !heard(lost));
            return if dark { unknown(Why::CoverBroken) } else { "device_only".to_owned() };
        };
        if present.iter().all(|p| p.told_from > at) {
            return "device_only".to_owned();
        }
        if all_disputed(&present) {
            return perhaps(&names);
        }
        let role = present.iter().find_map(|p| p.role);
        let must = present.iter().any(|p| p.must) && !hidden;
        let opened = present.iter().any(|p| p.opened);
        let fresh = present.iter().filter_map(|p| p.fresh).min();
        let level = match role {
            Some(role) if must && role.is_shared() => "proven_shared",
            Some(_) if must => "proven",
            _ if opened && !hidden && fresh.is_some_and(|age| age <= self.settings.idle_lock) => {
                "likely"
            }
            _ => "last_known",
        };
        format!("{level} {}", account.reveal())
    }

    /// Every stay that may hold the moment, and whether a nameless login may.
    fn present(&self, asked: Asked, many_address: bool) -> (Vec<Present>, bool) {
        let Asked { mac, at, .. } = asked;
        let acts = self.acts(asked);
        let one_at_a_time = self.settings.one_person_on(mac)
            && !many_address
            && !self.settings.many_user_hosts.contains(&mac);
        let mut present = Vec::new();
        let mut hidden = false;
        let mut joined: BTreeSet<Event> = BTreeSet::new();
        for begin in acts.iter().filter(|act| self.begins(act, &acts)) {
            let end = self.hard_end(begin, &acts, one_at_a_time);
            let (traces, reach) = self.traces(begin, &acts, end);
            let ended = self.sure_end(begin, &acts, one_at_a_time);
            let before = traces.iter().filter(|act| act.event.when.latest < ended);
            joined.extend(before.map(|act| act.event.clone()));
            let holds = begin.event.when.earliest <= at && at < end.min(reach);
            match &begin.account {
                None => hidden |= holds,
                Some(account) if holds => {
                    let (alive, sure_traces) = self.surely_alive(begin, &traces);
                    let sure = at < ended.min(alive).min(self.doubted_from(begin, &acts));
                    let (must, fresh) = self.proof(begin, &traces, &acts, (mac, at));
                    let fresh = fresh.filter(|_| sure);
                    let (account, role) = (account.clone(), begin.role);
                    let told_from = begin.event.when.at;
                    let (opened, disputed) = (
                        true,
                        begin.is_disputed()
                            && sure_traces.iter().all(|trace| trace.latest >= ended),
                    );
                    let whole = begin.is_whole();
                    let what =
                        Present { account, told_from, must, opened, fresh, role, disputed, whole };
                    present.push(what);
                }
                Some(_) => {}
            }
        }
        for act in acts.iter().filter(|act| self.is_trace(act, &acts)) {
            let when = act.event.when;
            let holds = when.earliest <= at && at < when.latest + Span::minutes(2);
            let Some(account) = act.account.clone().filter(|_| holds) else { continue };
            if !joined.contains(&act.event) {
                let role = act.role;
                let (told_from, fresh) = (when.at, None);
                let (must, opened) = (false, false);
                let disputed = act.is_disputed();
                let whole = act.is_whole();
                let what =
                    Present { account, told_from, must, opened, fresh, role, disputed, whole };
                present.push(what);
            }
        }
        for (opener, closing) in self.contradictions(&acts) {
            let holds = opener.event.when.earliest <= at && at < closing.when.latest;
            let Some(Some(account)) = self.closer(closing).filter(|_| holds) else { continue };
            let (told_from, fresh) = (opener.event.when.at, None);
            let (must, opened, role) = (false, false, None);
            let disputed = opener.is_disputed();
            let whole = true;
            let what = Present { account, told_from, must, opened, fresh, role, disputed, whole };
            present.push(what);
        }
        let rank = |present: &Present| match present.whole {
            false => 1,
            true if present.told_from <= at => 2,
            true => 0,
        };
        let ranks: Vec<(UserName, u8)> =
            present.iter().map(|p| (p.account.clone(), rank(p))).collect();
        present
            .retain(|p| !ranks.iter().any(|(name, other)| *name == p.account && *other > rank(p)));
        (present, hidden)
    }

    pub(super) fn begins(&self, act: &Act, acts: &[Act]) -> bool {
        match &act.event.deed {
            Deed::Open(..) => true,
            Deed::Keep(key) => {
                self.closed_before(act, key).is_none() && !self.continues(act, key, acts)
            }
            _ => false,
        }
    }

    fn is_trace(&self, act: &Act, acts: &[Act]) -> bool {
        act.account.is_some()
            && match &act.event.deed {
                Deed::Open(..) => false,
                Deed::Keep(key) => match self.closed_before(act, key) {
                    None => self.continues(act, key, acts),
                    Some(closed) => acts.iter().any(|open| {
                        matches!(&open.event.deed, Deed::Open(_, Some(own)) if own == key)
                            && open.is_whole()
                            && open.account == act.account
                            && closed <= open.event.when.at
                            && open.event.when.at <= act.event.when.at
                    }),
                },
                Deed::Left(_) => false,
                _ => true,
            }
    }

    /// The last end of the key within the cap before a keeping of it.
    fn closed_before(&self, act: &Act, key: &Key) -> Option<Timestamp> {
        let at = act.event.when.at;
        let of_key = self.closings().filter(|(of, _)| of == key);
        let own = of_key.filter(|(_, closing)| self.agrees(closing, act));
        let before = own.map(|(_, closing)| closing.when.at).filter(|closed| *closed <= at);
        before.filter(|closed| at.since(*closed) <= self.settings.session_cap).max()
    }

    /// Whether an earlier deed of the key, no older than the cap, is known.
    fn continues(&self, act: &Act, key: &Key, acts: &[Act]) -> bool {
        let rank = |act: &Act| {
            (act.event.when.at, matches!(act.event.deed, Deed::Keep(_)), act.event.clone())
        };
        acts.iter().any(|earlier| {
            matches!(&earlier.event.deed, Deed::Open(_, Some(own)) | Deed::Keep(own) if own == key)
                && earlier.is_whole()
                && earlier.account == act.account
                && rank(earlier) < rank(act)
                && act.event.when.at.since(earlier.event.when.at) <= self.settings.session_cap
        })
    }

    pub(super) fn own_reset(&self, begin: &Act) -> Option<When> {
        let Some(Key::Radius { nas, .. }) = begin.event.deed.key() else { return None };
        let of_nas = self.resets.iter().filter(|(of, _, by)| of == nas && self.counts(*by));
        let of_nas = of_nas.map(|(_, when, _)| *when);
        of_nas.filter(|when| when.at > begin.event.when.at).min_by_key(|when| (when.at, *when))
    }

    fn hard_end(&self, begin: &Act, acts: &[Act], one_at_a_time: bool) -> Timestamp {
        let replaces = |act: &&Act| {
            one_at_a_time
                && may_replace(act)
                && act.account != begin.account
                && act.event.when.earliest > begin.event.when.latest
                && !self.is_crowded(acts, day(act.event.when.at))
                && !self.roams(act, begin, acts)
        };
        let mut ends: Vec<Timestamp> =
            acts.iter().filter(replaces).map(|act| act.event.when.latest).collect();
        ends.extend(self.own_closing(begin).map(|closing| closing.when.latest));
        ends.extend(self.own_reset(begin).map(|when| when.latest));
        ends.into_iter().min().unwrap_or(Timestamp::MAX)
    }

    /// Before this nobody has surely, or perhaps, ended the login.
    fn sure_end(&self, begin: &Act, acts: &[Act], one_at_a_time: bool) -> Timestamp {
        let others = acts.iter().filter(|act| act.account != begin.account && may_replace(act));
        let others = others.filter(|act| act.event.when.latest >= begin.event.when.earliest);
        let mut ends: Vec<Timestamp> =
            others.filter(|_| one_at_a_time).map(|act| act.event.when.earliest).collect();
        ends.extend(self.own_closing(begin).map(|closing| closing.when.earliest));
        ends.extend(self.own_reset(begin).map(|when| when.earliest));
        ends.into_iter().min().unwrap_or(Timestamp::MAX)
    }

    /// The traces of a login, and until when it may have lived by them: the least set that
    /// holds every trace within the life of another.
    fn traces<'b>(
        &self,
        begin: &Act,
        acts: &'b [Act],
        end: Timestamp,
    ) -> (Vec<&'b Act>, Timestamp) {
        let life = self.life(begin);
        let mut reach = begin.event.when.latest + life;
        if begin.account.is_none() || !begin.is_whole() {
            return (Vec::new(), reach);
        }
        loop {
            let joined: Vec<&Act> = acts
                .iter()
                .filter(|act| act.is_whole() && self.is_trace(act, acts))
                .filter(|act| act.account == begin.account)
                .filter(|act| {
                    let key = act.event.deed.key();
                    key.is_none() || key == begin.event.deed.key()
                })
                .filter(|act| act.event.when.at >= begin.event.when.at)
                .filter(|act| act.event.when.earliest < end.min(reach))
                .collect();
            let next = joined.iter().map(|act| act.event.when.latest + life).max();
            let next = next.unwrap_or(reach).max(reach);
            if next == reach {
                return (joined, reach);
            }
            reach = next;
        }
    }

    /// Whether the moment is proven, and the age of the last proof that counts.
    fn proof(
        &self,
        begin: &Act,
        traces: &[&Act],
        acts: &[Act],
        (on, at): (Mac, Timestamp),
    ) -> (bool, Option<Span>) {
        if !begin.is_sure() {
            return (false, None);
        }
        let when = begin.event.when;
        let mut from = when.latest;
        let mut limit = Timestamp::MAX;
        for other in acts.iter().filter(|act| self.begins(act, acts)) {
            let heard = other.event.when;
            let same = other.account.is_some() && other.account == begin.account;
            if other.event == begin.event || heard.latest < when.earliest {
                continue;
            }
            if same && heard.earliest <= when.latest {
                from = from.max(heard.latest);
            } else {
                limit = limit.min(heard.earliest);
            }
        }
        let restart = self.own_reset(begin).map_or(Timestamp::MAX, |when| when.earliest);
        limit = limit.min(restart);
        let closing = self.own_closing(begin);
        let closed = closing.map_or(Timestamp::MAX, |closing| closing.when.earliest);
        let mut proofs = vec![when];
        let (alive, sure) = self.surely_alive(begin, traces);
        proofs.extend(sure.into_iter().filter(|trace| trace.latest < limit.min(closed)));
        if let Some(closing) = closing
            && closing.mac.is_none_or(|mac| mac == on)
            && closing.when.latest < limit.min(alive)
        {
            let earliest = closing.when.earliest - closing.lag;
            proofs.push(When { earliest, ..closing.when });
        }
        let lost = self.losses.iter().find(|lost| **lost >= when.earliest);
        let until = proofs
            .iter()
            .filter(|proof| lost.is_none_or(|lost| proof.latest < *lost))
            .map(|proof| proof.earliest)
            .max();
        let fresh = proofs
            .iter()
            .filter(|proof| proof.latest <= at)
            .filter(|proof| self.lost(at).is_none_or(|lost| proof.earliest > lost))
            .map(|proof| at.since(proof.earliest))
            .min();
        (from <= at && until.is_some_and(|until| at < until), fresh)
    }

    /// The last loss of records that still bears on a moment.
    fn lost(&self, at: Timestamp) -> Option<Timestamp> {
        let last = self.losses.iter().copied().filter(|lost| *lost <= at).max()?;
        (at.since(last) <= self.settings.reach()).then_some(last)
    }
}

/// Whether a login can end another account's.
fn may_replace(act: &Act) -> bool {
    act.is_sure()
        && act.account.is_some()
        && match &act.event.deed {
            Deed::Open(Grade::Session, _) => act.role.is_some(),
            Deed::Open(Grade::Ticket, _) => {
                act.role == Some(Role::Pupil) || act.role == Some(Role::Class)
            }
            _ => false,
        }
}

pub(super) fn day(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(86_400_000_000)
}

fn all_disputed(present: &[Present]) -> bool {
    present.iter().all(|present| present.disputed)
}
