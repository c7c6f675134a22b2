//! Gathers from the register what bears on one question.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use facts::{Exchange, Mac, Sighting, Timestamp, UserName};

use super::answer::{FoundBy, View};
use super::binding::{Placing, Tenure, holders};
use super::card::Card;
use super::crowd::{Trace, crowded_days, day_of, start_of};
use super::directory::{Account, Directory};
use super::ending::{By, End, Ends};
use super::event::{Closing, Deed, Event, Heard, Key};
use super::login::{Home, Who};
use super::roster::Roster;
use super::session::{Act, Rules, stays};

/// The register as it was known at one moment.
pub(super) struct Lens<'a> {
    pub(super) roster: &'a Roster,
    directory: &'a Directory,
    home: &'a Home,
    losses: &'a [Timestamp],
    pub(super) known_at: Timestamp,
    /// What was found out of hardware addresses, by day.
    pub(super) routers: RefCell<HashMap<(Mac, i64), bool>>,
}

/// The accounts met on a device, by number.
#[derive(Default)]
struct Accounts {
    numbers: BTreeMap<UserName, usize>,
    found: Vec<Account>,
}

impl Accounts {
    /// The number of an account. What the directory said of it last before the question
    /// stays.
    fn number(&mut self, account: Account, is_before: bool) -> usize {
        let next = self.found.len();
        let number = *self.numbers.entry(account.name.clone()).or_insert(next);
        if number == next {
            self.found.push(account);
        } else if is_before {
            self.found[number] = account;
        }
        number
    }
}

/// A deed, and how sure it is that it was on the device.
type Placed = (Event, Placing);

/// Where deeds of a device stand.
enum Shelf {
    Own,
    At { address: IpAddr, via: Option<Mac>, tenures: Vec<Tenure> },
}

impl<'a> Lens<'a> {
    /// Looks at the register.
    pub(super) fn new(
        roster: &'a Roster,
        directory: &'a Directory,
        home: &'a Home,
        losses: &'a [Timestamp],
        known_at: Timestamp,
    ) -> Self {
        Self { roster, directory, home, losses, known_at, routers: RefCell::default() }
    }

    /// Every device that may have been behind the sighting.
    pub(super) fn views(&self, sighting: &Sighting, at: Timestamp) -> (FoundBy, Vec<View>) {
        let address = sighting.address.to_canonical();
        let many = self.roster.settings.many_user_addresses.contains(&address);
        let frame = sighting.mac.filter(|mac| mac.is_device());
        let own = frame.map(|mac| self.view(mac, (address, at), true, many));
        let holders = holders(&self.tenures(address), at, at);
        let others = |may: &dyn Fn(Mac) -> bool| -> Vec<View> {
            let macs = holders.iter().map(|(mac, _)| *mac).filter(|mac| frame != Some(*mac));
            let macs = macs.filter(|mac| may(*mac));
            macs.map(|mac| self.view(mac, (address, at), false, many)).collect()
        };
        let is_device = own.as_ref().is_some_and(|own| !self.is_router(own.mac, at));
        let (mut views, more) = match own {
            // The server lent the address to another: its accounts are candidates as well.
            Some(own) if is_device => {
                let lessees = others(&|mac| self.lent_to_another(address, own.mac, mac, at));
                (vec![own], lessees)
            }
            // Taken for a router by its frames alone it may as well be a computer that feigns
            // other addresses: whoever is on it stays a candidate. Behind a router that is told
            // as one, who logged in at an address counts where no device is known for it.
            own => {
                let behind = others(&|_| true);
                let may = |own: &View| behind.is_empty() || !self.is_told_router(own.mac);
                let own = own.filter(may);
                (behind, own.into_iter().collect())
            }
        };
        let is_known =
            |name: &UserName| views.iter().any(|view: &View| view.names_at(at).any(|n| n == name));
        let adds = |view: &View| view.names_at(at).any(|name| !is_known(name));
        let more: Vec<View> = more.into_iter().filter(adds).collect();
        let found_by = match (is_device, more.is_empty()) {
            (true, true) => FoundBy::Frame,
            (false, false) if views.is_empty() => FoundBy::Router,
            _ => FoundBy::Address,
        };
        views.extend(more);
        (found_by, views)
    }

    fn view(
        &self,
        mac: Mac,
        (asked, at): (IpAddr, Timestamp),
        is_own_frame: bool,
        many_address: bool,
    ) -> View {
        let settings = &self.roster.settings;
        let mut shelves: Vec<(Mac, Shelf)> =
            self.shelves(mac).into_iter().map(|shelf| (mac, shelf)).collect();
        let is_router = self.is_router(mac, at);
        let card = self.card(mac, (asked, at), is_own_frame, is_router);
        let is_bare = |shelf: &Shelf| matches!(shelf, Shelf::At { address, via: None, .. } if *address == asked);
        // Behind a router that no lease looks through: who is told to be there, all the same.
        if card.is_router() && !shelves.iter().any(|(_, shelf)| is_bare(shelf)) {
            let bare = Shelf::At { address: asked, via: None, tenures: self.tenures(asked) };
            shelves.push((mac, bare));
        }
        // Where the card carries another computer than before, who is on that one's other cards.
        for other in self.namesakes(mac, at) {
            shelves.extend(self.shelves(other).into_iter().map(|shelf| (other, shelf)));
        }
        let (from, until) = self.window(&shelves, at);
        let mut placed: Vec<Placed> = Vec::new();
        for (of, shelf) in &shelves {
            if *of == mac {
                self.collect(mac, shelf, from, until, &card, &mut placed);
                continue;
            }
            let (card, mut theirs) = (self.card(*of, (asked, at), false, false), Vec::new());
            self.collect(*of, shelf, from, until, &card, &mut theirs);
            placed.extend(theirs.into_iter().map(|(event, _)| (event, Placing::Disputed)));
        }
        placed.sort_by(|a, b| a.0.cmp(&b.0));
        let mut accounts = Accounts::default();
        let acts = self.acts(&placed, at, &mut accounts);
        let ends = self.ends(mac, &acts, &mut accounts);
        let Accounts { found: accounts, .. } = accounts;
        let names: Vec<_> = accounts.iter().map(|account| account.name.clone()).collect();
        // More records than one device can have are nothing new where they are others'.
        let overfull = if is_router { BTreeSet::new() } else { self.overfull(mac, &shelves) };
        let mut crowded = crowded_days(&traces(&acts, &names));
        crowded.extend(overfull.iter().copied());
        let many =
            many_address || settings.many_user_hosts.contains(&mac) || View::on_day(&crowded, at);
        let configured = settings.many_user_hosts.contains(&mac);
        let rules = Rules {
            one_at_a_time: settings.one_person_on(mac) && !configured && !many_address,
            crowded,
            breaks: self.losses.to_vec(),
            session_cap: settings.session_cap,
            ticket_lifetime: settings.ticket_lifetime,
        };
        let stays = stays(&acts, &ends, &rules);
        let near = |index: usize| stays.iter().any(|s| s.account == Some(index) && s.may_hold(at));
        let elsewhere = (0..names.len())
            .map(|index| near(index) && self.elsewhere(mac, &placed, &names[index], at))
            .collect();
        let overfull = overfull.contains(&day_of(at));
        let name = self.name(mac, at);
        View { mac, name, accounts, acts, stays, many, overfull, elsewhere }
    }

    fn shelves(&self, mac: Mac) -> Vec<Shelf> {
        let device = self.roster.devices.get(&mac);
        let held: Vec<IpAddr> =
            device.map(|d| d.held.iter().copied().collect()).unwrap_or_default();
        let mut shelves = vec![Shelf::Own];
        for address in held {
            let log = self.roster.addresses.get(&address);
            let vias: Vec<Option<Mac>> =
                log.map(|log| log.deeds.keys().copied().collect()).unwrap_or_default();
            let vias: Vec<Option<Mac>> = vias
                .into_iter()
                .filter(|via| via.is_none_or(|via| via != mac && self.roster.may_route(via)))
                .collect();
            if !vias.is_empty() {
                let tenures = self.tenures(address);
                let at = |via| Shelf::At { address, via, tenures: tenures.clone() };
                shelves.extend(vias.into_iter().map(at));
            }
        }
        shelves
    }

    fn on_shelf<T>(
        &self,
        mac: Mac,
        shelf: &Shelf,
        read: impl FnOnce(&[Heard<Event>]) -> T,
    ) -> Option<T> {
        match shelf {
            Shelf::Own => self.roster.devices.get(&mac).map(|device| read(device.deeds.all())),
            Shelf::At { address, via, .. } => {
                let log = self.roster.addresses.get(address)?;
                log.deeds.get(via).map(|deeds| read(deeds.all()))
            }
        }
    }

    /// The stretch around a moment outside which nothing can bear on it: back to a silence
    /// that no session outlives, forward as far as a proof may come, both to whole days.
    fn window(&self, shelves: &[(Mac, Shelf)], at: Timestamp) -> (Timestamp, Timestamp) {
        let reach = self.roster.settings.reach();
        let mut from = at;
        loop {
            let before = from;
            for (mac, shelf) in shelves {
                let earliest = |all: &[Heard<Event>]| {
                    let mut from = before;
                    let end = all.partition_point(|entry| entry.what.when.latest < before);
                    for entry in all[..end].iter().rev() {
                        if entry.what.when.latest + reach < from {
                            break;
                        }
                        from = from.min(entry.what.when.earliest);
                    }
                    from
                };
                from = from.min(self.on_shelf(*mac, shelf, earliest).unwrap_or(from));
            }
            if from == before {
                break;
            }
        }
        let until = at + reach + reach;
        (start_of(day_of(from)), start_of(day_of(until).saturating_add(1)))
    }

    fn collect(
        &self,
        mac: Mac,
        shelf: &Shelf,
        from: Timestamp,
        until: Timestamp,
        card: &Card,
        placed: &mut Vec<Placed>,
    ) {
        let cut = |all: &[Heard<Event>]| -> Vec<Event> {
            let first = all.partition_point(|entry| entry.what.when.latest < from);
            let within = all[first..].iter().take_while(|entry| entry.what.when.latest < until);
            let known = within.filter(|entry| entry.heard <= self.known_at);
            known.map(|entry| entry.what.clone()).collect()
        };
        let events = self.on_shelf(mac, shelf, cut).unwrap_or_default();
        match shelf {
            Shelf::Own => placed.extend(events.into_iter().filter_map(|event| {
                if self.is_told_router(mac) {
                    // It is known where it was, and not on which device.
                    return card.is_at(&event).then_some((event, Placing::Disputed));
                }
                let is_others = !card.is_at(&event)
                    && self.is_router(mac, event.when.at)
                    && self.is_of_other(mac, &event, card);
                let placing = if !card.is_at(&event) && self.is_contested(mac, &event, card) {
                    Placing::Disputed
                } else {
                    card.placing(&event, self.owns_place(mac, &event))
                };
                (!is_others).then_some((event, placing))
            })),
            Shelf::At { via, tenures, .. } => {
                let routed =
                    events.into_iter().filter(|e| via.is_none_or(|r| self.is_router(r, e.when.at)));
                placed.extend(routed.filter_map(|event| {
                    let holders = holders(tenures, event.when.earliest, event.when.latest);
                    if holders.is_empty() && via.is_none() && card.is_router() {
                        return card.is_at(&event).then_some((event, Placing::Disputed));
                    }
                    let (_, placing) = holders.into_iter().find(|(holder, _)| *holder == mac)?;
                    let placing = match card.placing(&event, self.owns_place(mac, &event)) {
                        Placing::Disputed => Placing::Disputed,
                        Placing::Sure | Placing::Unsure => placing,
                    };
                    Some((event, placing))
                }));
            }
        }
    }

    fn acts(&self, placed: &[Placed], at: Timestamp, accounts: &mut Accounts) -> Vec<Act> {
        let mut acts = Vec::with_capacity(placed.len());
        for (event, placing) in placed {
            let (account, role) = match &event.who {
                Who::Machine => continue,
                Who::Hidden => (None, None),
                Who::Account(login) => {
                    let found = Account::find(login, self.directory, self.home, event.when.at);
                    let Some(found) = found else { continue };
                    let role = found.role();
                    (Some(accounts.number(found, event.when.at <= at)), role)
                }
            };
            let deed = event.deed.clone();
            let (when, placing) = (event.when, *placing);
            let exchange = self.roster.heard(event.exchange, self.known_at);
            acts.push(Act { when, account, role, deed, placing, exchange });
        }
        acts
    }

    fn ends(&self, mac: Mac, acts: &[Act], accounts: &mut Accounts) -> Ends {
        let mut ends = Ends::default();
        let keys: BTreeSet<&Key> = acts.iter().filter_map(|act| act.deed.key()).collect();
        for key in keys {
            if let Some(session) = self.roster.sessions.get(key) {
                let known = session.closings.known(self.known_at);
                let known = known.filter(|closing| self.counts(closing.exchange));
                let known = known.map(|closing| self.end(mac, closing, accounts)).collect();
                ends.closings.insert(key.clone(), known);
            }
            let Key::Radius { nas, .. } = key else { continue };
            if let Some(resets) = self.roster.resets.get(nas) {
                let known = resets.known(self.known_at).filter(|(_, by)| self.counts(*by));
                ends.resets.insert(nas.clone(), known.map(|(when, _)| *when).collect());
            }
        }
        ends
    }

    fn end(&self, mac: Mac, closing: &Closing, accounts: &mut Accounts) -> End {
        let Closing { when, lag, by, mac: told, .. } = closing;
        let by = match by {
            Who::Hidden => By::Untold,
            Who::Machine => By::Machine,
            // A service is no person either.
            Who::Account(login) => Account::find(login, self.directory, self.home, when.at)
                .map_or(By::Machine, |found| By::Account(accounts.number(found, false))),
        };
        let is_elsewhere = told.is_some_and(|told| told != mac);
        End { when: *when, lag: *lag, by, is_elsewhere }
    }

    /// Whether both sides were heard of what tells something.
    fn counts(&self, exchange: Exchange) -> bool {
        self.roster.heard(exchange, self.known_at) != Exchange::OneSided
    }

    fn overfull(&self, mac: Mac, shelves: &[(Mac, Shelf)]) -> BTreeSet<i64> {
        let mut days = BTreeSet::new();
        for (_, shelf) in shelves.iter().filter(|(of, _)| *of == mac) {
            match shelf {
                Shelf::Own => {
                    if let Some(device) = self.roster.devices.get(&mac) {
                        days.extend(device.deeds.overfull(self.known_at));
                    }
                }
                Shelf::At { address, via, .. } => {
                    if let Some(log) = self.roster.addresses.get(address) {
                        let deeds = log.deeds.get(via);
                        days.extend(deeds.iter().flat_map(|deeds| deeds.overfull(self.known_at)));
                    }
                }
            }
        }
        days
    }

    /// Whether an account was in use on another device within the idle lock.
    fn elsewhere(&self, mac: Mac, placed: &[Placed], name: &UserName, at: Timestamp) -> bool {
        let near = self.roster.settings.idle_lock;
        let shorts: BTreeSet<&UserName> = placed
            .iter()
            .filter_map(|(event, _)| match &event.who {
                Who::Account(login) => Some((login, event.when.at)),
                Who::Hidden | Who::Machine => None,
            })
            .filter(|(_, when)| {
                when.since(at) <= near && at.since(*when) <= self.roster.settings.reach()
            })
            .filter(|(login, when)| {
                let found = Account::find(login, self.directory, self.home, *when);
                found.is_some_and(|found| found.name == *name)
            })
            .map(|(login, _)| &login.short)
            .collect();
        let used = |other: Mac, short: &UserName| {
            let Some(device) = self.roster.devices.get(&other) else { return false };
            let all = device.deeds.all();
            let first = all.partition_point(|entry| entry.what.when.latest < at - near);
            all[first..]
                .iter()
                .take_while(|entry| entry.what.when.latest <= at + near)
                .filter(|entry| entry.heard <= self.known_at)
                .filter(|entry| self.counts(entry.what.exchange))
                .any(|entry| matches!(&entry.what.who, Who::Account(l) if l.short == *short))
        };
        shorts.into_iter().any(|short| {
            let seen = self.roster.whereabouts.get(short).map(|macs| macs.clone());
            seen.unwrap_or_default().into_iter().any(|other| other != mac && used(other, short))
        })
    }

    fn name(&self, mac: Mac, at: Timestamp) -> Option<Box<str>> {
        let device = self.roster.devices.get(&mac)?;
        let named = device.names.known(self.known_at).take_while(|(named, _)| *named <= at);
        named.last().map(|(_, name)| name.clone())
    }
}

fn traces(acts: &[Act], names: &[UserName]) -> Vec<Trace> {
    let mut traces: Vec<Trace> = acts
        .iter()
        .filter(|act| act.is_whole())
        .filter_map(|act| {
            let opens = matches!(act.deed, Deed::Open(..));
            let account = names.get(act.account?)?.clone();
            Some(Trace { at: act.when.at, account, opens })
        })
        .collect();
    traces.sort_by_key(|trace| trace.at);
    traces
}
