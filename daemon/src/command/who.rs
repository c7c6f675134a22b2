//! `wardline who`: the evidence for and against, with accounts as pseudonyms.

use facts::{Bearing, SensorId, Sighting, Span, Timestamp};
use ring::hmac;
use ring::rand::SystemRandom;
use serde_json::json;
use store::RecordReader;

use super::{load, print};
use crate::cli::WhoArgs;
use crate::clock::Clock;
use crate::process::{Exit, Failure};
use crate::replay::Accounts;
use crate::terminal::ascii;

/// Nothing older can bear on an answer: the longest session and its lag.
const REACH: Span = Span::hours(24);

pub(super) fn run(args: &WhoArgs) -> Result<(), Failure> {
    let config = load::config(&args.config.config)?;
    let roster = load::roster(&config, load::directory(&config)?);
    let at = match &args.at {
        None => Clock::real().now(),
        Some(text) => moment(text)?,
    };
    let record = RecordReader::open(&config.store.record).map_err(load::store_failure)?;
    for claim in record.claims(at - REACH).map_err(load::store_failure)? {
        roster.absorb(&claim);
    }
    let sighting = Sighting {
        site: config.school.site,
        sensor: SensorId::default(),
        vlan: None,
        mac: None,
        address: args.address,
    };
    let attribution = roster.who_was(&sighting, at, Timestamp::MAX);
    let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
        .map_err(|_| Failure::new(Exit::Bug, "the system gives no random numbers"))?;
    let accounts = Accounts::Hidden(key);
    let answer = &attribution.answer;
    let told = json!({
        "address": args.address.to_string(),
        "at": at.to_string(),
        "certainty": answer.certainty().as_str(),
        "accounts": answer.candidates().iter().map(|c| accounts.show(c)).collect::<Vec<_>>(),
        "device": attribution.device.as_ref().map(|device| device.mac.to_string()),
        "for": sentences(&attribution, Bearing::For),
        "against": sentences(&attribution, Bearing::Against),
        "assumed": sentences(&attribution, Bearing::Assumed),
    });
    print(ascii(&format!("{told:#}")))
}

fn sentences(attribution: &facts::Attribution, bearing: Bearing) -> Vec<&str> {
    let grounds = attribution.grounds.iter().filter(|ground| ground.bearing == bearing);
    grounds.map(|ground| ground.sentence.as_str()).collect()
}

fn moment(text: &str) -> Result<Timestamp, Failure> {
    let moment: jiff::Timestamp = text.parse().map_err(|_| {
        let sentence = format!(
            "--at: \"{}\" is no moment; write for instance 2026-11-20T15:08:00Z",
            text.escape_default()
        );
        Failure::new(Exit::Usage, sentence)
    })?;
    Ok(Timestamp::from_micros(moment.as_microsecond()))
}
