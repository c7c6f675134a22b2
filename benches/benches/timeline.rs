//! How many questions "who was it" a second the roster answers after a school day of claims.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use facts::{
    Assertion, Claim, Exchange, Mac, SensorId, Sighting, SiteId, Source, Span, Timestamp, UserName,
};
use wardline::identity::{Directory, Roster, Settings};

const DEVICES: u16 = 1_000;
/// Logins of each device in the day.
const LESSONS: u32 = 6;

fn morning() -> Timestamp {
    Timestamp::from_seconds(1_795_000_000)
}

fn sighting(device: u16) -> Sighting {
    let [high, low] = device.to_be_bytes();
    Sighting {
        site: SiteId::default(),
        sensor: SensorId::default(),
        vlan: None,
        mac: Some(Mac::from_octets([0, 0x16, 0x3e, 0, high, low])),
        address: [10, 20, high, low].into(),
    }
}

fn begins(lesson: u32) -> Timestamp {
    morning() + Span::minutes(i64::from(lesson) * 55)
}

/// Each device leases its address in the morning; in each lesson another pupil logs in.
fn claims() -> impl Iterator<Item = Claim> {
    let heard =
        |at, assertion| Claim { at, assertion, source: Source::Mirror, exchange: Exchange::Whole };
    (0..DEVICES).flat_map(move |device| {
        let client = sighting(device);
        let leased = client.mac.map(|mac| Assertion::Leased {
            mac,
            address: client.address,
            vlan: client.vlan,
            lease: Span::hours(8),
            host: None,
        });
        let granted = (0..LESSONS).map(move |lesson| {
            let number = u32::from(device) * 7 % 1_200 + lesson;
            let cname = UserName::new(&format!("pupil{number}"));
            let realm = "ELMROW.EXAMPLE".to_owned();
            heard(begins(lesson), Assertion::KerberosGranted { client, cname, realm })
        });
        leased.map(|leased| heard(morning(), leased)).into_iter().chain(granted)
    })
}

fn timeline(criterion: &mut Criterion) {
    let roster = Roster::new(Directory::default(), Settings::default());
    claims().for_each(|claim| drop(roster.absorb(&claim)));
    let mut group = criterion.benchmark_group("timeline");
    group.throughput(Throughput::Elements(u64::from(DEVICES)));
    group.bench_function("who was it, a thousand devices", |bencher| {
        let at = begins(3) + Span::minutes(10);
        bencher.iter(|| {
            for device in 0..DEVICES {
                black_box(roster.who_was(&sighting(device), at, at + Span::minutes(1)));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, timeline);
criterion_main!(benches);
