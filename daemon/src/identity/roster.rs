//! The register of devices: many write claims, many ask; it hands out owned values only.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use arc_swap::ArcSwap;
use dashmap::{DashMap, DashSet};
use facts::{
    Answer, Attribution, Claim, Duty, Exchange, Mac, Sighting, Source, Span, Timestamp, UserName,
    Why,
};

use super::answer::Question;
use super::binding::disturbed_from;
use super::crowd::{day_of, start_of};
use super::directory::{Account, Directory};
use super::dirty::Dirty;
use super::event::{Bind, Event, Hold, Key, Log, When};
use super::hosts;
use super::login::{Home, Who};
use super::servers::MOST_SERVERS;
use super::settings::Settings;
use super::telling::{self, Told};
use super::timeline::{AddressLog, DeviceLog, SessionLog};
use super::words::weakens;

/// The most devices and the most addresses that are kept; each takes a few hundred octets
/// before it has records, so a flood of made-up addresses ends at some 100 MB.
const MOST_PLACES: usize = 200_000;

/// The most devices that are remembered for one account.
const MOST_WHEREABOUTS: usize = 64;

/// Who was it, for one school.
#[derive(Debug)]
pub struct Roster {
    pub(super) settings: Settings,
    pub(super) directory: ArcSwap<Directory>,
    pub(super) devices: DashMap<Mac, DeviceLog>,
    pub(super) addresses: DashMap<IpAddr, AddressLog>,
    pub(super) sessions: DashMap<Key, SessionLog>,
    pub(super) resets: DashMap<Box<str>, Log<(When, Exchange)>>,
    /// Servers that were heard in exchanges.
    servers: DashSet<IpAddr>,
    /// The hardware addresses that gave themselves a name.
    pub(super) called: DashMap<Box<str>, BTreeSet<Mac>>,
    pub(super) whereabouts: DashMap<UserName, BTreeSet<Mac>>,
    cover: RwLock<Cover>,
    /// What was over before this moment is no longer known, in microseconds since the epoch.
    forgotten: AtomicI64,
}

/// What is known of the sources themselves.
#[derive(Clone, Debug, Default)]
struct Cover {
    /// Moments at which records of a source were lost, and when that was first heard.
    losses: BTreeMap<(Timestamp, Source), Timestamp>,
    /// The realm of the first Kerberos reply that was heard.
    realm: Option<(Timestamp, Box<str>)>,
}

impl Roster {
    /// An empty register.
    #[must_use]
    pub fn new(directory: Directory, settings: Settings) -> Self {
        Self {
            settings,
            directory: ArcSwap::from_pointee(directory),
            devices: DashMap::new(),
            addresses: DashMap::new(),
            sessions: DashMap::new(),
            resets: DashMap::new(),
            servers: DashSet::new(),
            called: DashMap::new(),
            whereabouts: DashMap::new(),
            cover: RwLock::default(),
            forgotten: AtomicI64::new(i64::MIN),
        }
    }

    /// Takes a claim. Returns which answers it may have changed, `None` where it says
    /// nothing new.
    pub fn absorb(&self, claim: &Claim) -> Option<Dirty> {
        if let Exchange::With(server) = claim.exchange
            && self.servers.len() < MOST_SERVERS
        {
            self.servers.insert(server.to_canonical());
        }
        let told = telling::read(claim, &self.settings);
        let changed = told.into_iter().filter_map(|told| self.keep(told, claim));
        changed.reduce(|mut all, next| {
            all.from = all.from.min(next.from);
            all.until = all.until.max(next.until);
            all.addresses.extend(next.addresses);
            all.devices = match (all.devices, next.devices) {
                (Some(mut all), Some(next)) => {
                    all.extend(next);
                    Some(all)
                }
                _ => None,
            };
            all
        })
    }

    /// Who was it: by what was heard until `known_at`, behind this sighting at this time.
    #[must_use]
    pub fn who_was(&self, sighting: &Sighting, at: Timestamp, known_at: Timestamp) -> Attribution {
        if sighting.site != self.settings.site {
            let grounds = vec![weakens("The sighting is of another school.")];
            return Attribution { answer: Answer::Unknown(Why::NoDevice), device: None, grounds };
        }
        let directory = self.directory.load();
        let home = self.home(known_at);
        let losses = self.losses(known_at);
        let lost = losses.iter().copied().rfind(|&lost| lost <= at);
        let lost = lost.filter(|&lost| at.since(lost) <= self.settings.reach());
        let lens = super::view::Lens::new(self, &directory, &home, &losses, known_at);
        let (found_by, views) = lens.views(sighting, at);
        let settings = &self.settings;
        let persons = self.persons(&directory, &home, at);
        let question = Question { at, lost, settings, directory: &directory, persons: &persons };
        question.answer(found_by, &views)
    }

    /// Takes a new directory. Every answer may change.
    pub fn swap_directory(&self, directory: Directory) -> Dirty {
        self.directory.store(Arc::new(directory));
        Dirty::everything(Timestamp::from_micros(i64::MIN), Timestamp::MAX)
    }

    /// From when on questions are answered by all that was ever told. Whoever has an older
    /// answer keeps it: a new one would rest on less.
    #[must_use]
    pub fn answers_from(&self) -> Timestamp {
        let reach = self.settings.reach();
        Timestamp::from_micros(self.forgotten.load(Ordering::Relaxed)) + reach + reach
    }

    /// Forgets what was over before a moment. Questions about earlier times, and about
    /// the first hours after it, are then no longer answered in full.
    pub fn forget_before(&self, at: Timestamp) {
        self.forgotten.fetch_max(at.as_micros(), Ordering::Relaxed);
        let lasts = self.settings.announced_for;
        self.addresses.retain(|_, log| log.forget_before(at, lasts));
        let held: Vec<(Mac, IpAddr)> = self
            .devices
            .iter()
            .flat_map(|d| d.held.iter().map(|address| (*d.key(), *address)).collect::<Vec<_>>())
            .collect();
        for (mac, address) in held {
            let holds = self
                .addresses
                .get(&address)
                .is_some_and(|log| log.holding.binds.all().iter().any(|bind| bind.what.mac == mac));
            if !holds && let Some(mut device) = self.devices.get_mut(&mac) {
                device.held.remove(&address);
            }
        }
        self.devices.retain(|_, log| log.forget_before(at));
        self.sessions.retain(|_, session| {
            session.closings.retain(|closing| closing.when.latest >= at);
            let lives = session.macs.iter().any(|mac| self.devices.contains_key(mac))
                || session.addresses.iter().any(|a| self.addresses.contains_key(a));
            lives || !session.closings.is_empty()
        });
        self.resets.retain(|_, log| {
            log.retain(|(when, _)| when.latest >= at);
            !log.is_empty()
        });
        self.called.retain(|host, devices| {
            devices.retain(|mac| self.devices.get(mac).is_some_and(|log| log.is_called(host)));
            !devices.is_empty()
        });
        self.whereabouts.retain(|_, devices| {
            devices.retain(|mac| self.devices.contains_key(mac));
            !devices.is_empty()
        });
        let mut cover = self.cover.write().unwrap_or_else(PoisonError::into_inner);
        cover.losses.retain(|(lost, _), _| *lost >= at);
    }

    pub(super) fn losses(&self, known_at: Timestamp) -> Vec<Timestamp> {
        let cover = self.cover.read().unwrap_or_else(PoisonError::into_inner);
        let heard = cover.losses.iter().filter(|(_, heard)| **heard <= known_at);
        heard.map(|((at, _), _)| *at).collect()
    }

    /// The duties of the configuration by the accounts that its spellings stand for: who
    /// is written there by a mail address must not be told about the own account.
    fn persons(
        &self,
        directory: &Directory,
        home: &Home,
        at: Timestamp,
    ) -> HashMap<UserName, Vec<Duty>> {
        let mut persons: HashMap<UserName, Vec<Duty>> = HashMap::new();
        for (spelling, duties) in &self.settings.persons {
            if let Who::Account(login) = Who::read(spelling, None)
                && let Some(account) = Account::find(&login, directory, home, at)
            {
                persons.entry(account.name).or_default().extend(duties);
            }
        }
        persons
    }

    /// The realms whose accounts the directory holds.
    pub(super) fn home(&self, known_at: Timestamp) -> Home {
        if !self.settings.realms.is_empty() {
            return Home::new(self.settings.realms.iter().map(String::as_str));
        }
        let cover = self.cover.read().unwrap_or_else(PoisonError::into_inner);
        let first = cover.realm.as_ref().filter(|(heard, _)| *heard <= known_at);
        Home::new(first.map(|(_, realm)| &**realm))
    }

    fn keep(&self, told: Told, claim: &Claim) -> Option<Dirty> {
        let heard = claim.at;
        match told {
            Told::Deed(event) => self.keep_deed(event, heard),
            Told::Closed(key, closing) => {
                if !self.has_room(self.sessions.len(), self.sessions.contains_key(&key)) {
                    return self.no_room(claim.source, heard);
                }
                let mut session = self.sessions.entry(key).or_default();
                let when = closing.when;
                let new = session.closings.insert(closing, heard);
                let (macs, addresses) = (session.macs.clone(), session.addresses.clone());
                drop(session);
                new.then(|| self.affected(macs, addresses, when))
            }
            Told::Reset(nas, when, exchange) => {
                let new = self.resets.entry(nas).or_default().insert((when, exchange), heard);
                let from = when.earliest - self.settings.reach();
                new.then(|| Dirty::everything(from, Timestamp::MAX))
            }
            Told::Bound(address, bind) => self.keep_bind(address, bind, heard, claim.source),
            Told::Released(address, mac, when) => {
                if !self.has_room(self.addresses.len(), self.addresses.contains_key(&address)) {
                    return self.no_room(claim.source, heard);
                }
                let mut log = self.addresses.entry(address).or_default();
                let new = log.holding.releases.insert((when, mac), heard);
                drop(log);
                new.then(|| self.rebound(address, mac, when))
            }
            Told::Named(mac, at, name) => {
                let host = hosts::spelled(&name);
                let new = hosts::keep(&mut self.devices.get_mut(&mac)?.names, at, name, heard);
                let has_room =
                    |host: &str| self.has_room(self.called.len(), self.called.contains_key(host));
                if let Some(host) = host.filter(|host| new && has_room(host)) {
                    self.called.entry(host).or_default().insert(mac);
                }
                new.then(|| self.dirty(BTreeSet::from([mac]), BTreeSet::new(), at))
            }
            Told::Realm(realm) => self.keep_realm(realm, heard),
            Told::Lost(when) => self.keep_loss(claim.source, when, heard),
        }
    }

    /// Nothing is proven or likely across a loss until the next proof.
    fn keep_loss(&self, source: Source, when: When, heard: Timestamp) -> Option<Dirty> {
        let mut new = false;
        let mut cover = self.cover.write().unwrap_or_else(PoisonError::into_inner);
        for at in [when.earliest, when.latest] {
            let first = cover.losses.entry((at, source)).or_insert_with(|| {
                new = true;
                heard
            });
            new |= heard < *first;
            *first = heard.min(*first);
        }
        let reach = self.settings.reach();
        new.then(|| Dirty::everything(when.earliest - reach, when.latest + reach))
    }

    /// What could not be kept for want of room counts as lost, to the second: a flood of
    /// it must not fill the register of losses instead.
    fn no_room(&self, source: Source, at: Timestamp) -> Option<Dirty> {
        let earliest = Timestamp::from_seconds(at.as_micros().div_euclid(1_000_000));
        let latest = earliest + Span::seconds(1);
        self.keep_loss(source, When { earliest, at, latest }, at)
    }

    fn keep_deed(&self, event: Event, heard: Timestamp) -> Option<Dirty> {
        let mut new = false;
        if let Some(key) = event.deed.key() {
            if !self.has_room(self.sessions.len(), self.sessions.contains_key(key)) {
                return self.no_room(event.source, heard);
            }
            let mut session = self.sessions.entry(key.clone()).or_default();
            session.macs.extend(event.mac);
            session.addresses.extend(event.address);
        }
        if let Some(mac) = event.mac {
            if !self.has_room(self.devices.len(), self.devices.contains_key(&mac)) {
                return self.no_room(event.source, heard);
            }
            if let Who::Account(login) = &event.who {
                let mut devices = self.whereabouts.entry(login.short.clone()).or_default();
                if devices.len() < MOST_WHEREABOUTS {
                    devices.insert(mac);
                }
            }
            let mut device = self.devices.entry(mac).or_default();
            new |= device.deeds.insert(event.clone(), heard);
        }
        let mut addresses = BTreeSet::new();
        if let Some(address) = event.address {
            if !self.has_room(self.addresses.len(), self.addresses.contains_key(&address)) {
                return self.no_room(event.source, heard);
            }
            let mut log = self.addresses.entry(address).or_default();
            new |= log.deeds.entry(event.mac).or_default().insert(event.clone(), heard);
            addresses.insert(address);
        }
        new.then(|| self.affected(event.mac.into_iter().collect(), addresses, event.when))
    }

    fn keep_bind(
        &self,
        address: IpAddr,
        bind: Bind,
        heard: Timestamp,
        source: Source,
    ) -> Option<Dirty> {
        let known = self.addresses.contains_key(&address) && self.devices.contains_key(&bind.mac);
        let places = self.addresses.len().max(self.devices.len());
        if !self.has_room(places, known) {
            return self.no_room(source, heard);
        }
        let (mac, when, by) = (bind.mac, bind.when, bind.by);
        let is_first_lease = matches!(by, Hold::Lease(_)) && !self.is_lent(address, Timestamp::MAX);
        let mut log = self.addresses.entry(address).or_default();
        let new = log.holding.binds.insert(bind, heard);
        drop(log);
        let mut device = self.devices.entry(mac).or_default();
        device.held.insert(address);
        if by == Hold::Sighted {
            let first = device.fronted.entry((day_of(when.at), address)).or_insert(heard);
            *first = (*first).min(heard);
        }
        drop(device);
        // What vouched for logins is a device: they may be its making.
        if is_first_lease && self.servers.contains(&address) {
            return Some(Dirty::everything(Timestamp::from_micros(i64::MIN), Timestamp::MAX));
        }
        new.then(|| self.rebound(address, mac, when))
    }

    fn keep_realm(&self, realm: Box<str>, heard: Timestamp) -> Option<Dirty> {
        let mut cover = self.cover.write().unwrap_or_else(PoisonError::into_inner);
        let first = (heard, realm);
        if cover.realm.as_ref().is_some_and(|known| *known <= first) {
            return None;
        }
        let changed = cover.realm.as_ref().is_none_or(|known| known.1 != first.1);
        cover.realm = Some(first);
        let everything = Dirty::everything(Timestamp::from_micros(i64::MIN), Timestamp::MAX);
        (changed && self.settings.realms.is_empty()).then_some(everything)
    }

    /// Whether a device can have been a router on any day.
    pub(super) fn may_route(&self, mac: Mac) -> bool {
        let many = self.settings.router_addresses;
        self.settings.routers.contains(&mac)
            || self.devices.get(&mac).is_some_and(|device| device.fronted.len() > many)
    }

    fn has_room(&self, places: usize, known: bool) -> bool {
        known || places < MOST_PLACES
    }

    /// A deed: every device it may belong to, and all addresses of those.
    fn affected(
        &self,
        mut devices: BTreeSet<Mac>,
        addresses: BTreeSet<IpAddr>,
        when: When,
    ) -> Dirty {
        for address in &addresses {
            if let Some(log) = self.addresses.get(address) {
                devices.extend(log.holding.binds.all().iter().map(|bind| bind.what.mac));
            }
        }
        self.dirty(devices, addresses, when.earliest)
    }

    /// A change of who held an address: the deeds told at it may move.
    fn rebound(&self, address: IpAddr, mac: Mac, when: When) -> Dirty {
        let mut devices = BTreeSet::from([mac]);
        let mut from = when.earliest;
        if let Some(log) = self.addresses.get(&address) {
            let binds = log.holding.binds.all();
            devices.extend(binds.iter().map(|bind| bind.what.mac));
            from = from.min(disturbed_from(binds, when, self.settings.announced_for));
            // Two that are shown to have met are no longer each other's heirs around then.
            if devices.len() > 1 {
                from = from.min(when.earliest - self.settings.announced_for);
            }
        }
        self.dirty(devices, BTreeSet::from([address]), from)
    }

    /// Devices that ever bore a name of this one, unless too many do for it to matter.
    fn namesakes_ever(&self, mac: Mac) -> BTreeSet<Mac> {
        let names: BTreeSet<Box<str>> = match self.devices.get(&mac) {
            Some(device) => {
                let names = device.names.all().iter();
                names.filter_map(|named| hosts::spelled(&named.what.1)).collect()
            }
            None => return BTreeSet::new(),
        };
        let called = names.iter().filter_map(|name| self.called.get(name).map(|m| m.clone()));
        // One more than matter: where it is the one too many, answers change for the last time.
        called.filter(|devices| devices.len() <= hosts::MOST_OF_A_NAME + 1).flatten().collect()
    }

    /// From the reach before, or the begin of the day whose crowd may have changed, and
    /// on: a trace may keep a ticket alive for as long as traces follow.
    fn dirty(
        &self,
        mut devices: BTreeSet<Mac>,
        mut addresses: BTreeSet<IpAddr>,
        earliest: Timestamp,
    ) -> Dirty {
        let held = |mac: &Mac| {
            let device = self.devices.get(mac);
            device.map(|device| device.held.clone()).unwrap_or_default()
        };
        // What a router's frames told may move to, or from, all who are behind it.
        for router in devices.clone().into_iter().filter(|mac| self.may_route(*mac)) {
            for address in held(&router) {
                if let Some(log) = self.addresses.get(&address) {
                    devices.extend(log.holding.binds.all().iter().map(|bind| bind.what.mac));
                }
            }
        }
        // What is told of one card of a computer may be told of its other cards.
        for mac in devices.clone() {
            devices.extend(self.namesakes_ever(mac));
        }
        addresses.extend(devices.iter().flat_map(held));
        let from = start_of(day_of(earliest)).min(earliest) - self.settings.reach();
        Dirty { devices: Some(devices), addresses, from, until: Timestamp::MAX }
    }
}
