//! RADIUS: sessions as access points and switches report them (accounting, RFC 2866), and
//! the outer names of those who ask to be let in (RFC 2865).

use std::net::IpAddr;

use facts::{Accounting, AccountingStatus, Means, Path, Span, TerminateCause, Timestamp, UserName};

use super::text;
use crate::reader::Reader;
use crate::said::Said;
use crate::voice::{Heading, Voice};

/// Accounting, its old port, authentication ports that some senders use for both, and
/// dynamic authorization.
pub(crate) const PORTS: [u16; 5] = [1813, 1646, 1812, 1645, 3799];

const ACCESS_REQUEST: u8 = 1;
const ACCOUNTING_REQUEST: u8 = 4;
const ACCOUNTING_RESPONSE: u8 = 5;

const USER_NAME: u8 = 1;
const NAS_IP_ADDRESS: u8 = 4;
const FRAMED_IP_ADDRESS: u8 = 8;
const CALLING_STATION_ID: u8 = 31;
const NAS_IDENTIFIER: u8 = 32;
const STATUS_TYPE: u8 = 40;
const DELAY_TIME: u8 = 41;
const SESSION_ID: u8 = 44;
const TERMINATE_CAUSE: u8 = 49;
const MULTI_SESSION_ID: u8 = 50;
const EVENT_TIMESTAMP: u8 = 55;
const NAS_IPV6_ADDRESS: u8 = 95;
const FRAMED_IPV6_ADDRESS: u8 = 168;

/// Whether a datagram is for this reader: what goes to one of the ports, or a receipt.
pub(crate) fn is_one(bytes: &[u8], path: &Path) -> bool {
    let is_receipt = bytes.first() == Some(&ACCOUNTING_RESPONSE) && PORTS.contains(&path.sport);
    is_receipt || PORTS.contains(&path.dport)
}

/// Takes such a datagram. A record is said once a server took it, which
/// it does not do with one that whoever knows no secret made up (RFC 2866 section 3); or
/// once none did in time.
pub(crate) fn datagram(bytes: &[u8], heading: &Heading, voice: &mut Voice<'_, '_>) {
    let (Some(&code), Some(&id)) = (bytes.first(), bytes.get(1)) else {
        voice.counters.broken_claims = voice.counters.broken_claims.saturating_add(1);
        return;
    };
    let Voice { exchanges, sink, .. } = voice;
    let mut tell = |claim| _ = sink(Said::Claim(claim));
    let said = match code {
        ACCOUNTING_REQUEST => accounting(bytes, heading)
            .map(|said| exchanges.reported(&heading.path, id, heading.at, said, &mut tell)),
        ACCOUNTING_RESPONSE => {
            attributes(bytes).map(|_| exchanges.taken(&heading.path, id, &mut tell))
        }
        ACCESS_REQUEST => access(bytes).map(|(user, calling_station)| {
            if let Some(user) = user {
                voice.attempt(heading, &user, Means::RadiusOuter { calling_station });
            }
        }),
        _ => return,
    };
    if said.is_none() {
        voice.counters.broken_claims = voice.counters.broken_claims.saturating_add(1);
    }
}

/// The attributes of a packet, each behind its number and its length.
fn attributes(bytes: &[u8]) -> Option<Reader<'_>> {
    let mut reader = Reader::new(bytes);
    reader.skip(2)?;
    let length = usize::from(reader.u16()?);
    // The authenticator could be checked only with the shared secret.
    reader.skip(16)?;
    reader.part(length.checked_sub(20)?)
}

/// Takes the next attribute; none inside where the list ends.
fn next<'a>(attributes: &mut Reader<'a>) -> Option<Option<(u8, Reader<'a>)>> {
    let Some(kind) = attributes.u8() else { return Some(None) };
    let length = usize::from(attributes.u8()?).checked_sub(2)?;
    Some(Some((kind, attributes.part(length)?)))
}

/// The outer name and the device that an Access-Request is for.
fn access(bytes: &[u8]) -> Option<(Option<String>, Option<String>)> {
    let mut attributes = attributes(bytes)?;
    let (mut user, mut calling_station) = (None, None);
    while let Some((kind, value)) = next(&mut attributes)? {
        match kind {
            USER_NAME => user = text(value.rest()),
            CALLING_STATION_ID => calling_station = text(value.rest()),
            _ => {}
        }
    }
    Some((user, calling_station))
}

fn accounting(bytes: &[u8], heading: &Heading) -> Option<Accounting> {
    let mut attributes = attributes(bytes)?;
    let mut status = None;
    let (mut user, mut session, mut multi_session) = (None, None, None);
    let (mut identifier, mut nas_address) = (None, None);
    let (mut calling_station, mut framed_ip) = (None, None);
    let (mut event, mut delay) = (None, 0);
    let mut terminate_cause = None;
    while let Some((kind, mut value)) = next(&mut attributes)? {
        match kind {
            USER_NAME => user = text(value.rest()),
            SESSION_ID => session = text(value.rest()),
            MULTI_SESSION_ID => multi_session = text(value.rest()),
            NAS_IDENTIFIER => identifier = text(value.rest()),
            CALLING_STATION_ID => calling_station = text(value.rest()),
            NAS_IP_ADDRESS => nas_address = value.array::<4>().map(IpAddr::from),
            NAS_IPV6_ADDRESS => nas_address = value.array::<16>().map(IpAddr::from),
            FRAMED_IP_ADDRESS => framed_ip = value.array::<4>().map(IpAddr::from).or(framed_ip),
            FRAMED_IPV6_ADDRESS => {
                framed_ip = framed_ip.or(value.array::<16>().map(IpAddr::from));
            }
            STATUS_TYPE => status = value.u32(),
            TERMINATE_CAUSE => terminate_cause = value.u32().map(TerminateCause),
            EVENT_TIMESTAMP => event = value.u32(),
            DELAY_TIME => delay = value.u32().unwrap_or(0),
            _ => {}
        }
    }
    let status = match status? {
        1 => AccountingStatus::Start,
        2 => AccountingStatus::Stop,
        3 => AccountingStatus::InterimUpdate,
        7 => AccountingStatus::AccountingOn,
        8 => AccountingStatus::AccountingOff,
        _ => return None,
    };
    let told_at = match event {
        Some(seconds) => Timestamp::from_seconds(i64::from(seconds)),
        None => heading.at - Span::seconds(i64::from(delay)),
    };
    let nas_address = nas_address.unwrap_or(heading.path.src);
    Some(Accounting {
        status,
        user: user.map(|name| UserName::new(&name)),
        session,
        multi_session,
        nas: identifier.unwrap_or_else(|| nas_address.to_string()),
        calling_station,
        framed_ip,
        terminate_cause,
        told_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Heard, heading, listen};

    /// From the access point's port 49,152 to a server of accounting, at this second.
    fn way(second: i64) -> Heading {
        let mut heading = heading();
        heading.at = Timestamp::from_seconds(second);
        (heading.path.sport, heading.path.dport) = (49_152, 1_813);
        heading
    }

    fn receipt(id: u8) -> Vec<u8> {
        [&[5, id, 0, 20][..], &[0; 16]].concat()
    }

    /// What is heard of records and receipts that go these ways, and at the end.
    fn exchanged(messages: &[(Vec<u8>, Heading)]) -> Vec<Heard> {
        listen(|_, voice| {
            for (bytes, heading) in messages {
                datagram(bytes, heading, voice);
            }
            let Voice { exchanges, sink, .. } = voice;
            exchanges.expire(Timestamp::MAX, &mut |claim| _ = sink(Said::Claim(claim)));
        })
    }

    const STARTED: &str = "accounted Start c.pupil";

    #[test]
    fn a_record_that_a_server_took_is_said_as_often_as_it_was_sent() {
        let start = request(WHOLE);
        let taken = (receipt(1), way(2).reversed());
        let once = [(start.clone(), way(1)), taken.clone()];
        assert_eq!(exchanged(&once), [STARTED]);
        let twice = [(start.clone(), way(1)), (start, way(2)), taken];
        assert_eq!(exchanged(&twice), [STARTED, STARTED]);
    }

    #[test]
    fn a_record_that_no_server_took_could_be_anybodys() {
        let one_sided = [format!("{STARTED}, one-sided")];
        let start = (request(WHOLE), way(1));
        assert_eq!(exchanged(std::slice::from_ref(&start)), one_sided);
        let answered = |change: fn(&mut Heading), id| {
            let mut back = way(2).reversed();
            change(&mut back);
            exchanged(&[start.clone(), (receipt(id), back)])
        };
        assert_eq!(answered(|_| {}, 1), [STARTED]);
        assert_eq!(answered(|_| {}, 2), one_sided, "the receipt of another");
        assert_eq!(answered(|back| back.path.src = [10, 1, 0, 9].into(), 1), one_sided);
        assert_eq!(answered(|back| back.path.sport = 1_812, 1), one_sided);
        assert_eq!(answered(|back| back.path.dport = 49_153, 1), one_sided);
        let cut = (receipt(1)[..19].to_vec(), way(2).reversed());
        assert_eq!(exchanged(&[start, cut]), one_sided);
    }

    #[test]
    fn a_receipt_of_two_records_under_one_number_says_nothing_of_either() {
        let other = WHOLE.to_vec();
        let other = String::from_utf8(other).unwrap().replace("c.pupil", "d.pupil");
        let messages = [
            (request(WHOLE), way(1)),
            (request(other.as_bytes()), way(1)),
            (receipt(1), way(2).reversed()),
        ];
        let [started, others] =
            ["c.pupil", "d.pupil"].map(|user| format!("accounted Start {user}, one-sided"));
        assert_eq!(exchanged(&messages), [started, others]);
    }

    #[test]
    fn records_for_which_there_is_no_room_are_said_one_sided() {
        let many: Vec<_> = (0..2_000_u16)
            .map(|port| {
                let mut heading = way(1);
                heading.path.sport = port;
                (request(WHOLE), heading)
            })
            .collect();
        assert_eq!(exchanged(&many), vec![format!("{STARTED}, one-sided"); 2_000]);
    }

    fn request(attributes: &[u8]) -> Vec<u8> {
        let length = u16::try_from(20 + attributes.len()).unwrap().to_be_bytes();
        [&[4, 1][..], &length, &[0; 16], attributes].concat()
    }

    fn at_100(bytes: &[u8]) -> Option<Accounting> {
        let mut heading = heading();
        heading.at = Timestamp::from_seconds(100);
        accounting(bytes, &heading)
    }

    const WHOLE: &[u8] =
        b"\x28\x06\0\0\0\x01\x01\x09c.pupil\x2c\x08S-0001\x1f\x1352-54-00-1D-00-06\
        \x08\x06\x0a\x4d\0\x65\x04\x06\x0a\x4d\0\x0c\x32\x05M-1";

    #[test]
    fn a_session_is_read_with_all_it_tells() {
        let accounting = at_100(&request(WHOLE)).expect("read");
        assert_eq!(accounting.status, AccountingStatus::Start);
        assert_eq!(accounting.user, Some(UserName::new("c.pupil")));
        assert_eq!(accounting.session.as_deref(), Some("S-0001"));
        assert_eq!(accounting.multi_session.as_deref(), Some("M-1"));
        assert_eq!(accounting.calling_station.as_deref(), Some("52-54-00-1D-00-06"));
        assert_eq!(accounting.framed_ip, Some(IpAddr::from([10, 77, 0, 101])));
        assert_eq!(accounting.nas, "10.77.0.12");
        assert_eq!(accounting.told_at, Timestamp::from_seconds(100));
    }

    #[test]
    fn the_time_is_the_events_else_arrival_less_the_delay() {
        let told = |more: &[u8]| at_100(&request(&[WHOLE, more].concat())).unwrap().told_at;
        let (event, delay) = (b"\x37\x06\0\0\0\x07", b"\x29\x06\0\0\0\x0a");
        assert_eq!(told(delay), Timestamp::from_seconds(90));
        assert_eq!(told(&[&event[..], delay].concat()), Timestamp::from_seconds(7));
    }

    #[test]
    fn who_reports_is_named_by_the_best_that_is_there() {
        let nas =
            |more: &[u8]| at_100(&request(&[b"\x28\x06\0\0\0\x07", more].concat())).unwrap().nas;
        assert_eq!(nas(b"\x04\x06\x0a\0\0\x01\x20\x06ap-7"), "ap-7");
        assert_eq!(nas(b""), heading().path.src.to_string());
    }

    #[test]
    fn all_five_statuses_are_known_and_no_other() {
        let read = |status: u8| at_100(&request(&[0x28, 6, 0, 0, 0, status])).map(|a| a.status);
        let known: Vec<_> = (0..=255).filter(|status| read(*status).is_some()).collect();
        assert_eq!(known, [1, 2, 3, 7, 8]);
    }

    #[test]
    fn a_stop_tells_why_the_session_ended() {
        let cause = |more: &[u8]| {
            at_100(&request(&[b"\x28\x06\0\0\0\x02", more].concat())).unwrap().terminate_cause
        };
        assert_eq!(cause(b"\x31\x06\0\0\0\x01"), Some(TerminateCause::USER_REQUEST));
        assert_eq!(cause(b"\x31\x06\0\0\0\x04"), Some(TerminateCause(4)));
        assert_eq!(cause(b"\x31\x04\0\x01"), None);
        assert_eq!(cause(b""), None);
    }

    #[test]
    fn who_asks_to_be_let_in_is_an_outer_name_and_no_login() {
        let mut bytes = request(b"\x01\x18anonymous@elmrow.example\x1f\x1352-54-00-1D-00-06");
        bytes[0] = 1;
        bytes[21] = 26;
        let heard = |bytes: &[u8]| listen(|_, voice| datagram(bytes, &way(1), voice));
        let asked = "radius 10.1.4.23 anonymous@elmrow.example 52-54-00-1D-00-06";
        assert_eq!(heard(&bytes), [asked]);
        for end in 0..bytes.len() {
            assert!(heard(&bytes[..end]).is_empty());
        }
    }

    #[test]
    fn prefixes_and_bent_octets_are_survived() {
        let whole = request(WHOLE);
        for end in 0..whole.len() {
            assert!(at_100(&whole[..end]).is_none());
        }
        for at in 0..whole.len() {
            for octet in 0..=255 {
                let mut bent = whole.clone();
                bent[at] = octet;
                let _ = at_100(&bent);
            }
        }
    }
}
