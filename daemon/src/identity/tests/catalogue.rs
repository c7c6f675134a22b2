//! How others fail: each item of the catalogue that these sources can meet, as a test.

use std::net::IpAddr;

use facts::AccountingStatus::{InterimUpdate, Start, Stop};
use facts::LogonEvent::{Lock, Login, Logout, Unlock};
use facts::{Assertion, Claim, Duty, Mac, Role, SiteId, Source, Span, Timestamp, UserName};
use jiff::tz::TimeZone;

use super::school::*;
use crate::identity::sources::read_directory;
use crate::identity::{Roster, Settings};

fn wireless(
    minute: i64,
    status: facts::AccountingStatus,
    user: &str,
    session: &str,
) -> facts::Claim {
    accounted(min(minute), status, user, session, pc(1), |_| {})
}

#[test]
fn item_1_a_service_account_does_not_overwrite_the_user() {
    let claims = [granted(min(0), on(1), "a.pupil"), granted(min(5), on(1), "svc.backup")];
    assert_eq!(after(settings(), &claims).say(on(1), min(6)), "likely a.pupil");
    let unknown = Roster::new(crate::identity::Directory::default(), settings());
    claims.iter().for_each(|claim| drop(unknown.absorb(claim)));
    assert_eq!(unknown.say(on(1), min(6)), "one_of a.pupil,svc.backup");
}

#[test]
fn item_2_a_computer_is_never_shown_as_a_user() {
    let names = ["PC1$", "host/pc1.school.lan", "52-54-00-1D-00-01"];
    for name in names {
        let claims = [granted(min(0), on(1), name), used(min(1), on(1), name)];
        assert_eq!(after(settings(), &claims).say(on(1), min(2)), "device_only", "{name}");
    }
    let claims = [wireless(0, Start, "52:54:00:1d:00:01", "S")];
    assert_eq!(after(settings(), &claims).say(on(1), min(2)), "device_only");
}

#[test]
fn items_3_and_4_saved_credentials_and_elevation_give_one_of_two() {
    let roster = roster();
    roster.absorb(&granted(min(0), on(1), "a.pupil"));
    roster.absorb(&used(min(10), on(1), "b.pupil"));
    assert_eq!(roster.say(on(1), min(11)), "one_of a.pupil,b.pupil");
    assert_eq!(roster.say(on(1), min(12)), "likely a.pupil", "a use counts for two minutes");
    roster.absorb(&granted(min(14), on(1), "t.staff"));
    assert_eq!(roster.say(on(1), min(15)), "one_of a.pupil,t.staff");
}

#[test]
fn items_5_and_6_after_a_silent_logout_the_name_fades_and_the_next_pupil_replaces_it() {
    let claims = [granted(min(0), on(1), "a.pupil"), granted(min(70), on(1), "b.pupil")];
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(on(1), min(30)), "last_known a.pupil");
    assert_eq!(roster.say(on(1), min(71)), "likely b.pupil");
    assert_eq!(roster.say(on(1), min(70 + 601)), "device_only", "no ticket lives longer");
}

#[test]
fn item_7_without_any_event_nobody_is_named() {
    assert_eq!(roster().say(on(1), min(0)), "device_only");
    assert_eq!(roster().say(routed(at(1)), min(0)), "unknown no_device");
}

#[test]
fn item_8_a_leased_address_belongs_to_its_next_holder_with_and_without_a_release() {
    for release in [true, false] {
        let mut claims = vec![
            leased(min(0), pc(1), at(9), Span::minutes(20)),
            granted(min(1), seen(pc(1), at(9)), "a.pupil"),
            leased(min(25), pc(2), at(9), Span::minutes(20)),
            granted(min(26), seen(pc(2), at(9)), "b.pupil"),
        ];
        if release {
            claims.push(released(min(10), pc(1), at(9)));
        }
        let roster = after(settings(), &claims);
        assert_eq!(roster.say(routed(at(9)), min(5)), "likely a.pupil");
        let between = if release { 12 } else { 22 };
        assert_eq!(roster.say(routed(at(9)), min(between)), "unknown no_device");
        assert_eq!(roster.say(routed(at(9)), min(27)), "likely b.pupil");
    }
}

#[test]
fn item_9_two_devices_that_hold_one_address_are_a_conflict() {
    let claims = [
        announced(min(0), pc(1), at(9)),
        announced(min(1), pc(2), at(9)),
        announced(min(2), pc(1), at(9)),
        announced(min(3), pc(2), at(9)),
    ];
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(routed(at(9)), sec(90)), "unknown address_conflict");
    roster.absorb(&granted(sec(70), on(1), "a.pupil"));
    assert_eq!(roster.say(routed(at(9)), sec(90)), "perhaps a.pupil");
    roster.absorb(&granted(sec(70), on(2), "b.pupil"));
    assert_eq!(roster.say(routed(at(9)), sec(90)), "one_of a.pupil,b.pupil");
    assert_eq!(roster.say(seen(pc(1), at(9)), sec(90)), "likely a.pupil", "the frame tells");
}

#[test]
fn items_10_and_11_nothing_is_carried_to_a_new_random_mac_and_any_address_of_a_mac_is_its_own() {
    let random = Mac::from_octets([0x06, 0x11, 0x22, 0x33, 0x44, 0x55]);
    let lease = leased(min(-1), pc(1), at(1), Span::hours(8));
    let roster = after(settings(), &[granted(min(0), on(1), "a.pupil")]);
    assert_eq!(roster.say(seen(random, at(1)), min(1)), "device_only");
    roster.absorb(&lease);
    let temporary: IpAddr = "fd77::a347:4d70:d9e9:c1c2".parse().expect("an address");
    assert_eq!(roster.say(seen(pc(1), temporary), min(1)), "likely a.pupil");
}

#[test]
fn items_12_and_13_a_late_stop_of_the_point_that_was_left_ends_only_its_own_session() {
    let roster = after(
        settings(),
        &[
            accounted(min(0), Start, "a.pupil", "S", pc(1), |a| a.nas = "ap-1".to_owned()),
            accounted(min(10), Start, "a.pupil", "S", pc(1), |a| a.nas = "ap-2".to_owned()),
            accounted(min(14), Stop, "a.pupil", "S", pc(1), |a| a.nas = "ap-1".to_owned()),
        ],
    );
    assert_eq!(roster.say(on(1), min(20)), "likely a.pupil");
    // The stop names the next pupil by mistake: the key counts, not the name.
    let roster = after(
        settings(),
        &[
            wireless(0, Start, "a.pupil", "S-1"),
            wireless(10, Start, "b.pupil", "S-2"),
            wireless(11, Stop, "b.pupil", "S-1"),
        ],
    );
    assert_eq!(roster.say(on(1), min(12)), "likely b.pupil");
}

#[test]
fn item_14_a_start_without_an_address_or_before_the_lease_still_finds_its_device() {
    let roster = after(
        settings(),
        &[wireless(0, Start, "a.pupil", "S"), leased(min(1), pc(1), at(9), Span::hours(1))],
    );
    assert_eq!(roster.say(routed(at(9)), min(2)), "likely a.pupil");
    assert_eq!(roster.say(routed(at(9)), min(0)), "unknown no_device");
}

#[test]
fn item_15_an_outer_name_is_never_a_person_and_keeps_others_from_being_proven() {
    let outer = wireless(0, Start, "anonymous@school.lan", "S");
    let roster = after(settings(), std::slice::from_ref(&outer));
    assert_eq!(roster.say(on(1), min(1)), "device_only");
    let claims = [
        granted(min(0), on(1), "a.pupil"),
        wireless(2, Start, "anonymous@school.lan", "S"),
        used(min(5), on(1), "a.pupil"),
    ];
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(on(1), min(1)), "likely a.pupil");
    assert_eq!(roster.say(on(1), min(3)), "last_known a.pupil");
}

#[test]
fn item_17_all_spellings_are_one_account_and_foreign_domains_are_others() {
    let claims = [
        logon(min(0), Login, "SCHOOL\\A.Pupil", pc(1), None),
        logon(min(1), Login, "a.pupil@school.lan", pc(1), None),
        logon(min(2), Login, "uso:APUPIL01", pc(1), None),
        granted(min(3), on(1), "A.Pupil"),
    ];
    assert_eq!(after(settings(), &claims).say(on(1), min(4)), "likely a.pupil");
    let foreign = logon(min(4), Login, "a.pupil@school.example", pc(1), None);
    let roster = after(settings(), &claims);
    roster.absorb(&foreign);
    assert_eq!(roster.say(on(1), min(5)), "one_of a.pupil,a.pupil@school.example");
}

#[test]
fn item_18_a_host_of_many_is_never_better_than_one_of() {
    let mut decided = settings();
    decided.many_user_hosts.insert(pc(1));
    decided.many_user_addresses.insert(at(2));
    let roster =
        after(decided, &[granted(min(0), on(1), "a.pupil"), granted(min(0), on(2), "a.pupil")]);
    assert_eq!(roster.say(on(1), min(1)), "perhaps a.pupil");
    assert_eq!(roster.say(on(2), min(1)), "perhaps a.pupil");
    roster.absorb(&granted(min(5), on(1), "b.pupil"));
    assert_eq!(roster.say(on(1), min(6)), "one_of a.pupil,b.pupil");
    // Found by its own records: three accounts come and go.
    let turns = ["a.pupil", "b.pupil", "c.pupil", "a.pupil", "b.pupil", "c.pupil"];
    let claims: Vec<_> =
        (0..).zip(turns).map(|(minute, name)| granted(min(minute), on(1), name)).collect();
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(on(1), min(6)), "one_of a.pupil,b.pupil,c.pupil");
}

#[test]
fn item_19_a_router_is_no_device_configured_or_found_out() {
    let behind = |address| seen(pc(200), at(address));
    let lease = Span::hours(8);
    let claims = vec![
        leased(min(0), pc(1), at(1), lease),
        leased(min(0), pc(2), at(2), lease),
        leased(min(0), pc(3), at(3), lease),
        granted(min(1), behind(1), "a.pupil"),
        granted(min(2), behind(2), "b.pupil"),
        granted(min(3), behind(3), "c.pupil"),
        sighted(sec(190), pc(200), at(1)),
        sighted(sec(200), pc(200), at(2)),
        sighted(sec(210), pc(200), at(3)),
    ];
    let mut configured = settings();
    configured.routers.insert(pc(200));
    configured.router_addresses = usize::MAX;
    for settings in [configured, settings()] {
        let roster = after(settings, &claims);
        for (address, name) in [(1, "a.pupil"), (2, "b.pupil"), (3, "c.pupil")] {
            assert_eq!(roster.say(behind(address), min(5)), format!("likely {name}"));
            assert_eq!(roster.say(routed(at(address)), min(5)), format!("likely {name}"));
            assert_eq!(roster.say(on(address), min(5)), format!("likely {name}"));
        }
        assert_eq!(roster.say(behind(4), min(5)), "unknown no_device");
    }
}

#[test]
fn items_20_and_21_rows_that_come_days_late_change_the_answer_and_say_so() {
    let roster = after(settings(), &[granted(min(0), on(1), "a.pupil")]);
    assert_eq!(roster.say(on(1), min(5)), "likely a.pupil");
    let mut late = logon(min(2), Login, "t.staff", pc(1), None);
    late.at = min(3 * 24 * 60);
    let dirty = roster.absorb(&late).expect("something new");
    assert!(dirty.touches(&on(1), min(5)) && !dirty.touches(&on(2), min(5)));
    assert_eq!(words(&roster.who_was(&on(1), min(5), min(60))), "likely a.pupil");
    assert_eq!(roster.say(on(1), min(5)), "likely t.staff");
    // An accounting record that was held back happened some time before it came.
    let held_back = accounted(min(60), Start, "b.pupil", "S", pc(2), |a| a.told_at = min(30));
    let roster = after(settings(), &[held_back]);
    assert_eq!(roster.say(on(2), min(29)), "device_only");
    assert_eq!(roster.say(on(2), min(31)), "last_known b.pupil");
}

#[test]
fn item_22_duplicates_say_nothing_new() {
    let roster = roster();
    let claim = granted(min(0), on(1), "a.pupil");
    assert!(roster.absorb(&claim).is_some());
    assert!(roster.absorb(&claim).is_none());
}

#[test]
fn item_23_a_name_is_who_had_it_then() {
    let text = "login,name,role,year,from,to\n\
        17jsmith,Jo Smith,pupil,6,2020-09-01,2026-11-22\n\
        17jsmith,Jan Smith,staff,,2026-11-23,\n";
    let directory = read_directory("d.csv", text.as_bytes(), &TimeZone::UTC).expect("a directory");
    let roster = Roster::new(directory, settings());
    let day = Span::hours(24);
    for time in [min(0) - day, min(0)] {
        roster.absorb(&granted(time, on(1), "17jsmith"));
    }
    let role = |time| {
        let told = roster.who_was(&on(1), time, Timestamp::MAX);
        told.answer.candidates()[0].role
    };
    assert_eq!(role(min(1) - day), Some(Role::Pupil));
    assert_eq!(role(min(1)), Some(Role::Staff));
}

#[test]
fn item_24_a_shared_account_is_proven_as_shared_and_says_by_how_many() {
    let roster = after(
        settings(),
        &[
            logon(min(0), Login, "class3b", pc(1), Some("pc 1")),
            logon(min(30), Logout, "class3b", pc(1), Some("pc 1")),
        ],
    );
    let told = roster.who_was(&on(1), min(10), Timestamp::MAX);
    assert_eq!(words(&told), "proven_shared class3b");
    let says = |text: &str| told.grounds.iter().any(|ground| ground.sentence.contains(text));
    assert!(says("2 pupils use the account"), "{:?}", told.grounds);
}

#[test]
fn item_25_traffic_behind_a_locked_screen_is_said_to_be_so() {
    let roster = after(
        settings(),
        &[
            logon(min(0), Login, "a.pupil", pc(1), Some("pc 1")),
            logon(min(5), Lock, "a.pupil", pc(1), Some("pc 1")),
            logon(min(15), Unlock, "a.pupil", pc(1), Some("pc 1")),
        ],
    );
    let locked = |minute| {
        let told = roster.who_was(&on(1), min(minute), Timestamp::MAX);
        assert_eq!(words(&told), if minute < 15 { "proven a.pupil" } else { "likely a.pupil" });
        told.grounds.iter().any(|ground| ground.sentence.contains("screen was locked"))
    };
    assert!(!locked(3) && locked(10) && !locked(16));
}

#[test]
fn item_27_a_lost_record_ends_what_is_proven_and_likely_until_the_next_proof() {
    let roster =
        after(settings(), &[granted(min(0), on(1), "a.pupil"), used(min(9), on(1), "a.pupil")]);
    assert_eq!(roster.say(on(1), min(8)), "proven a.pupil");
    let dirty = roster.absorb(&Claim::lost(Source::Mirror, min(5))).unwrap();
    assert!(dirty.touches(&on(1), min(8)));
    assert_eq!(roster.say(on(1), min(4)), "likely a.pupil");
    assert_eq!(roster.say(on(1), min(8)), "last_known a.pupil");
    assert_eq!(roster.say(on(1), min(10)), "likely a.pupil", "the next proof");
    assert_eq!(roster.say(on(2), min(6)), "unknown cover_broken");
    assert_eq!(roster.say(on(2), min(4)), "device_only");
}

#[test]
fn an_interim_update_whose_start_was_lost_opens_the_session_but_ends_nobody_elses() {
    let roster = after(
        settings(),
        &[granted(min(0), on(1), "a.pupil"), wireless(5, InterimUpdate, "b.pupil", "S")],
    );
    assert_eq!(roster.say(on(1), min(6)), "one_of a.pupil,b.pupil");
}

#[test]
fn duties_come_from_the_directory_and_from_the_configuration() {
    let mut decided = settings();
    decided.persons.insert(UserName::new("T.Staff@school.lan"), vec![Duty::Headteacher]);
    decided.persons.insert(UserName::new("t.staff"), vec![Duty::Lead]);
    let roster = after(decided, &[granted(min(0), on(1), "t.staff")]);
    let told = roster.who_was(&on(1), min(1), Timestamp::MAX);
    assert_eq!(told.answer.candidates()[0].duties, [Duty::Lead, Duty::Headteacher]);
}

#[test]
fn without_configured_realms_the_first_kerberos_reply_names_the_schools_own() {
    let roster = after(Settings::default(), &[granted(min(0), on(1), "a.pupil")]);
    assert_eq!(roster.say(on(1), min(1)), "likely a.pupil");
    let mut foreign = granted(min(2), on(1), "a.pupil");
    if let Assertion::KerberosGranted { realm, .. } = &mut foreign.assertion {
        "OTHER.EXAMPLE".clone_into(realm);
    }
    roster.absorb(&foreign);
    assert_eq!(roster.say(on(1), min(3)), "one_of a.pupil,a.pupil@other.example");
}

#[test]
fn a_sighting_of_another_school_is_not_answered() {
    let roster = after(settings(), &[granted(min(0), on(1), "a.pupil")]);
    let elsewhere = facts::Sighting { site: SiteId(1), ..on(1) };
    assert_eq!(roster.say(elsewhere, min(1)), "unknown no_device");
}

#[test]
fn a_sprayer_of_names_gets_not_known_and_bounded_memory() {
    let roster = roster();
    for number in 0..5_000 {
        roster.absorb(&granted(sec(number), on(1), &format!("made.up{number}")));
    }
    assert_eq!(roster.say(on(1), sec(4_500)), "unknown many_users");
    let kept = roster.devices.get(&pc(1)).expect("a device").deeds.all().len();
    assert_eq!(kept, crate::identity::crowd::RECORDS_PER_DAY);
    // The next day is another day.
    let tomorrow = min(24 * 60);
    roster.absorb(&granted(tomorrow, on(1), "a.pupil"));
    assert_eq!(roster.say(on(1), tomorrow + Span::minutes(1)), "likely a.pupil");
}

#[test]
fn what_is_forgotten_is_gone_from_everywhere_and_the_rest_stays() {
    let later = min(3 * 24 * 60);
    let roster = after(
        settings(),
        &[
            leased(min(0), pc(1), at(1), Span::hours(1)),
            granted(min(0), on(1), "a.pupil"),
            wireless(1, Start, "a.pupil", "S"),
            wireless(2, Stop, "a.pupil", "S"),
            granted(later, on(2), "b.pupil"),
        ],
    );
    roster.forget_before(later);
    assert_eq!(roster.say(on(1), min(1)), "device_only");
    assert_eq!(roster.say(on(2), later + Span::minutes(1)), "likely b.pupil");
    assert_eq!((roster.devices.len(), roster.addresses.len(), roster.sessions.len()), (1, 1, 0));
    assert_eq!(roster.whereabouts.len(), 1);
}
