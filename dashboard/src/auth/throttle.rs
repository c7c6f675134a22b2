//! Slows down who guesses passwords, without locking anybody out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use facts::{PersonId, Span, Timestamp};

/// How long a failed attempt counts.
const MEMORY: Span = Span::minutes(15);
/// Failures of one account that cost no waiting.
const FREE_FOR_ACCOUNT: usize = 5;
/// Failures from one address that cost no waiting.
const FREE_FOR_ADDRESS: usize = 10;
/// The pause between further attempts on one account.
const ACCOUNT_PAUSE: Span = Span::seconds(10);
/// The pause between further attempts from one address.
const ADDRESS_PAUSE: Span = Span::seconds(6);
/// How many accounts or addresses are remembered; the oldest go first.
const REMEMBERED: usize = 4_096;

/// Counts attempts by account and by address. An attempt counts when it begins, so that
/// a hundred at once count as a hundred.
///
/// An account nobody failed on lately is always let through: whoever guesses at one name
/// can not keep the others out, although all come from one address on a loopback.
#[derive(Debug, Default)]
pub struct Throttle {
    tries: Mutex<Tries>,
}

#[derive(Debug, Default)]
struct Tries {
    accounts: HashMap<PersonId, Vec<Timestamp>>,
    addresses: HashMap<IpAddr, Vec<Timestamp>>,
}

/// Whether an attempt may be made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may; it is counted.
    Go,
    /// Not before this long.
    Wait(Span),
}

impl Throttle {
    /// Asks for one attempt on `account` (none for a name that nobody has) from `address`.
    pub fn admit(&self, account: Option<&PersonId>, address: IpAddr, now: Timestamp) -> Admission {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let Tries { accounts, addresses } = &mut *tries;
        let failed = account.and_then(|account| accounts.get(account));
        let clean = account.is_some() && failed.is_none_or(|failed| fresh(failed, now) == 0);
        let wait = if clean {
            Span::ZERO
        } else {
            let for_account = failed.map_or(Span::ZERO, |failed| {
                pause_left(failed, FREE_FOR_ACCOUNT, ACCOUNT_PAUSE, now)
            });
            let for_address = addresses.get(&address).map_or(Span::ZERO, |failed| {
                pause_left(failed, FREE_FOR_ADDRESS, ADDRESS_PAUSE, now)
            });
            for_account.max(for_address)
        };
        if wait > Span::ZERO {
            return Admission::Wait(wait);
        }
        if let Some(account) = account {
            count(accounts, account.clone(), now);
        }
        count(addresses, address, now);
        Admission::Go
    }

    /// Takes the count of an attempt back: it succeeded.
    pub fn forgive(&self, account: &PersonId, address: IpAddr) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.accounts.remove(account);
        if let Some(failed) = tries.addresses.get_mut(&address) {
            failed.pop();
        }
    }
}

fn fresh(failed: &[Timestamp], now: Timestamp) -> usize {
    failed.iter().filter(|at| now.since(**at) <= MEMORY).count()
}

fn pause_left(failed: &[Timestamp], free: usize, pause: Span, now: Timestamp) -> Span {
    if fresh(failed, now) < free {
        return Span::ZERO;
    }
    failed.last().map_or(Span::ZERO, |last| (*last + pause).since(now).max(Span::ZERO))
}

fn count<K: std::hash::Hash + Eq + Clone>(
    by_key: &mut HashMap<K, Vec<Timestamp>>,
    key: K,
    now: Timestamp,
) {
    if by_key.len() >= REMEMBERED && !by_key.contains_key(&key) {
        let oldest = by_key.iter().min_by_key(|(_, failed)| failed.last().copied());
        if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
            by_key.remove(&oldest);
        }
    }
    let failed = by_key.entry(key).or_default();
    failed.retain(|at| now.since(*at) <= MEMORY);
    if failed.len() > FREE_FOR_ADDRESS {
        failed.remove(0);
    }
    failed.push(now);
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const START: Timestamp = Timestamp::from_seconds(1_795_338_000);

    fn person(text: &str) -> PersonId {
        PersonId::new(text)
    }

    #[test]
    fn five_wrong_passwords_cost_nothing_and_the_sixth_waits() {
        let throttle = Throttle::default();
        let lead = person("lead");
        for _ in 0..5 {
            assert_eq!(throttle.admit(Some(&lead), HERE, START), Admission::Go);
        }
        assert_eq!(
            throttle.admit(Some(&lead), HERE, START),
            Admission::Wait(Span::seconds(10)),
            "slow, not locked"
        );
        let later = START + Span::seconds(10);
        assert_eq!(throttle.admit(Some(&lead), HERE, later), Admission::Go);
        throttle.forgive(&lead, HERE);
        assert_eq!(throttle.admit(Some(&lead), HERE, later), Admission::Go);
    }

    #[test]
    fn ten_thousand_guesses_in_a_minute_get_at_most_twenty_hashes_and_the_lead_gets_in() {
        let throttle = Throttle::default();
        let mut hashed = 0;
        for attempt in 0..10_000_i64 {
            let now = START + Span::millis(attempt * 6);
            let stranger = throttle.admit(None, HERE, now);
            hashed += usize::from(stranger == Admission::Go);
        }
        assert!(hashed <= 20, "{hashed}");
        let now = START + Span::seconds(60);
        assert_eq!(throttle.admit(Some(&person("lead")), HERE, now), Admission::Go);
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let throttle = Throttle::default();
        for number in 0..5_000 {
            throttle.admit(Some(&person(&format!("p{number}"))), HERE, START);
        }
        let tries = throttle.tries.lock().unwrap();
        assert_eq!(tries.accounts.len(), REMEMBERED);
        assert!(tries.addresses[&HERE].len() <= FREE_FOR_ADDRESS + 1);
    }
}
