//! The register and the slow second opinion agree on arbitrary claims, in any order.

use facts::{
    AccountingStatus, Assertion, Claim, LogonEvent, Mac, Sighting, Source, Span, Timestamp,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::oracle::Oracle;
use super::school::*;
use crate::identity::{Roster, Settings};

/// The number of cases of each property; more with `WARDLINE_CASES`.
pub(super) fn cases() -> ProptestConfig {
    let asked = std::env::var("WARDLINE_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(1_200),
        failure_persistence: None,
        ..Default::default()
    }
}

/// Times that fall together often: steps of 30 seconds to hours, over two days.
fn time() -> impl Strategy<Value = Timestamp> {
    let fine = (0_i64..40).prop_map(|step| sec(step * 30));
    let coarse = (0_i64..48).prop_map(|step| min(step * 25));
    let far = (0_i64..60).prop_map(|step| min(step * 47 + 300));
    prop_oneof![6 => fine, 4 => coarse, 1 => far]
}

fn user() -> impl Strategy<Value = &'static str> {
    select(
        &[
            "a.pupil",
            "b.pupil",
            "c.pupil",
            "t.staff",
            "class3b",
            "unheard.of",
            "svc.backup",
            "PC1$",
            "anonymous@school.lan",
            "uso:apupil01",
        ][..],
    )
}

/// Mostly one device, so that what is done on it meets.
fn device() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(1), 1 => 1_u8..4]
}

fn mac() -> impl Strategy<Value = Mac> {
    device().prop_map(pc)
}

fn client() -> impl Strategy<Value = Sighting> {
    let straight = device().prop_map(on);
    let crossed = (1_u8..4, 1_u8..6).prop_map(|(device, address)| seen(pc(device), at(address)));
    let bare = (1_u8..6).prop_map(|address| routed(at(address)));
    prop_oneof![5 => straight, 1 => crossed, 2 => bare]
}

fn ticket() -> impl Strategy<Value = Claim> {
    (time(), client(), user(), 0..5).prop_map(|(time, client, user, kind)| match kind {
        0 => asked(time, client, user),
        1 | 2 => granted(time, client, user),
        _ => used(time, client, user),
    })
}

/// What the mirror showed of an exchange: mostly all of it.
fn in_part(claim: impl Strategy<Value = Claim>) -> impl Strategy<Value = Claim> {
    // The first addresses are those that devices are lent.
    (claim, 0_u8..9).prop_map(|(claim, kind)| match kind {
        0 | 1 => one_sided(claim),
        2..=5 => vouched(at(kind), claim),
        _ => claim,
    })
}

/// Claims of which one side alone was heard: lost in part, or made up by anybody.
pub(super) fn made_up() -> impl Strategy<Value = Vec<Claim>> {
    let claim = prop_oneof![ticket(), accounting()];
    prop::collection::vec(claim.prop_map(one_sided), 1..8)
}

fn accounting() -> impl Strategy<Value = Claim> {
    use AccountingStatus::{AccountingOn, InterimUpdate, Start, Stop};
    let status =
        select(&[Start, Start, InterimUpdate, InterimUpdate, Stop, Stop, AccountingOn][..]);
    let late = select(&[0_i64, 0, 0, 90, 3_600][..]);
    let session = select(&["S-1", "S-2", "S-3"][..]);
    let framed = prop::option::of(1_u8..5);
    (time(), status, user(), session, mac(), late, framed).prop_map(
        |(time, status, user, session, mac, late, framed)| {
            accounted(time, status, user, session, mac, |accounting| {
                accounting.told_at = time - Span::seconds(late);
                accounting.framed_ip = framed.map(at);
            })
        },
    )
}

fn row() -> impl Strategy<Value = Claim> {
    use LogonEvent::{Lock, Login, Logout, Unlock, Use};
    let event = select(&[Login, Login, Login, Logout, Logout, Lock, Unlock, Use][..]);
    let session = select(&[None, Some("pc 1"), Some("pc 2")][..]);
    let late = select(&[0_i64, 0, 60, 7_200][..]);
    let address = prop::option::of(1_u8..5);
    let has_mac = prop::bool::weighted(0.7);
    (time(), event, user(), mac(), session, late, address, has_mac).prop_map(
        |(time, event, user, mac, session, late, place, has_mac)| {
            let mut claim = logon(time, event, user, mac, session);
            claim.at = time + Span::seconds(late);
            if let Assertion::Logon { mac, address, .. } = &mut claim.assertion {
                *address = place.map(at);
                *mac = mac.filter(|_| has_mac);
            }
            claim
        },
    )
}

fn binding() -> impl Strategy<Value = Claim> {
    let lease = select(&[120_i64, 3_600, 36_000][..]);
    let bare = (time(), mac(), 1_u8..5, lease, 0_usize..8).prop_map(
        |(time, mac, address, lease, kind)| match kind {
            0..=2 => {
                let host = [None, Some("lt-one"), Some("LT-two.school.lan")][kind];
                called(host, leased(time, mac, at(address), Span::seconds(lease)))
            }
            3 | 4 => announced(time, mac, at(address)),
            5 | 6 => sighted(time, mac, at(address)),
            _ => released(time, mac, at(address)),
        },
    );
    (bare, prop::option::weighted(0.3, 10_u16..12)).prop_map(|(claim, vlan)| match vlan {
        Some(vlan) => in_vlan(vlan, claim),
        None => claim,
    })
}

/// Any claims of an invented day.
pub(super) fn claims() -> impl Strategy<Value = Vec<Claim>> {
    let (tickets, records) = (in_part(ticket()), in_part(accounting()));
    let claim = prop_oneof![4 => tickets, 2 => records, 3 => row(), 3 => binding()];
    prop::collection::vec(claim, 0..30)
}

/// Any question.
pub(super) fn question() -> impl Strategy<Value = (Sighting, Timestamp)> {
    (client(), time(), -3_i64..4)
        .prop_map(|(client, time, off)| (client, time + Span::seconds(off)))
}

/// Questions asked together of one set of claims.
pub(super) fn questions() -> impl Strategy<Value = Vec<(Sighting, Timestamp)>> {
    prop::collection::vec(question(), 10)
}

/// Any decisions of a school.
pub(super) fn decisions() -> impl Strategy<Value = Settings> {
    let bound = select(&[0_i64, 5, 30][..]);
    let cap = select(&[1_i64, 10][..]);
    let lag = select(&[0_i64, 40, 300][..]);
    let router = prop::option::weighted(0.2, mac());
    let server = prop::option::weighted(0.2, 3_u8..6);
    (any::<bool>(), bound, cap, cap_of_tickets(), lag, router, server).prop_map(
        |(one, bound, cap, tickets, lag, router, server)| {
            let mut settings = settings();
            settings.one_at_a_time = one || cap == 10;
            settings.clock_bounds.login_file = Span::seconds(bound);
            settings.session_cap = Span::hours(cap);
            settings.ticket_lifetime = Span::hours(tickets);
            settings.stop_lag = Span::seconds(lag);
            settings.announced_for = Span::hours(cap);
            settings.routers.extend(router);
            settings.login_servers.extend(server.map(at));
            settings
        },
    )
}

fn cap_of_tickets() -> impl Strategy<Value = i64> {
    select(&[1_i64, 10][..])
}

/// Moments at which records were lost.
pub(super) fn losses() -> impl Strategy<Value = Vec<Timestamp>> {
    prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(time(), 1..3)]
}

pub(super) fn register(settings: &Settings, claims: &[Claim], losses: &[Timestamp]) -> Roster {
    let roster = after(settings.clone(), claims);
    for at in losses {
        roster.absorb(&Claim::lost(Source::Mirror, *at));
    }
    roster
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_register_says_what_the_second_opinion_says(
        settings in decisions(),
        claims in claims(),
        losses in losses(),
        questions in questions(),
        known in prop_oneof![2 => Just(Timestamp::MAX), 1 => time()],
    ) {
        let roster = register(&settings, &claims, &losses);
        let directory = directory();
        let oracle = Oracle::new(&claims, &losses, &directory, &settings, known);
        for (sighting, at) in questions {
            let said = words(&roster.who_was(&sighting, at, known));
            prop_assert_eq!(said, oracle.say(&sighting, at), "{:?} at {}", sighting, at);
        }
    }

    #[test]
    fn neither_order_nor_repetition_of_claims_changes_an_answer(
        settings in decisions(),
        (claims, shuffled) in claims().prop_flat_map(|claims| {
            let twice: Vec<Claim> = claims.iter().chain(&claims).cloned().collect();
            (Just(claims), Just(twice).prop_shuffle())
        }),
        questions in questions(),
    ) {
        let (one, other) = (after(settings.clone(), &claims), after(settings, &shuffled));
        for (sighting, at) in questions {
            let one = one.who_was(&sighting, at, Timestamp::MAX);
            prop_assert_eq!(one, other.who_was(&sighting, at, Timestamp::MAX));
        }
    }

    #[test]
    fn an_answer_changes_only_where_a_write_said_it_might(
        settings in decisions(),
        claims in claims(),
        questions in questions(),
    ) {
        let roster = Roster::new(directory(), settings);
        let ask = || -> Vec<_> {
            questions.iter().map(|(s, at)| roster.who_was(s, *at, Timestamp::MAX).answer).collect()
        };
        let mut before = ask();
        for claim in &claims {
            let dirty = roster.absorb(claim);
            let now = ask();
            for (index, (sighting, at)) in questions.iter().enumerate() {
                let told = dirty.as_ref().is_some_and(|dirty| dirty.touches(sighting, *at));
                prop_assert!(told || before[index] == now[index], "{:?} at {}", claim, at);
            }
            before = now;
        }
    }
}
