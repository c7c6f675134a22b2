//! Logins that somebody with a forging tool made up, and honest ones of which a packet was lost.

use facts::{AccountingStatus, Claim, Span, Timestamp};

use super::school::*;
use crate::identity::Settings;

fn wireless(minute: i64, status: AccountingStatus, user: &str) -> Claim {
    accounted(min(minute), status, user, "S-1", pc(1), |_| {})
}

#[test]
fn a_reply_that_nobody_asked_for_names_its_account_beside_who_is_there() {
    let made_up = one_sided(granted(min(1), on(1), "b.pupil"));
    let roster = after(settings(), &[granted(min(0), on(1), "a.pupil"), made_up.clone()]);
    assert_eq!(roster.say(on(1), min(2)), "one_of a.pupil,b.pupil");
    let alone = after(settings(), &[made_up]);
    assert_eq!(alone.say(on(1), min(2)), "perhaps b.pupil");
    let told = alone.who_was(&on(1), min(2), Timestamp::MAX);
    assert!(told.grounds.iter().any(|g| g.sentence.contains("any device can send that")));
}

#[test]
fn a_record_that_no_server_took_ends_no_session_and_starts_none() {
    let honest = [
        wireless(0, AccountingStatus::Start, "a.pupil"),
        wireless(5, AccountingStatus::InterimUpdate, "a.pupil"),
    ];
    let plain = after(settings(), &honest);
    assert_eq!(plain.say(on(1), min(3)), "proven a.pupil");
    for status in [AccountingStatus::Stop, AccountingStatus::AccountingOn] {
        let made_up = one_sided(wireless(2, status, "a.pupil"));
        let roster = after(settings(), &[&honest[..], &[made_up]].concat());
        assert_eq!(roster.say(on(1), min(3)), "proven a.pupil", "{status:?}");
    }
    let other = one_sided(wireless(2, AccountingStatus::Start, "b.pupil"));
    let roster = after(settings(), &[&honest[..], &[other]].concat());
    assert_eq!(roster.say(on(1), min(3)), "one_of a.pupil,b.pupil");
}

#[test]
fn a_lost_receipt_is_made_good_by_the_next_update() {
    let roster = after(
        settings(),
        &[
            one_sided(wireless(0, AccountingStatus::Start, "a.pupil")),
            wireless(5, AccountingStatus::InterimUpdate, "a.pupil"),
            wireless(10, AccountingStatus::InterimUpdate, "a.pupil"),
        ],
    );
    assert_eq!(roster.say(on(1), min(3)), "perhaps a.pupil");
    assert_eq!(roster.say(on(1), min(7)), "proven a.pupil");
}

#[test]
fn two_devices_that_play_a_login_between_them_prove_nothing() {
    let played = vouched(at(7), granted(min(0), on(1), "b.pupil"));
    let lent = leased(min(-30), pc(7), at(7), Span::hours(8));
    let roster = after(settings(), &[lent.clone(), played.clone()]);
    assert_eq!(roster.say(on(1), min(1)), "perhaps b.pupil");
    // Only later it is heard that the address is a device's: what was said is said anew.
    let roster = after(settings(), std::slice::from_ref(&played));
    assert_eq!(roster.say(on(1), min(1)), "likely b.pupil");
    let dirty = roster.absorb(&lent).expect("the first lease of a server");
    assert!(dirty.touches(&on(1), min(1)));
    assert_eq!(roster.say(on(1), min(1)), "perhaps b.pupil");
    let renewed = leased(min(30), pc(7), at(7), Span::hours(8));
    assert!(roster.absorb(&renewed).is_none_or(|dirty| !dirty.touches(&on(1), min(1))));
}

#[test]
fn where_the_school_names_its_login_servers_only_these_vouch() {
    let named = |number| Settings { login_servers: [at(number)].into(), ..settings() };
    let lent = leased(min(-30), pc(7), at(7), Span::hours(8));
    let claims = [lent, vouched(at(7), granted(min(0), on(1), "b.pupil"))];
    assert_eq!(after(named(7), &claims).say(on(1), min(1)), "likely b.pupil");
    assert_eq!(after(named(9), &claims).say(on(1), min(1)), "perhaps b.pupil");
}
