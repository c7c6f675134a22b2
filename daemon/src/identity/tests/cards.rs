//! Hardware addresses that carry more than one computer, feign others, or take their place.

use facts::LogonEvent::{Login, Logout};
use facts::Span;

use super::school::*;
use crate::identity::Roster;

const LEASE: Span = Span::hours(8);

#[test]
fn the_last_login_behind_a_room_router_does_not_take_what_another_computer_did() {
    let behind = |address| seen(pc(200), at(address));
    let mut claims =
        vec![granted(min(0), behind(1), "a.pupil"), granted(sec(10), behind(2), "b.pupil")];
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(behind(1), min(2)), "one_of a.pupil,b.pupil");
    assert_eq!(roster.say(behind(3), min(2)), "perhaps a.pupil,b.pupil", "a third computer");
    // Where leases tell whose the addresses are, each has its own.
    claims.extend([leased(min(-5), pc(1), at(1), LEASE), leased(min(-5), pc(2), at(2), LEASE)]);
    let roster = after(settings(), &claims);
    // Until it has shown that it is a router, they may be one that moves.
    assert_eq!(roster.say(behind(1), min(2)), "one_of a.pupil,b.pupil");
    for (second, number) in [(20, 3), (30, 1), (40, 2), (50, 3)] {
        roster.absorb(&sighted(sec(second), pc(200), at(number)));
    }
    assert_eq!(roster.say(behind(1), min(2)), "likely a.pupil");
    assert_eq!(roster.say(behind(2), min(2)), "likely b.pupil");
}

#[test]
fn a_card_that_answers_for_five_computers_is_none_of_them() {
    let names = ["a.pupil", "b.pupil", "c.pupil", "d.pupil", "t.staff"];
    let behind = |address| seen(pc(200), at(address));
    let mut claims = Vec::new();
    for (number, name) in (1..).zip(names) {
        let when = i64::from(number) * 10;
        claims.push(announced(sec(when), pc(200), at(number)));
        claims.push(granted(sec(when + 1), behind(number), name));
    }
    let roster = after(settings(), &claims);
    let all = "one_of a.pupil,b.pupil,c.pupil,d.pupil,t.staff";
    assert_eq!(roster.say(behind(1), min(2)), all);
    // Told as a router it is no device; what is known of the address itself remains.
    let mut told = settings();
    told.routers.insert(pc(200));
    let roster = after(told, &claims);
    assert_eq!(roster.say(behind(1), min(2)), "perhaps a.pupil");
    assert_eq!(roster.say(behind(9), min(2)), "unknown no_device");
}

#[test]
fn a_router_is_one_on_the_next_morning_too() {
    let behind = |address| seen(pc(200), at(address));
    let day = 24 * 60;
    let turns = (0..4).flat_map(|turn| (1..5).map(move |number| (turn, number)));
    let mut claims: Vec<_> = turns
        .map(|(turn, number)| sighted(min(turn * 5 + i64::from(number)), pc(200), at(number)))
        .collect();
    claims.extend([
        leased(min(day - 5), pc(1), at(1), LEASE),
        granted(min(day), behind(1), "a.pupil"),
        granted(min(day + 1), behind(2), "b.pupil"),
    ]);
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(routed(at(1)), min(day + 2)), "likely a.pupil");
    assert_eq!(roster.supposed_routers(min(day + 2)), [pc(200)].into());
    let mut told = settings();
    told.routers.insert(pc(200));
    assert!(after(told, &claims).supposed_routers(min(day + 2)).is_empty());
}

#[test]
fn a_pupil_who_feigns_addresses_puts_his_deeds_on_nobody_else() {
    // b.pupil is logged in on her own computer; c.pupil feigns three addresses and hers.
    let mut claims = vec![
        leased(min(-5), pc(1), at(1), LEASE),
        leased(min(-5), pc(3), at(3), LEASE),
        granted(min(0), on(1), "b.pupil"),
        granted(min(0), on(3), "c.pupil"),
    ];
    let feigned = [50, 51, 52, 3, 50, 51, 52, 3, 1];
    claims.extend(
        (0..).zip(feigned).map(|(n, number)| sighted(min(1) + Span::seconds(n), pc(3), at(number))),
    );
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(seen(pc(3), at(1)), min(2)), "perhaps b.pupil,c.pupil");
    assert_eq!(roster.say(on(3), min(2)), "likely c.pupil", "under the own address");
    assert_eq!(roster.say(on(1), min(2)), "likely b.pupil", "and she stays who she is");
}

#[test]
fn nobody_erases_himself_by_feigning_addresses_later() {
    let claims = [granted(min(0), on(3), "c.pupil")];
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(on(3), min(1)), "likely c.pupil");
    for n in 0..9 {
        let number = u8::try_from(50 + n % 3).expect("small");
        roster.absorb(&sighted(min(11) + Span::seconds(n), pc(3), at(number)));
    }
    assert_eq!(roster.say(on(3), min(1)), "likely c.pupil");
}

#[test]
fn who_stands_between_a_pupil_and_the_network_is_not_the_pupil() {
    // c.pupil answers for the address of a.pupil, whose login then goes by that card.
    let roster = after(
        settings(),
        &[
            leased(min(-5), pc(1), at(1), LEASE),
            leased(min(-5), pc(2), at(2), LEASE),
            granted(min(0), on(2), "c.pupil"),
            announced(min(1), pc(2), at(1)),
            granted(min(2), seen(pc(2), at(1)), "a.pupil"),
        ],
    );
    assert_eq!(roster.say(on(2), min(3)), "one_of a.pupil,c.pupil");
}

#[test]
fn an_announcement_takes_no_address_that_a_server_lent() {
    let roster = after(
        settings(),
        &[
            leased(min(-60), pc(1), at(1), LEASE),
            leased(min(-60), pc(2), at(2), LEASE),
            announced(min(-1), pc(2), at(1)),
            logon_at(min(0), Login, "a.pupil", at(1), None),
        ],
    );
    assert_eq!(roster.say(on(2), min(1)), "perhaps a.pupil");
    assert_eq!(roster.say(on(1), min(1)), "perhaps a.pupil");
    assert_eq!(roster.say(routed(at(1)), min(1)), "perhaps a.pupil");
}

#[test]
fn a_laptop_that_visits_three_rooms_is_no_router_and_keeps_its_login() {
    let room = |number| seen(pc(1), at(number));
    let claims = [
        granted(min(0), room(1), "a.pupil"),
        granted(min(60), room(2), "a.pupil"),
        granted(min(120), room(3), "a.pupil"),
    ];
    let roster = after(settings(), &claims);
    for (number, minute) in [(1, 5), (2, 65), (3, 125)] {
        assert_eq!(roster.say(room(number), min(minute)), "likely a.pupil");
    }
    // Who moved, and whose new address nobody told of, is not certain to be the same.
    assert_eq!(roster.say(room(4), min(130)), "perhaps a.pupil");
    roster.absorb(&leased(min(125), pc(1), at(4), LEASE));
    assert_eq!(roster.say(room(4), min(130)), "likely a.pupil");
}

#[test]
fn a_login_just_before_the_first_named_frame_of_a_computer_is_not_given_to_who_had_the_address() {
    let roster = after(
        settings(),
        &[
            sighted(min(0), pc(1), at(1)),
            logon_at(min(110), Login, "a.pupil", at(1), None),
            sighted(min(110) + Span::seconds(35), pc(2), at(1)),
        ],
    );
    assert_eq!(roster.say(seen(pc(2), at(1)), min(112)), "perhaps a.pupil");
    assert_eq!(roster.say(seen(pc(1), at(2)), min(112)), "perhaps a.pupil");
}

#[test]
fn a_log_out_without_a_number_shows_nobody_anywhere_and_proves_no_afternoon() {
    let roster = after(
        settings(),
        &[
            leased(min(-5), pc(1), at(1), Span::minutes(6)),
            logon_at(min(0), Login, "a.pupil", at(1), None),
            leased(min(1), pc(2), at(1), LEASE),
            logon_at(sec(100), Logout, "a.pupil", at(1), None),
        ],
    );
    assert_eq!(roster.say(seen(pc(2), at(1)), sec(110)), "device_only");
    let rows = [
        logon(min(0), Login, "a.pupil", pc(1), None),
        logon(min(330), Logout, "a.pupil", pc(1), None),
    ];
    let roster = after(settings(), &rows);
    assert_eq!(roster.say(on(1), min(200)), "last_known a.pupil");
}

#[test]
fn a_log_out_of_the_second_in_which_somebody_logs_in_again_ends_the_session_before() {
    let rows = [
        logon(min(0), Login, "a.pupil", pc(1), Some("pc 1")),
        logon(min(10), Logout, "a.pupil", pc(1), Some("pc 1")),
        logon(min(10), Login, "a.pupil", pc(1), Some("pc 1")),
    ];
    let roster = after(settings(), &rows);
    assert_eq!(roster.say(on(1), min(12)), "last_known a.pupil");
}

#[test]
fn over_ipv6_too_the_last_login_behind_a_router_does_not_take_what_another_computer_did() {
    let v6 = |n: u8| -> std::net::IpAddr { format!("fd77::{n}").parse().expect("an address") };
    let behind = |n| seen(pc(200), v6(n));
    let claims = [granted(min(0), behind(1), "a.pupil"), granted(min(1), behind(2), "b.pupil")];
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(behind(1), min(2)), "one_of a.pupil,b.pupil");
    // One IPv4 login each, and the browsing over IPv6.
    let claims = [
        granted(min(0), seen(pc(200), at(1)), "a.pupil"),
        granted(min(1), seen(pc(200), at(2)), "b.pupil"),
    ];
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(behind(1), min(2)), "perhaps a.pupil,b.pupil");
}

#[test]
fn an_address_that_was_let_again_behind_a_router_is_not_the_former_tenants() {
    let behind = seen(pc(200), at(1));
    let roster = after(
        settings(),
        &[
            granted(min(0), behind, "a.pupil"),
            leased(min(5), pc(1), at(1), LEASE),
            logon(min(6), Login, "b.pupil", pc(1), None),
        ],
    );
    assert_eq!(roster.say(behind, min(7)), "one_of a.pupil,b.pupil");
}

#[test]
fn a_login_on_the_own_frame_at_anothers_address_is_not_forgotten() {
    let roster = after(
        settings(),
        &[
            leased(min(-60), pc(9), at(1), LEASE),
            granted(min(0), on(2), "a.pupil"),
            granted(min(5), seen(pc(2), at(1)), "b.pupil"),
            leased(min(8), pc(2), at(3), LEASE),
        ],
    );
    assert_eq!(roster.say(seen(pc(2), at(3)), min(9)), "one_of a.pupil,b.pupil");
}

#[test]
fn a_row_that_knows_the_address_alone_counts_behind_a_router_that_no_lease_looks_through() {
    let mut told = settings();
    told.routers.insert(pc(200));
    let roster = after(told, &[logon_at(min(0), Login, "a.pupil", at(1), None)]);
    assert_eq!(roster.say(seen(pc(200), at(1)), min(2)), "perhaps a.pupil");
    assert_eq!(roster.say(seen(pc(200), at(2)), min(2)), "unknown no_device");
}

#[test]
fn a_laptop_that_comes_back_to_a_room_keeps_its_login() {
    let came = |minute, number| {
        let to = at(number);
        [leased(min(minute), pc(1), to, LEASE), sighted(min(minute + 1), pc(1), to)]
    };
    let mut claims = Vec::from(came(0, 1));
    claims.push(logon(min(2), Login, "a.pupil", pc(1), None));
    claims.extend([came(5, 2), came(12, 1)].concat());
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(seen(pc(1), at(1)), min(14)), "likely a.pupil");
    // Without the lease of its return it may be a card that carries two computers.
    claims.remove(claims.len() - 2);
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(seen(pc(1), at(1)), min(14)), "perhaps a.pupil");
}

/// A dock with a hardware address of its own, pc 9, and two laptops with theirs: the first
/// was on the dock and logged in there, the second came when it was gone, long logged in.
fn dock(first: &str, second: &str) -> Vec<facts::Claim> {
    let lease = |minute, pc_number, address, name| {
        called(Some(name), leased(min(minute), pc(pc_number), at(address), LEASE))
    };
    vec![
        lease(-5, 1, 1, "lt-one"),
        lease(-4, 2, 2, "LT-TWO.school.lan"),
        granted(min(-3), on(2), second),
        lease(0, 9, 9, "lt-one"),
        granted(min(1), on(9), first),
        lease(6, 9, 9, "lt-two"),
    ]
}

#[test]
fn who_was_at_a_dock_before_another_laptop_came_is_not_named_for_it() {
    let mut claims = dock("a.pupil", "b.pupil");
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(on(9), min(5)), "likely a.pupil");
    assert_eq!(roster.say(on(9), min(7)), "perhaps a.pupil,b.pupil");
    assert_eq!(roster.say(on(2), min(7)), "likely b.pupil", "on her own card");
    // Renewed under the same name it is still she who came, and her next login settles it.
    claims.push(called(Some("lt-two"), leased(min(8), pc(9), at(9), LEASE)));
    claims.push(granted(min(9), on(9), "b.pupil"));
    let roster = after(settings(), &claims);
    assert_eq!(roster.say(on(9), min(8)), "perhaps a.pupil,b.pupil");
    assert_eq!(roster.say(on(9), min(10)), "likely b.pupil");
}

#[test]
fn a_letter_about_the_headteacher_at_a_teachers_dock_may_be_about_the_headteacher() {
    let roster = after(settings(), &dock("t.staff", "j.head"));
    assert_eq!(roster.say(on(9), min(7)), "perhaps j.head,t.staff");
}

#[test]
fn names_that_nobody_bears_any_more_are_forgotten() {
    let roster = Roster::new(directory(), settings());
    for number in 0..300_u32 {
        let name = format!("made-up-{number}");
        let lease = leased(min(0) + Span::seconds(number.into()), pc(9), at(9), LEASE);
        roster.absorb(&called(Some(&name), lease));
    }
    roster.forget_before(min(0));
    assert!(roster.called.len() <= 64, "{}", roster.called.len());
}

#[test]
fn a_name_that_many_devices_give_themselves_adds_nobody() {
    let mut claims = dock("a.pupil", "b.pupil");
    for number in [3, 4] {
        let lease = leased(min(-4), pc(number), at(number), LEASE);
        claims.push(called(Some("lt-two"), lease));
    }
    assert_eq!(after(settings(), &claims).say(on(9), min(7)), "perhaps a.pupil");
}

#[test]
fn the_end_of_a_session_that_is_told_of_another_card_proves_nothing_of_the_dock() {
    let rows = |end| {
        [
            logon(min(0), Login, "a.pupil", pc(9), Some("9")),
            logon(min(50), Logout, "a.pupil", pc(end), Some("9")),
        ]
    };
    assert_eq!(after(settings(), &rows(9)).say(on(9), min(30)), "proven a.pupil");
    assert_eq!(after(settings(), &rows(1)).say(on(9), min(30)), "last_known a.pupil");
}

#[test]
fn a_row_that_tells_the_future_counts_from_when_it_came() {
    let mut row = logon(min(60), Login, "b.pupil", pc(1), None);
    row.at = min(0);
    let rows = [logon(min(-30), Login, "a.pupil", pc(1), None), row];
    assert_eq!(after(settings(), &rows).say(on(1), min(1)), "likely b.pupil");
}

#[test]
fn what_a_moved_account_uses_at_its_new_address_says_that_it_is_the_same_computer() {
    let roster = after(
        settings(),
        &[
            granted(min(0), seen(pc(1), at(1)), "a.pupil"),
            used(min(10), seen(pc(1), at(2)), "a.pupil"),
        ],
    );
    assert_eq!(roster.say(seen(pc(1), at(2)), min(11)), "last_known a.pupil");
}
