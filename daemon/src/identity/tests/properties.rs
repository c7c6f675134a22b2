//! Laws that hold for any claims: what may strengthen an answer and what may not.

use std::collections::BTreeSet;

use facts::{Answer, Certainty, Claim, LogonEvent, Sighting, Source, Span, Timestamp};
use proptest::prelude::*;

use super::agreement::{cases, claims, decisions, losses, made_up, questions, register};
use super::school::*;

fn names(answer: &Answer) -> BTreeSet<String> {
    answer.candidates().iter().map(|c| c.account.reveal().to_owned()).collect()
}

/// Whether the second answer claims no more than the first: all the candidates of the
/// first, and about the same ones nothing more certain. "Not known" claims nothing.
fn is_no_stronger(before: &Answer, now: &Answer) -> bool {
    if matches!(now, Answer::Unknown(_)) {
        return true;
    }
    // Whatever was not known for its own reason may be told of by others.
    if matches!(before, Answer::Unknown(_)) {
        return now.certainty() < Certainty::Proven;
    }
    let (had, has) = (names(before), names(now));
    // Of one account "perhaps" and "last known" say alike that it may have been there: a wider
    // bound may carry an older login of it on, which was surely on the device.
    let level = |answer: &Answer| match answer {
        Answer::OneOf(several) if several.as_slice().len() == 1 => Certainty::LastKnown,
        answer => answer.certainty(),
    };
    has.is_superset(&had) && (has != had || level(now) <= level(before))
}

/// The same claims, so much later.
fn shifted(claims: &[Claim], by: Span) -> Vec<Claim> {
    let mut claims = claims.to_vec();
    for claim in &mut claims {
        claim.at = claim.at + by;
        match &mut claim.assertion {
            facts::Assertion::Logon { told_at, .. } => *told_at = *told_at + by,
            facts::Assertion::Accounted(accounting) => {
                accounting.told_at = accounting.told_at + by;
            }
            _ => {}
        }
    }
    claims
}

type Asked = Vec<(Sighting, Timestamp)>;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_wider_clock_bound_never_strengthens_an_answer(
        settings in decisions(),
        claims in claims(),
        questions in questions(),
        wider in 1_i64..60,
    ) {
        // Bindings are left alone: a wider bound makes more devices possible holders.
        let questions: Asked = questions.into_iter().filter(|(s, _)| s.mac.is_some()).collect();
        let claims: Vec<Claim> = claims.into_iter().filter(is_placed).collect();
        let mut narrow = settings;
        narrow.routers.clear();
        let mut wide = narrow.clone();
        wide.clock_bounds.login_file = wide.clock_bounds.login_file + Span::seconds(wider);
        let (narrow, wide) = (after(narrow, &claims), after(wide, &claims));
        for (sighting, at) in questions {
            let before = narrow.who_was(&sighting, at, Timestamp::MAX).answer;
            let now = wide.who_was(&sighting, at, Timestamp::MAX);
            // Between two clocks nobody is named for what came before a login.
            let is_left_open = now.answer == Answer::DeviceOnly
                && now.grounds.iter().any(|g| g.sentence.starts_with("A login followed within"));
            let now = now.answer;
            prop_assert!(is_left_open || is_no_stronger(&before, &now), "{:?} became {:?}", before, now);
        }
    }

    #[test]
    fn another_loss_of_records_never_strengthens_an_answer(
        settings in decisions(),
        claims in claims(),
        (fewer, more) in (losses(), losses()),
        questions in questions(),
    ) {
        let both: Vec<Timestamp> = fewer.iter().chain(&more).copied().collect();
        let (one, other) = (register(&settings, &claims, &fewer), register(&settings, &claims, &both));
        for (sighting, at) in questions {
            let before = one.who_was(&sighting, at, Timestamp::MAX).answer;
            let now = other.who_was(&sighting, at, Timestamp::MAX).answer;
            prop_assert!(is_no_stronger(&before, &now), "{:?} became {:?}", before, now);
        }
    }

    #[test]
    fn another_login_removes_nobody_where_nobody_is_replaced(
        settings in decisions(),
        claims in claims(),
        (device, second) in (1_u8..4, 0_i64..40_000),
        questions in questions(),
    ) {
        let mut settings = settings;
        settings.one_at_a_time = false;
        let mut more = claims.clone();
        more.push(logon(sec(second), LogonEvent::Login, "d.pupil", pc(device), None));
        let (one, other) = (after(settings.clone(), &claims), after(settings, &more));
        for (sighting, at) in questions {
            let before = one.who_was(&sighting, at, Timestamp::MAX).answer;
            let now = other.who_was(&sighting, at, Timestamp::MAX).answer;
            let kept = names(&now).is_superset(&names(&before));
            prop_assert!(kept || matches!(now, Answer::Unknown(_)), "{:?} became {:?}", before, now);
        }
    }

    #[test]
    fn what_anybody_could_have_sent_strengthens_no_answer_and_names_nobody_for_sure(
        settings in decisions(),
        claims in claims(),
        made_up in made_up(),
        questions in questions(),
    ) {
        let more: Vec<Claim> = claims.iter().chain(&made_up).cloned().collect();
        let (one, other) = (after(settings.clone(), &claims), after(settings, &more));
        for (sighting, at) in questions {
            let before = one.who_was(&sighting, at, Timestamp::MAX).answer;
            let now = other.who_was(&sighting, at, Timestamp::MAX).answer;
            prop_assert!(is_no_stronger(&before, &now), "{:?} became {:?}", before, now);
            let is_sure = !matches!(now, Answer::OneOf(_));
            prop_assert!(!is_sure || names(&before).is_superset(&names(&now)), "{:?}", now);
        }
    }

    #[test]
    fn machines_and_services_change_no_answer_and_are_in_none(
        settings in decisions(),
        claims in claims(),
        machines in prop::collection::vec((1_u8..4, 0_i64..90_000, 0_usize..3), 1..8),
        questions in questions(),
    ) {
        let machine = |&(device, second, name): &(u8, i64, usize)| {
            let name = ["PC9$", "svc.backup", "host/pc9.school.lan"][name];
            logon(sec(second), LogonEvent::Login, name, pc(device), None)
        };
        let more: Vec<Claim> = claims.iter().cloned().chain(machines.iter().map(machine)).collect();
        let (one, other) = (after(settings.clone(), &claims), after(settings, &more));
        for (sighting, at) in questions {
            let before = one.who_was(&sighting, at, Timestamp::MAX);
            let now = other.who_was(&sighting, at, Timestamp::MAX);
            prop_assert_eq!(&before, &now);
            prop_assert!(!names(&now.answer).iter().any(|n| n.contains('$') || n.starts_with("svc")));
        }
    }

    #[test]
    fn the_same_day_a_year_later_gives_the_same_answers(
        settings in decisions(),
        claims in claims(),
        questions in questions(),
    ) {
        let by = Span::hours(24 * 365);
        let (one, other) =
            (after(settings.clone(), &claims), after(settings, &shifted(&claims, by)));
        for (sighting, at) in questions {
            let before = one.who_was(&sighting, at, Timestamp::MAX);
            let now = other.who_was(&sighting, at + by, Timestamp::MAX);
            prop_assert_eq!(before, now);
        }
    }

    #[test]
    fn every_certainty_keeps_its_promise(
        settings in decisions(),
        claims in claims(),
        losses in losses(),
        questions in questions(),
    ) {
        let idle_lock = settings.idle_lock;
        let roster = register(&settings, &claims, &losses);
        for (sighting, at) in questions {
            let told = roster.who_was(&sighting, at, Timestamp::MAX);
            prop_assert!(!told.grounds.is_empty());
            match &told.answer {
                Answer::Proven(c) => prop_assert!(c.role.is_some_and(|role| !role.is_shared())),
                Answer::ProvenShared(c) => prop_assert!(c.role.is_some_and(facts::Role::is_shared)),
                Answer::Likely { proof_age, .. } => {
                    prop_assert!(*proof_age <= idle_lock && *proof_age >= Span::ZERO);
                }
                Answer::LastKnown { proof_age, .. } => prop_assert!(*proof_age >= Span::ZERO),
                Answer::OneOf(several) => {
                    let fewest = if several.may_be_unknown() { 1 } else { 2 };
                    prop_assert!(several.as_slice().len() >= fewest);
                }
                Answer::DeviceOnly => prop_assert!(told.device.is_some()),
                Answer::Unknown(_) => {}
            }
        }
    }
}

/// Whether the claim names its device itself.
fn is_placed(claim: &Claim) -> bool {
    match &claim.assertion {
        facts::Assertion::Logon { mac, .. } => mac.is_some() && claim.source == Source::LoginFile,
        facts::Assertion::KerberosGranted { client, .. }
        | facts::Assertion::KerberosUsed { client, .. } => client.mac.is_some(),
        _ => true,
    }
}
