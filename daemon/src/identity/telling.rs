//! Turns a claim into what timelines keep: deeds, bindings, endings.

use std::net::IpAddr;

use facts::{
    Accounting, AccountingStatus, Assertion, Claim, Exchange, LogonEvent, Mac, Sighting, SiteId,
    Source, Span, TerminateCause, Timestamp, UserName,
};

use super::event::{Bind, Closing, Deed, Event, Grade, Hold, Key, When};
use super::login::Who;
use super::settings::Settings;

/// One thing that a claim says.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// An account did something.
    Deed(Event),
    /// A session ended.
    Closed(Key, Closing),
    /// All sessions of a reporter ended.
    Reset(Box<str>, When, Exchange),
    /// A device holds an address.
    Bound(IpAddr, Bind),
    /// A device gave an address back.
    Released(IpAddr, Mac, When),
    /// What a device calls itself.
    Named(Mac, Timestamp, Box<str>),
    /// A Kerberos reply of this realm was heard.
    Realm(Box<str>),
    /// A record of the source was lost.
    Lost(When),
}

/// The precision of a RADIUS time: whole seconds, and the way of the packet.
const ACCOUNTING_BOUND: Span = Span::seconds(2);

/// The longest name of a device that is kept, in characters.
const LONGEST_DEVICE_NAME: usize = 64;

/// Everything a claim says, or nothing if it says nothing that counts.
pub(super) fn read(claim: &Claim, settings: &Settings) -> Vec<Told> {
    let when = When::within(claim.at, settings.clock_bounds.of(claim.source));
    let mut told = Vec::new();
    match &claim.assertion {
        Assertion::Leased { mac, address, vlan, lease, host } => {
            if let Some(bound) = bound(*mac, *address, Hold::Lease(*lease), *vlan, when) {
                told.push(bound);
                let name = host.as_deref().map(device_name).filter(|name| !name.is_empty());
                told.extend(name.map(|name| Told::Named(*mac, claim.at, name)));
            }
        }
        Assertion::Released { mac, address } => {
            told.push(Told::Released(address.to_canonical(), *mac, when));
        }
        Assertion::Announced { mac, address, vlan } => {
            told.extend(bound(*mac, *address, Hold::Announced, *vlan, when));
        }
        Assertion::Sighted { mac, address, vlan } => {
            told.extend(bound(*mac, *address, Hold::Sighted, *vlan, when));
        }
        // Sent before any password is checked: it proves nothing.
        Assertion::KerberosAsked { .. } => {}
        Assertion::KerberosGranted { client, cname, realm } => {
            let deed = Deed::Open(Grade::Ticket, None);
            let ticket = Ticket { client, cname, realm, exchange: claim.exchange };
            told.extend(ticket.told(deed, when, settings.site));
        }
        Assertion::KerberosUsed { client, cname, realm } => {
            let ticket = Ticket { client, cname, realm, exchange: claim.exchange };
            told.extend(ticket.told(Deed::Use, when, settings.site));
        }
        Assertion::Accounted(accounting) => {
            told.extend(accounted(accounting, claim, settings));
        }
        Assertion::Lost { told_at } => {
            told.push(Told::Lost(When::within(*told_at, settings.clock_bounds.of(claim.source))));
        }
        Assertion::Logon { event, user, address, mac, session, told_at } => {
            // A row that tells the future was written by a wrong clock: it happened when it came.
            let bound = settings.clock_bounds.of(claim.source);
            let told_at = if *told_at > claim.at + bound { claim.at } else { *told_at };
            let when = When::within(told_at, bound);
            let (source, exchange) = (claim.source, claim.exchange);
            let place = Place { mac: *mac, address: *address, source, exchange };
            told.extend(place.bound(when));
            let key = session.as_deref().map(|session| Key::File(session.into()));
            told.extend(logon(*event, user, key, place, when));
        }
    }
    told
}

#[derive(Clone, Copy)]
struct Place {
    mac: Option<Mac>,
    address: Option<IpAddr>,
    source: Source,
    exchange: Exchange,
}

impl Place {
    fn bound(self, when: When) -> Option<Told> {
        if self.exchange == Exchange::OneSided {
            return None;
        }
        bound(self.mac?, self.address?, Hold::Announced, None, when)
    }

    fn deed(self, who: Who, deed: Deed, when: When) -> Option<Told> {
        let address = self.address.map(|address| address.to_canonical());
        let nowhere = self.mac.is_none() && address.is_none();
        let Self { mac, source, exchange, .. } = self;
        let event = Event { when, who, deed, mac, address, source, exchange };
        (!nowhere && event.who != Who::Machine).then_some(Told::Deed(event))
    }
}

fn bound(mac: Mac, address: IpAddr, by: Hold, vlan: Option<u16>, when: When) -> Option<Told> {
    let may_be = mac.is_device() && !address.is_unspecified();
    may_be.then(|| Told::Bound(address.to_canonical(), Bind { when, mac, by, vlan }))
}

/// A Kerberos reply.
struct Ticket<'a> {
    client: &'a Sighting,
    cname: &'a UserName,
    realm: &'a str,
    exchange: Exchange,
}

impl Ticket<'_> {
    fn told(&self, deed: Deed, when: When, site: SiteId) -> Vec<Told> {
        let Self { client, cname, realm, exchange } = *self;
        if client.site != site {
            return Vec::new();
        }
        let mac = client.mac.filter(|mac| mac.is_device());
        let (source, address) = (Source::Mirror, Some(client.address));
        let place = Place { mac, address, source, exchange };
        let who = Who::read(cname, Some(realm));
        let is_whole = exchange != Exchange::OneSided;
        let device = mac.filter(|_| is_whole);
        let sighted =
            device.and_then(|mac| bound(mac, client.address, Hold::Sighted, client.vlan, when));
        let realm = (is_whole && who != Who::Hidden)
            .then(|| Told::Realm(realm.trim().to_lowercase().into()));
        sighted.into_iter().chain(realm).chain(place.deed(who, deed, when)).collect()
    }
}

/// RADIUS accounting. Our clock counts where the reporter's agrees with it within its
/// precision; a record that was held back happened some time between what it tells and
/// its arrival, and one that tells the future happened when it came.
///
/// Of a record that no server took an end ends nothing: it says no more than that somebody may
/// have gone, and the restart of a reporter not even that.
fn accounted(accounting: &Accounting, claim: &Claim, settings: &Settings) -> Vec<Told> {
    let Claim { at, exchange, .. } = *claim;
    let bound = settings.clock_bounds.mirror;
    let held_back = at.since(accounting.told_at);
    let when = if held_back > ACCOUNTING_BOUND && held_back <= settings.session_cap {
        let earliest = accounting.told_at - ACCOUNTING_BOUND;
        When { latest: at + bound, at: accounting.told_at, earliest }
    } else {
        When::within(at, bound)
    };
    let nas: Box<str> = accounting.nas.as_str().into();
    let key = accounting.session.as_deref();
    let key = key.map(|session| Key::Radius { nas: nas.clone(), session: session.into() });
    let mac = accounting.calling_station.as_deref().and_then(|text| text.parse().ok());
    let mac = mac.filter(|mac: &Mac| mac.is_device());
    let place = Place { mac, address: accounting.framed_ip, source: Source::Mirror, exchange };
    let is_whole = exchange != Exchange::OneSided;
    let mut told: Vec<Told> = Vec::new();
    let deed = match accounting.status {
        AccountingStatus::Start => Deed::Open(Grade::Session, key),
        AccountingStatus::InterimUpdate => key.map_or(Deed::Use, Deed::Keep),
        AccountingStatus::Stop if !is_whole => Deed::Left(None),
        AccountingStatus::Stop => {
            let has_said_so = accounting.terminate_cause == Some(TerminateCause::USER_REQUEST);
            let lag = if has_said_so { Span::ZERO } else { settings.stop_lag };
            let by = accounting.user.as_ref().map_or(Who::Hidden, |user| Who::read(user, None));
            told.extend(key.map(|key| Told::Closed(key, Closing { when, lag, by, mac, exchange })));
            return told;
        }
        AccountingStatus::AccountingOn | AccountingStatus::AccountingOff => {
            return if is_whole { vec![Told::Reset(nas, when, exchange)] } else { Vec::new() };
        }
    };
    told.extend(place.bound(when));
    let who = accounting.user.as_ref().map(|user| Who::read(user, None));
    told.extend(who.and_then(|who| place.deed(who, deed, when)));
    told
}

fn logon(
    event: LogonEvent,
    user: &UserName,
    key: Option<Key>,
    place: Place,
    when: When,
) -> Vec<Told> {
    let who = Who::read(user, None);
    let mut told = Vec::new();
    let deed = match event {
        LogonEvent::Login => Deed::Open(Grade::Session, key),
        // A key may fit no session that is known: the account has gone all the same.
        LogonEvent::Logout => {
            let (by, mac, exchange) = (who.clone(), place.mac, place.exchange);
            let closing = Closing { when, lag: Span::ZERO, by, mac, exchange };
            told.extend(key.clone().map(|key| Told::Closed(key, closing)));
            Deed::Left(key)
        }
        LogonEvent::Use => Deed::Use,
        LogonEvent::Lock => Deed::Lock(key),
        LogonEvent::Unlock => Deed::Unlock(key),
    };
    told.extend(place.deed(who, deed, when));
    told
}

fn device_name(text: &str) -> Box<str> {
    let plain = text.chars().filter(|c| !c.is_control()).take(LONGEST_DEVICE_NAME);
    plain.collect::<String>().trim().into()
}
