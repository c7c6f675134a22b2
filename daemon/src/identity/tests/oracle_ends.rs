//! What ends a session, and what makes its owner doubtful, in the slow second opinion.

use std::collections::BTreeSet;

use std::net::IpAddr;

use facts::{Exchange, Span, Timestamp, UserName};

use super::oracle::{Act, Oracle, day};
use crate::identity::directory::Account;
use crate::identity::event::{Closing, Deed, Grade, Hold, Key, When};
use crate::identity::login::Who;

impl Oracle<'_> {
    pub(super) fn own_closing(&self, begin: &Act) -> Option<&Closing> {
        let key = begin.event.deed.key()?;
        let of_key = self.closings().filter(|(of, _)| of == key).map(|(_, closing)| closing);
        let after = of_key.filter(|closing| closing.when.at > begin.event.when.at);
        let own = after.filter(|closing| self.agrees(closing, begin));
        own.min_by_key(|closing| (closing.when.at, closing.when, closing.lag))
    }

    /// Until when the login surely can have lived, and its traces while it surely did.
    pub(super) fn surely_alive(&self, begin: &Act, traces: &[&Act]) -> (Timestamp, Vec<When>) {
        let mut alive = begin.event.when.earliest + self.life(begin);
        let mut sure: Vec<When> =
            traces.iter().filter(|act| act.is_sure()).map(|act| act.event.when).collect();
        sure.sort();
        sure.retain(|trace| {
            let lives = trace.latest < alive;
            if lives {
                alive = alive.max(trace.earliest + self.life(begin));
            }
            lives
        });
        (alive, sure)
    }

    pub(super) fn life(&self, begin: &Act) -> Span {
        match begin.event.deed {
            Deed::Open(Grade::Ticket, _) => self.settings.ticket_lifetime,
            _ => self.settings.session_cap,
        }
    }

    /// The ends that count.
    pub(super) fn closings(&self) -> impl Iterator<Item = &(Key, Closing)> {
        self.closings.iter().filter(|(_, closing)| self.counts(closing.exchange))
    }

    /// Whether what was heard of an exchange is no single device's making: no server that
    /// was ever lent an address vouches for anything, unless the school names it.
    pub(super) fn counts(&self, exchange: Exchange) -> bool {
        let told = &self.settings.login_servers;
        let is_lent = |server: IpAddr| {
            let mut of_server = self.binds.iter().filter(|(address, _)| *address == server);
            of_server.any(|(_, bind)| matches!(bind.by, Hold::Lease(_)))
        };
        match exchange {
            Exchange::Whole => true,
            Exchange::OneSided => false,
            Exchange::With(server) if told.is_empty() => !is_lent(server),
            Exchange::With(server) => told.contains(&server),
        }
    }

    /// Whose session a source says has ended: nobody where it does not say, and no name
    /// where it was no person's.
    pub(super) fn closer(&self, closing: &Closing) -> Option<Option<UserName>> {
        match &closing.by {
            Who::Hidden => None,
            Who::Machine => Some(None),
            Who::Account(login) => {
                let found = Account::find(login, self.directory, &self.home, closing.when.at);
                Some(found.map(|found| found.name))
            }
        }
    }

    /// Whether an end is told of whoever opened the session, as far as both are known.
    pub(super) fn agrees(&self, closing: &Closing, begin: &Act) -> bool {
        match (self.closer(closing), &begin.account) {
            (None, _) | (Some(_), None) => true,
            (Some(closer), Some(opener)) => closer.as_ref() == Some(opener),
        }
    }

    /// Ends that were told of somebody else than the one who had opened the session last.
    pub(super) fn contradictions<'b>(&self, acts: &'b [Act]) -> Vec<(&'b Act, &Closing)> {
        let mut found = Vec::new();
        for (key, closing) in self.closings() {
            for act in acts.iter().filter(|act| self.begins(act, acts)) {
                let opens = |act: &Act| {
                    let (at, closed) = (act.event.when.at, closing.when.at);
                    let cap = self.settings.session_cap;
                    let is_of_key = act.is_whole() && act.event.deed.key() == Some(key);
                    is_of_key && at <= closed && closed.since(at) <= cap
                };
                let later = |other: &Act| {
                    opens(other) && self.begins(other, acts) && other.event.when > act.event.when
                };
                let is_last = opens(act) && !acts.iter().any(later);
                if is_last && !self.agrees(closing, act) {
                    found.push((act, closing));
                }
            }
        }
        found
    }

    /// From when on a login is doubtful, though nothing ended it.
    pub(super) fn doubted_from(&self, begin: &Act, acts: &[Act]) -> Timestamp {
        let gone = acts.iter().filter(|act| {
            matches!(act.event.deed, Deed::Left(_))
                && act.account.is_some()
                && act.account == begin.account
                && begin.event.when.earliest <= act.event.when.latest
        });
        let gone = gone.map(|act| act.event.when.earliest);
        let others = self.contradictions(acts).into_iter().filter(|(opener, closing)| {
            opener.account == begin.account
                && opener.event.deed.key() == begin.event.deed.key()
                && closing.when.at >= begin.event.when.at
        });
        let others = others.map(|(_, closing)| closing.when.earliest);
        gone.chain(others).min().unwrap_or(Timestamp::MAX)
    }

    /// A wireless start by who had a wireless session open when the other logged in.
    pub(super) fn roams(&self, start: &Act, other: &Act, acts: &[Act]) -> bool {
        let wireless = |act: &Act| matches!(act.event.deed.key(), Some(Key::Radius { .. }));
        let open = |earlier: &&Act| {
            let closing = self.own_closing(earlier).map(|closing| closing.when.latest);
            let reset = self.own_reset(earlier).map(|when| when.latest);
            let lapses = acts
                .iter()
                .filter(|act| act.account == earlier.account)
                .filter(|act| act.event.deed.key() == earlier.event.deed.key())
                .filter(|act| act.event.when.at <= other.event.when.at)
                .map(|act| act.event.when.latest)
                .chain([earlier.event.when.latest])
                .map(|trace| trace + self.settings.session_cap)
                .max();
            let ends = [closing, reset, lapses];
            ends.into_iter().flatten().all(|end| end > other.event.when.latest)
        };
        wireless(start)
            && acts
                .iter()
                .filter(|act| self.begins(act, acts) && wireless(act) && act.is_whole())
                .filter(|act| act.account == start.account)
                .filter(|act| act.event.when.earliest <= other.event.when.latest)
                .any(|act| open(&act))
    }

    /// Whether three people came back on that day after others.
    pub(super) fn is_crowded(&self, acts: &[Act], of: i64) -> bool {
        let on_day: Vec<&Act> = acts
            .iter()
            .filter(|act| act.account.is_some() && act.is_whole())
            .filter(|act| day(act.event.when.at) == of)
            .collect();
        let at = |act: &Act| act.event.when.at;
        let mut returning = BTreeSet::new();
        for between in on_day.iter().filter(|act| matches!(act.event.deed, Deed::Open(..))) {
            for before in on_day.iter().filter(|act| act.account != between.account) {
                let comes_back = on_day.iter().any(|after| {
                    after.account == before.account
                        && at(before) < at(between)
                        && at(between) < at(after)
                        && at(after).since(at(before)) <= Span::hours(1)
                });
                if comes_back {
                    returning.insert(before.account.clone());
                }
            }
        }
        returning.len() >= 3
    }
}
