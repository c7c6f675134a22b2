//! Situations that once gave a wrong name, each kept as a test.

use facts::AccountingStatus::{AccountingOn, InterimUpdate, Start, Stop};
use facts::LogonEvent::{Login, Logout};
use facts::{Certainty, Claim, Span, Timestamp};

use super::school::*;
use crate::identity::Settings;

#[test]
fn a_silent_logout_then_a_staff_login_then_a_saved_credential_of_the_former_pupil() {
    let roster = after(
        settings(),
        &[
            granted(min(0), on(1), "a.pupil"),
            used(min(5), on(1), "a.pupil"),
            granted(min(30), on(1), "t.staff"),
            used(min(40), on(1), "a.pupil"),
        ],
    );
    assert_eq!(roster.say(on(1), min(3)), "proven a.pupil");
    for minute in [31, 39, 41, 60] {
        assert_eq!(roster.say(on(1), min(minute)), "one_of a.pupil,t.staff", "{minute}");
    }
}

#[test]
fn an_accounting_stop_forty_seconds_late_then_silence() {
    let settings = Settings { stop_lag: Span::seconds(40), ..settings() };
    let roster = after(
        settings,
        &[
            accounted(min(0), Start, "a.pupil", "S", pc(1), |_| {}),
            accounted(min(10), Stop, "a.pupil", "S", pc(1), |_| {}),
        ],
    );
    assert_eq!(roster.say(on(1), sec(600 - 41)), "proven a.pupil");
    assert_eq!(roster.say(on(1), sec(600 - 40)), "likely a.pupil", "may have gone by now");
    assert_eq!(roster.say(on(1), min(10)), "device_only");
}

#[test]
fn a_device_that_took_its_leave_was_there_until_then() {
    let leave = |cause: u32| {
        let stop = move |accounting: &mut facts::Accounting| {
            accounting.terminate_cause = Some(facts::TerminateCause(cause));
        };
        let claims = [
            accounted(min(0), Start, "a.pupil", "S", pc(1), |_| {}),
            accounted(min(10), Stop, "a.pupil", "S", pc(1), stop),
        ];
        let settings = Settings { stop_lag: Span::minutes(5), ..settings() };
        after(settings, &claims).say(on(1), sec(599))
    };
    assert_eq!(leave(1), "proven a.pupil", "User-Request");
    assert_eq!(leave(4), "likely a.pupil", "Idle-Timeout");
}

#[test]
fn two_logons_23_seconds_apart_under_clocks_that_are_30_seconds_off() {
    let mut settings = settings();
    settings.clock_bounds.login_file = Span::seconds(30);
    let roster = after(
        settings,
        &[
            logon(sec(0), Login, "a.pupil", pc(1), None),
            logon(sec(23), Login, "b.pupil", pc(1), None),
        ],
    );
    assert_eq!(roster.say(on(1), sec(10)), "one_of a.pupil,b.pupil");
    assert_eq!(roster.say(on(1), min(30)), "one_of a.pupil,b.pupil", "their order is not known");
}

#[test]
fn a_reset_between_two_sessions_of_one_account() {
    let roster = after(
        settings(),
        &[
            accounted(min(0), Start, "a.pupil", "S-1", pc(1), |_| {}),
            accounted(min(10), AccountingOn, "", "", pc(1), |_| {}),
            accounted(min(20), Start, "a.pupil", "S-2", pc(1), |_| {}),
            accounted(min(25), InterimUpdate, "a.pupil", "S-2", pc(1), |_| {}),
        ],
    );
    assert_eq!(roster.say(on(1), min(5)), "likely a.pupil");
    assert_eq!(roster.say(on(1), min(15)), "device_only");
    assert_eq!(roster.say(on(1), min(22)), "proven a.pupil");
}

#[test]
fn a_failed_login_opens_nothing() {
    let roster =
        after(settings(), &[granted(min(0), on(1), "a.pupil"), asked(min(1), on(1), "b.pupil")]);
    assert_eq!(roster.say(on(1), min(2)), "likely a.pupil");
}

#[test]
fn a_ticket_of_another_account_after_sixty_quiet_minutes() {
    let roster = after(
        settings(),
        &[granted(min(0), on(1), "a.pupil"), granted(min(60), on(1), "unheard.of")],
    );
    assert_eq!(roster.say(on(1), min(59)), "last_known a.pupil");
    assert_eq!(roster.say(on(1), min(61)), "one_of a.pupil,unheard.of");
}

#[test]
fn twenty_five_minutes_after_the_last_proof_it_is_last_known_at_best() {
    let roster = after(settings(), &[granted(min(0), on(1), "a.pupil")]);
    assert_eq!(roster.say(on(1), min(20)), "likely a.pupil");
    assert_eq!(roster.say(on(1), min(25)), "last_known a.pupil");
}

#[test]
fn a_wireless_handover_beside_an_elevated_teacher_does_not_show_that_the_teacher_left() {
    let other_point = |accounting: &mut facts::Accounting| accounting.nas = "ap-yard".to_owned();
    let roster = after(
        settings(),
        &[
            accounted(min(0), Start, "b.pupil", "S-1", pc(1), |_| {}),
            granted(min(10), on(1), "t.staff"),
            accounted(min(11), Start, "b.pupil", "S-2", pc(1), other_point),
            accounted(min(16), InterimUpdate, "b.pupil", "S-2", pc(1), other_point),
        ],
    );
    assert_eq!(roster.say(on(1), min(12)), "one_of b.pupil,t.staff");
}

#[test]
fn a_lone_use_does_not_refresh_an_older_login() {
    let roster = after(
        settings(),
        &[
            logon(min(0), Login, "a.pupil", pc(1), Some("pc 1")),
            logon(min(30), facts::LogonEvent::Lock, "a.pupil", pc(1), Some("pc 2")),
        ],
    );
    assert_eq!(roster.say(on(1), min(31)), "last_known a.pupil");
}

#[test]
fn a_release_heard_before_its_lease_counts() {
    let lease = leased(min(0), pc(1), at(1), Span::hours(1));
    let roster = after(settings(), &[released(min(5), pc(1), at(1)), lease]);
    assert_eq!(roster.say(routed(at(1)), min(4)), "device_only");
    assert_eq!(roster.say(routed(at(1)), min(6)), "unknown no_device");
}

#[test]
fn a_logout_closes_the_session_of_its_key_and_no_other() {
    let roster = after(
        settings(),
        &[
            logon(min(0), Login, "a.pupil", pc(1), Some("pc 1")),
            logon(min(10), Logout, "a.pupil", pc(1), Some("pc 1")),
            logon(min(20), Login, "b.pupil", pc(1), Some("pc 2")),
            logon(min(30), Logout, "b.pupil", pc(1), Some("pc 9")),
            logon(min(31), Logout, "b.pupil", pc(1), None),
        ],
    );
    assert_eq!(roster.say(on(1), min(5)), "proven a.pupil");
    assert_eq!(roster.say(on(1), min(15)), "device_only");
    assert_eq!(roster.say(on(1), min(25)), "proven b.pupil", "nothing closed this session");
    assert_eq!(roster.say(on(1), min(35)), "last_known b.pupil", "but the file says they left");
}

#[test]
fn a_logout_of_somebody_else_on_a_number_used_again_proves_no_child() {
    let rows = |closer| {
        let roster = after(
            settings(),
            &[
                logon(min(0), Login, "a.pupil", pc(1), Some("pc 1")),
                logon(min(12), Logout, closer, pc(1), Some("pc 1")),
            ],
        );
        [roster.say(on(1), min(11)), roster.say(on(1), min(13))]
    };
    assert_eq!(rows("a.pupil"), ["proven a.pupil", "device_only"]);
    assert_eq!(rows("b.pupil"), ["one_of a.pupil,b.pupil", "last_known a.pupil"]);
    assert_eq!(rows("t.staff"), ["one_of a.pupil,t.staff", "last_known a.pupil"]);
}

#[test]
fn a_late_logout_of_the_one_before_proves_nothing_of_the_next() {
    let roster = after(
        settings(),
        &[
            logon(min(0), Login, "a.pupil", pc(1), Some("pc 1")),
            logon(min(10), Login, "b.pupil", pc(1), Some("pc 1")),
            logon(min(20), Logout, "a.pupil", pc(1), Some("pc 1")),
        ],
    );
    assert_eq!(roster.say(on(1), min(15)), "one_of a.pupil,b.pupil");
    assert_eq!(roster.say(on(1), min(21)), "last_known b.pupil");
}

#[test]
fn a_wireless_stop_of_somebody_else_proves_no_child() {
    use facts::AccountingStatus::{Start, Stop};
    let told = |closer: &str| {
        let start = accounted(min(0), Start, "a.pupil", "S-1", pc(1), |_| {});
        let stop = accounted(min(12), Stop, closer, "S-1", pc(1), |stop| {
            stop.terminate_cause = Some(facts::TerminateCause::USER_REQUEST);
        });
        after(settings(), &[start, stop]).say(on(1), min(11))
    };
    assert_eq!(told("a.pupil"), "proven a.pupil");
    assert_eq!(told("b.pupil"), "one_of a.pupil,b.pupil");
}

#[test]
fn after_a_logout_nobody_is_likely_whatever_number_it_carries() {
    for session in [None, Some("0X1F"), Some("pc 1 elsewhere")] {
        let roster = after(
            settings(),
            &[
                logon(min(0), Login, "a.pupil", pc(1), Some("0x1f")),
                logon(min(31), Logout, "a.pupil", pc(1), session),
            ],
        );
        assert_eq!(roster.say(on(1), min(32)), "last_known a.pupil", "{session:?}");
    }
    let again = after(
        settings(),
        &[
            logon(min(0), Login, "a.pupil", pc(1), None),
            logon(min(10), Logout, "a.pupil", pc(1), None),
            logon(min(12), Login, "a.pupil", pc(1), None),
        ],
    );
    assert_eq!(again.say(on(1), min(14)), "likely a.pupil", "they came back");
}

#[test]
fn an_explanation_never_names_an_account() {
    let roster = after(
        settings(),
        &[
            granted(min(0), on(1), "a.pupil"),
            granted(min(1), on(2), "a.pupil"),
            logon(min(2), Login, "class3b", pc(3), None),
            logon(min(4), facts::LogonEvent::Lock, "class3b", pc(3), None),
        ],
    );
    roster.absorb(&facts::Claim::lost(facts::Source::Mirror, min(3)));
    let mut elsewhere = 0;
    let mut locked = 0;
    for device in 1..4 {
        for minute in 0..30 {
            let told = roster.who_was(&on(device), min(minute), Timestamp::MAX);
            for ground in &told.grounds {
                assert!(
                    !ground.sentence.contains("pupil\"") && !ground.sentence.contains("a.pupil")
                );
                assert!(!ground.sentence.contains("class3b"), "{}", ground.sentence);
                elsewhere += u32::from(ground.sentence.contains("on another device"));
                locked += u32::from(ground.sentence.contains("screen was locked"));
            }
            assert!(!told.grounds.is_empty());
            assert!(told.answer.certainty() < Certainty::Proven);
        }
    }
    assert!(elsewhere > 20 && locked > 20, "{elsewhere} {locked}");
}

#[test]
fn a_use_that_may_have_come_after_the_logout_still_makes_a_candidate() {
    let mut settings = settings();
    settings.clock_bounds.login_file = Span::seconds(30);
    let roster = after(
        settings,
        &[
            logon(min(0), Login, "a.pupil", pc(1), Some("pc 1")),
            logon(min(10), Logout, "a.pupil", pc(1), Some("pc 1")),
            used(sec(610), on(1), "a.pupil"),
        ],
    );
    assert_eq!(roster.say(on(1), sec(605)), "last_known a.pupil", "may be over by now");
    assert_eq!(roster.say(on(1), sec(640)), "last_known a.pupil", "by the use alone");
    assert_eq!(roster.say(on(1), sec(730)), "device_only");
}

#[test]
fn one_person_at_a_time_is_never_said_beside_an_account_that_many_use() {
    let assumed = |login: &str| {
        let roster = after(settings(), &[logon(min(0), Login, login, pc(1), None)]);
        let answer = roster.who_was(&on(1), min(2), Timestamp::MAX);
        let grounds = answer.grounds.into_iter().map(|ground| ground.sentence);
        grounds.filter(|sentence| sentence.contains("One person at a time")).count()
    };
    assert_eq!(assumed("a.pupil"), 1);
    for shared in ["class3b", "guest1"] {
        assert_eq!(assumed(shared), 0, "{shared}");
    }
}

/// Two computers in two VLANs were given one address; `b` is seen using it later.
fn one_address_in_two_vlans() -> Vec<Claim> {
    let lease = Span::hours(3);
    vec![
        leased(min(-50), pc(1), at(9), lease),
        leased(min(-48), pc(2), at(9), lease),
        sighted(sec(5), pc(1), at(9)),
        logon_at(sec(10), Login, "a.pupil", at(9), None),
        sighted(sec(100), pc(2), at(9)),
    ]
}

#[test]
fn a_login_told_by_address_alone_is_not_given_to_the_device_with_the_later_lease() {
    let roster = after(settings(), &one_address_in_two_vlans());
    for number in [1, 2] {
        let said = roster.say(seen(pc(number), at(9)), sec(100));
        assert_eq!(said, "perhaps a.pupil", "on {number}");
    }
    assert_eq!(roster.say(routed(at(9)), sec(100)), "perhaps a.pupil");
    // The frame of a login of its own tells for each what the other's row left open.
    roster.absorb(&granted(sec(90), seen(pc(2), at(9)), "b.pupil"));
    assert_eq!(roster.say(seen(pc(2), at(9)), sec(100)), "likely b.pupil");
}

#[test]
fn a_device_that_never_stopped_using_its_address_keeps_it_beside_the_new_lease() {
    let claims = one_address_in_two_vlans();
    // Heard so far: the second lease, and the first device's frame after it.
    let roster = after(settings(), &claims[..3]);
    assert_eq!(roster.say(routed(at(9)), sec(20)), "unknown address_conflict");
    // Without that frame the server's word counts.
    let roster = after(settings(), &[&claims[..2], &claims[3..4]].concat());
    assert_eq!(roster.say(seen(pc(2), at(9)), sec(20)), "likely a.pupil");
    assert_eq!(roster.say(seen(pc(1), at(9)), sec(20)), "device_only");
}

#[test]
fn in_two_vlans_no_lease_ends_the_others_although_no_frame_was_seen() {
    let lease = Span::hours(3);
    let claims = [
        in_vlan(10, leased(min(-50), pc(1), at(9), lease)),
        in_vlan(20, leased(min(-48), pc(2), at(9), lease)),
        in_vlan(10, leased(min(-20), pc(1), at(9), lease)),
        in_vlan(20, leased(min(-18), pc(2), at(9), lease)),
        logon_at(sec(10), Login, "a.pupil", at(9), None),
    ];
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(seen(pc(2), at(9)), sec(100)), "perhaps a.pupil");
    assert_eq!(roster.say(seen(pc(1), at(9)), sec(100)), "perhaps a.pupil");
}

#[test]
fn a_computer_with_a_fixed_address_is_known_by_its_frames() {
    let row = logon_at(sec(10), Login, "a.pupil", at(9), None);
    let roster = after(settings(), std::slice::from_ref(&row));
    assert_eq!(roster.say(seen(pc(1), at(9)), sec(60)), "device_only");
    roster.absorb(&sighted(sec(2), pc(1), at(9)));
    assert_eq!(roster.say(seen(pc(1), at(9)), sec(60)), "likely a.pupil");
}
