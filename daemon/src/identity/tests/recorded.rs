//! A recorded morning of a laboratory: two computers, three pupils, a teacher, a backup.
//!
//! The claims are those of a capture of real servers (MIT Kerberos, FreeRADIUS, dnsmasq)
//! and real clients, in the order of its frames; what was really done stands beside them.

use std::net::IpAddr;

use facts::{AccountingStatus, Assertion, Claim, Mac, Sighting, Span, TerminateCause, Timestamp};

use super::school::*;
use crate::identity::{Directory, Roster, Settings};

/// Grace given to records that explain traffic later.
const GRACE: Span = Span::seconds(20);

const PC1: Mac = Mac::from_octets([0x52, 0x54, 0, 0x1d, 0, 5]);
const PC2: Mac = Mac::from_octets([0x52, 0x54, 0, 0x1d, 0, 6]);
const PC2_AGAIN: Mac = Mac::from_octets([0x06, 0x11, 0x22, 0x33, 0x44, 0x55]);

fn t(micros_from_03_18_28: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_317_508) + Span::micros(micros_from_03_18_28)
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn pc1() -> Sighting {
    seen(PC1, address("10.77.0.100"))
}

fn claims() -> Vec<Claim> {
    let lease = Span::seconds(120);
    let c_pupil = |time, status| {
        accounted(time, status, "c.pupil", "S-0001", PC2, |accounting| {
            // The access point tells whole seconds.
            let second = time.as_micros().div_euclid(1_000_000);
            accounting.told_at = Timestamp::from_seconds(second);
            if status == AccountingStatus::Stop {
                accounting.terminate_cause = Some(TerminateCause::USER_REQUEST);
            }
            if status != AccountingStatus::Start {
                accounting.framed_ip = Some(address("10.77.0.101"));
            }
        })
    };
    vec![
        leased(t(3_959_524), PC1, address("10.77.0.100"), lease),
        announced(t(4_116_923), PC1, address("10.77.0.100")),
        // The computer starts and logs in as itself.
        asked(t(4_116_994), pc1(), "PC1$"),
        asked(t(4_121_314), pc1(), "PC1$"),
        granted(t(4_128_835), pc1(), "PC1$"),
        announced(t(4_649_834), PC1, address("fd77::a347:4d70:d9e9:c1c2")),
        // The first pupil logs in.
        asked(t(4_676_322), pc1(), "a.pupil"),
        asked(t(4_698_340), pc1(), "a.pupil"),
        granted(t(4_731_392), pc1(), "a.pupil"),
        used(t(4_756_448), pc1(), "a.pupil"),
        used(t(4_757_333), pc1(), "a.pupil"),
        announced(t(4_877_973), PC1, address("10.77.0.100")),
        // A backup runs while the first pupil is still there, who then leaves without a
        // packet.
        asked(t(5_123_692), pc1(), "svc.backup"),
        asked(t(5_138_559), pc1(), "svc.backup"),
        granted(t(5_148_786), pc1(), "svc.backup"),
        used(t(5_169_097), pc1(), "svc.backup"),
        // The second pupil types a wrong password, then the right one.
        asked(t(7_640_432), pc1(), "b.pupil"),
        asked(t(7_650_159), pc1(), "b.pupil"),
        asked(t(7_697_914), pc1(), "b.pupil"),
        asked(t(7_710_975), pc1(), "b.pupil"),
        granted(t(7_712_947), pc1(), "b.pupil"),
        used(t(7_735_560), pc1(), "b.pupil"),
        // A teacher logs in beside the pupil.
        asked(t(7_900_709), pc1(), "t.staff"),
        asked(t(7_917_148), pc1(), "t.staff"),
        granted(t(8_216_805), pc1(), "t.staff"),
        used(t(8_245_208), pc1(), "t.staff"),
        // The third pupil joins the wireless network with the second computer.
        c_pupil(t(9_701_346), AccountingStatus::Start),
        leased(t(13_089_070), PC2, address("10.77.0.101"), lease),
        c_pupil(t(13_181_390), AccountingStatus::InterimUpdate),
        announced(t(13_281_301), PC2, address("10.77.0.101")),
        announced(t(13_445_013), PC2, address("10.77.0.101")),
        announced(t(13_591_137), PC2, address("fd77::dfe2:a960:97be:9c3")),
        c_pupil(t(13_734_615), AccountingStatus::Stop),
        released(t(14_805_610), PC2, address("10.77.0.101")),
        // The second computer comes back under a made-up hardware address and gets the
        // same address.
        announced(t(16_164_733), PC2_AGAIN, address("fd77::765a:2f0c:5aa5:aabd")),
        announced(t(16_260_739), PC2_AGAIN, address("fd77::411:22ff:fe33:4455")),
        leased(t(16_969_241), PC2_AGAIN, address("10.77.0.101"), lease),
        announced(t(17_143_628), PC2_AGAIN, address("10.77.0.101")),
        announced(t(17_350_816), PC2_AGAIN, address("10.77.0.101")),
    ]
}

/// The nine visits: frame, time, device, address.
fn visits() -> [(u32, Timestamp, Sighting); 9] {
    let visit = |frame, micros, mac, text| (frame, t(micros), seen(mac, address(text)));
    [
        visit(39, 4_650_521, PC1, "fd77::a347:4d70:d9e9:c1c2"),
        visit(78, 4_878_495, PC1, "10.77.0.100"),
        visit(107, 5_079_301, PC1, "10.77.0.100"),
        visit(142, 5_401_857, PC1, "10.77.0.100"),
        visit(205, 7_861_276, PC1, "10.77.0.100"),
        visit(240, 8_395_307, PC1, "fd77::a347:4d70:d9e9:c1c2"),
        visit(312, 13_445_458, PC2, "10.77.0.101"),
        visit(337, 13_597_177, PC2, "fd77::dfe2:a960:97be:9c3"),
        visit(393, 17_351_232, PC2_AGAIN, "10.77.0.101"),
    ]
}

const EXPECTED: [(u32, &str); 9] = [
    (39, "device_only"),
    (78, "likely a.pupil"),
    (107, "likely a.pupil"),
    (142, "likely a.pupil"),
    (205, "likely b.pupil"),
    (240, "one_of b.pupil,t.staff"),
    (312, "proven c.pupil"),
    (337, "proven c.pupil"),
    (393, "device_only"),
];

/// Asks each visit when its grace is over, knowing only what was heard by then.
fn live(directory: Directory, settings: Settings) -> Vec<(u32, String)> {
    let roster = Roster::new(directory, settings);
    let mut claims = claims().into_iter().peekable();
    let visits = visits().into_iter();
    let answers = visits.map(|(frame, time, sighting)| {
        let now = time + GRACE;
        while let Some(claim) = claims.next_if(|claim| claim.at <= now) {
            roster.absorb(&claim);
        }
        (frame, words(&roster.who_was(&sighting, time, now)))
    });
    answers.collect()
}

/// Asks everything when all has been heard.
fn batch(directory: Directory, settings: Settings) -> Vec<(u32, String)> {
    answers_after(&claims(), directory, settings)
}

fn answers_after(claims: &[Claim], directory: Directory, settings: Settings) -> Vec<(u32, String)> {
    let roster = Roster::new(directory, settings);
    claims.iter().rev().for_each(|claim| drop(roster.absorb(claim)));
    let visits = visits().into_iter();
    visits.map(|(frame, time, sighting)| (frame, roster.say(sighting, time))).collect()
}

fn expected() -> Vec<(u32, String)> {
    EXPECTED.iter().map(|(frame, words)| (*frame, (*words).to_owned())).collect()
}

#[test]
fn the_recorded_morning_is_told_right_live_and_in_a_batch() {
    assert_eq!(live(directory(), Settings::default()), expected());
    assert_eq!(batch(directory(), Settings::default()), expected());
}

#[test]
fn what_was_heard_later_does_not_reach_an_answer_about_what_was_known_then() {
    let roster = after(Settings::default(), &claims());
    let (_, time, sighting) = visits()[6];
    let then = roster.who_was(&sighting, time, time);
    assert_eq!(words(&then), "likely c.pupil");
    assert_eq!(words(&roster.who_was(&sighting, time, time + GRACE)), "proven c.pupil");
}

#[test]
fn the_age_of_the_last_proof_is_told_with_the_answer() {
    let roster = Roster::new(directory(), Settings::default());
    claims().iter().for_each(|claim| drop(roster.absorb(claim)));
    let ages = [(1, 121), (2, 321), (3, 644), (4, 125)];
    for (visit, millis) in ages {
        let (frame, time, sighting) = visits()[visit];
        let facts::Answer::Likely { proof_age, .. } =
            roster.who_was(&sighting, time, Timestamp::MAX).answer
        else {
            panic!("frame {frame} is not likely")
        };
        assert_eq!(proof_age.as_micros() / 1_000, millis, "frame {frame}");
    }
}

#[test]
fn without_a_directory_the_backup_can_not_be_told_from_a_person() {
    let answers = batch(Directory::default(), Settings::default());
    assert_eq!(answers[3], (142, "one_of a.pupil,svc.backup".to_owned()));
    for ((frame, bare), (_, known)) in answers.iter().zip(expected()) {
        let named = known.split(' ').nth(1).unwrap_or_default();
        assert!(named.split(',').all(|name| bare.contains(name)), "frame {frame}: {bare}");
        assert!(!bare.starts_with("proven"), "frame {frame}: {bare}");
    }
}

#[test]
fn where_the_stop_may_be_an_idle_timeout_it_proves_nothing_and_the_name_is_still_right() {
    let mut claims = claims();
    for claim in &mut claims {
        if let Assertion::Accounted(accounting) = &mut claim.assertion {
            accounting.terminate_cause = None;
        }
    }
    let answers = answers_after(&claims, directory(), Settings::default());
    assert_eq!(answers[6], (312, "likely c.pupil".to_owned()));
    assert_eq!(answers[7], (337, "likely c.pupil".to_owned()));
}
