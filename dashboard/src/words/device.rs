//! Where a case was seen: the devices of its own matches, each with addresses of one moment.

use std::collections::BTreeSet;

use facts::{Answer, Attribution, Incident, Mac, Sighting, View};
use store::SeenMatch;

use super::shown;
use super::subject::accounts;

/// The most devices whose addresses are listed.
const MOST_LISTED: usize = 12;

/// The devices of a case, as far as they are known.
pub(crate) struct Device {
    /// What to call the newest: `iPad-07`, else `the device`.
    pub name: String,
    /// What to head the place with: the newest, and how many more there are.
    pub heading: String,
    /// The addresses of each device, in one line, the newest first.
    pub lines: Vec<String>,
}

/// Where a case was seen, by its matches in the order they joined.
pub(crate) fn device(incident: &Incident, matches: &[SeenMatch], view: View) -> Device {
    let mut known = BTreeSet::new();
    let mut lines = Vec::new();
    for seen in matches.iter().rev() {
        let device = seen.attribution.as_ref().and_then(|answer| answer.device.as_ref());
        let (mac, sighting) = (device.map(|device| device.mac), &seen.matched.sighting);
        let mac = mac.or(sighting.mac);
        let is_new =
            known.insert(mac.map_or_else(|| sighting.address.to_string(), |m| m.to_string()));
        let line = addresses(mac, sighting);
        if is_new || !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        let device = incident.attribution.device.as_ref().map(|device| device.mac);
        lines.push(addresses(device, &incident.sighting));
    }
    let left_out = lines.len().saturating_sub(MOST_LISTED);
    lines.truncate(MOST_LISTED);
    if left_out > 0 {
        lines.push(format!("and {left_out} more"));
    }
    let own_name = own_name(&incident.attribution, view);
    let heading = own_name.clone().unwrap_or_else(|| "A device whose name is not known".into());
    Device {
        name: own_name.unwrap_or_else(|| "the device".into()),
        heading: match known.len().saturating_sub(1) {
            0 => heading,
            1 => format!("{heading}, and one more device"),
            more => format!("{heading}, and {more} more devices"),
        },
        lines,
    }
}

fn own_name(attribution: &Attribution, view: View) -> Option<String> {
    let name = attribution.device.as_ref()?.name.as_deref()?;
    let may_say = view == View::Whole || !tells_of_an_adult(name, &attribution.answer);
    may_say.then(|| shown(name))
}

/// The addresses of one sighting: never of two.
fn addresses(mac: Option<Mac>, sighting: &Sighting) -> String {
    let mac = mac.map(|mac| format!("hardware address {mac}"));
    let address = format!("network address {}", sighting.address);
    let vlan = sighting.vlan.map(|vlan| format!("VLAN {vlan}"));
    let parts: Vec<String> = mac.into_iter().chain([address]).chain(vlan).collect();
    parts.join(" · ")
}

/// A device is often called after whoever carries it.
fn tells_of_an_adult(device: &str, answer: &Answer) -> bool {
    let children = accounts(answer, View::ChildPart);
    let adults = answer.candidates().iter().filter(|account| !children.contains(account));
    let device = device.to_lowercase();
    adults
        .flat_map(|adult| [Some(adult.account.reveal()), adult.display.as_deref()])
        .flatten()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|part| part.chars().count() >= 3)
        .any(|part| device.contains(&part.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use facts::{Candidate, Role, Several, UserName};

    use super::*;

    #[test]
    fn a_device_named_after_an_adult_has_no_name_in_the_childs_part() {
        let account = |login: &str, role| Candidate {
            account: UserName::new(login),
            role: Some(role),
            duties: Vec::new(),
            year: None,
            group: None,
            display: None,
            one_sided: false,
        };
        let both = vec![account("t.staff", Role::Staff), account("b.pupil", Role::Pupil)];
        let mac = Mac::from_octets([2, 0, 0, 0, 0, 7]);
        let named = |name: &str| Attribution {
            answer: Answer::OneOf(Several::new(both.clone()).unwrap()),
            device: Some(facts::Device { mac, name: Some(name.into()) }),
            grounds: Vec::new(),
        };
        let said = |name, view| own_name(&named(name), view);
        assert_eq!(said("PC-ICT-07", View::ChildPart).as_deref(), Some("PC-ICT-07"));
        assert_eq!(said("LAPTOP-T-STAFF", View::ChildPart), None);
        assert_eq!(said("LAPTOP-T-STAFF", View::Whole).as_deref(), Some("LAPTOP-T-STAFF"));
    }
}
