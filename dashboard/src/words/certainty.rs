//! Who it may have been, in words that never say more than the evidence carries.

use facts::{
    Answer, Attribution, Bearing, Candidate, Certainty, Incident, Role, Sighting, Timestamp, View,
    Why,
};

use super::subject::accounts;
use super::times::{Times, length};
use super::{Matter, shown};

/// The answer to "who?", for one reader.
pub(crate) struct Who {
    /// Whether the page opens with it; else the device comes first.
    pub leads: bool,
    /// The answer.
    pub sentence: String,
    /// A sentence that belongs to it.
    pub note: Option<&'static str>,
    /// What speaks for it.
    pub speaks_for: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
    /// What it takes for granted.
    pub assumed: Vec<String>,
}

impl Who {
    /// Whether there is anything for or against it to show.
    pub(crate) fn has_grounds(&self) -> bool {
        !(self.speaks_for.is_empty() && self.against.is_empty() && self.assumed.is_empty())
    }
}

/// Who it may have been, for a reader with this view.
pub(crate) fn who_and_how_sure(attribution: &Attribution, view: View) -> Who {
    let (sentence, note) = match view {
        View::Whole => (whole(&attribution.answer), None),
        View::ChildPart => (
            child_part(&accounts(&attribution.answer, view)),
            Some("Adult details are held elsewhere, and so is what the answer rests on."),
        ),
    };
    let grounds = |bearing| match view {
        // The sentences speak of every account in question.
        View::ChildPart => Vec::new(),
        View::Whole => {
            let said = attribution.grounds.iter().filter(|ground| ground.bearing == bearing);
            said.map(|ground| shown(&ground.sentence)).collect()
        }
    };
    Who {
        leads: attribution.answer.certainty() == Certainty::Proven && view == View::Whole,
        sentence,
        note,
        speaks_for: grounds(Bearing::For),
        against: grounds(Bearing::Against),
        assumed: grounds(Bearing::Assumed),
    }
}

fn whole(answer: &Answer) -> String {
    match answer {
        Answer::Proven(account) => {
            format!("Account {} was the only account logged in.", named(account))
        }
        Answer::ProvenShared(account) => shared(account),
        Answer::Likely { candidate, proof_age } => format!(
            "Likely {}: last proof {} before; nobody else seen.",
            named(candidate),
            length(*proof_age)
        ),
        Answer::LastKnown { candidate, proof_age } => format!(
            "Last known {}, {} before. They may have left.",
            named(candidate),
            length(*proof_age)
        ),
        Answer::OneOf(several) => {
            let list: Vec<String> = several.as_slice().iter().map(named).collect();
            format!(
                "One of {}: {}. The list is alphabetical; which one is not known, and we do not \
                 guess.",
                list.len(),
                list.join("; ")
            )
        }
        Answer::DeviceOnly => "The device only; nobody is known to have been logged in.".into(),
        Answer::Unknown(why) => format!("Not known: {}.", because(*why)),
    }
}

fn shared(account: &Candidate) -> String {
    let (kind, who) = match account.role {
        Some(Role::Class) => ("Class account", "Which child is not known, and we do not guess"),
        Some(Role::Guest) => ("Guest account", "Who used it is not known, and we do not guess"),
        Some(Role::Admin) => (
            "Administrator account",
            "Several people can use it; which one is not known, and we do not guess",
        ),
        _ => ("Shared account", "Which person is not known, and we do not guess"),
    };
    format!("{kind} {}. {who}.", named(account))
}

fn child_part(children: &[&Candidate]) -> String {
    let list: Vec<String> = children.iter().map(|child| named(child)).collect();
    if list.is_empty() {
        return "An account on this device; a child may have been the user.".into();
    }
    format!("An account on this device; a child may have been the user: {}.", list.join("; "))
}

/// `a.pupil (A. Pupil, 3B)`.
fn named(account: &Candidate) -> String {
    let login = shown(account.account.reveal());
    let known: Vec<String> =
        [&account.display, &account.group].into_iter().flatten().map(|text| shown(text)).collect();
    let unlisted = account.role.is_none().then(|| "not in the directory".to_owned());
    let known: Vec<String> = known.into_iter().chain(unlisted).collect();
    if known.is_empty() { login } else { format!("{login} ({})", known.join(", ")) }
}

const fn because(why: Why) -> &'static str {
    match why {
        Why::NoDevice => "no device is known for the address",
        Why::AddressConflict => "two devices may have held the address at that time",
        Why::ManyUsers => "many people use this machine at once",
        Why::CoverBroken => "a source of logins was silent at that time",
    }
}

/// The device, the address and the network, as far as they are known.
pub(crate) struct Device {
    /// What to call it: `iPad-07`, else `the device`.
    pub name: String,
    /// What to head the place with.
    pub name_or_none: String,
    /// Its addresses, in one line.
    pub line: String,
}

/// Where it was seen.
pub(crate) fn device(attribution: &Attribution, sighting: &Sighting, view: View) -> Device {
    let device = attribution.device.as_ref();
    let own_name = device
        .and_then(|device| device.name.as_deref())
        .filter(|name| view == View::Whole || !tells_of_an_adult(name, &attribution.answer));
    let mut parts = Vec::new();
    if let Some(device) = device {
        parts.push(format!("hardware address {}", device.mac));
    }
    parts.push(format!("network address {}", sighting.address));
    if let Some(vlan) = sighting.vlan {
        parts.push(format!("VLAN {vlan}"));
    }
    Device {
        name: own_name.map_or_else(|| "the device".to_owned(), shown),
        name_or_none: own_name.map_or_else(|| "A device whose name is not known".into(), shown),
        line: parts.join(" · "),
    }
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

/// How sure, in a few words that name nobody.
pub(crate) fn one_word(answer: &Answer, matter: Matter) -> String {
    if matter == Matter::ChildPart {
        return "A child may have been the user.".into();
    }
    match answer {
        Answer::Proven(_) => "One account was logged in.".into(),
        Answer::ProvenShared(account) if account.role == Some(Role::Class) => {
            "A class account was logged in. Which child: not known.".into()
        }
        Answer::ProvenShared(_) => "A shared account was logged in.".into(),
        Answer::Likely { .. } => "Likely one account.".into(),
        Answer::LastKnown { .. } => "One account, some time before.".into(),
        Answer::OneOf(several) => format!("One of {} accounts.", several.as_slice().len()),
        Answer::DeviceOnly => "Nobody is known to have been logged in.".into(),
        Answer::Unknown(_) => "Who it was is not known.".into(),
    }
}

/// What later revisions changed in the answer, oldest first.
pub(crate) fn changes(
    revisions: &[Incident],
    view: View,
    times: &Times,
    now: Timestamp,
) -> Vec<String> {
    let mut said = Vec::new();
    for pair in revisions.windows(2) {
        let [before, after] = pair else { continue };
        let at = times.near(after.revised_at, now);
        let (old, new) = (&before.attribution.answer, &after.attribution.answer);
        if old != new {
            said.push(match view {
                View::ChildPart => format!("{at}: the answer was revised"),
                View::Whole => format!("{at}: was “{}”, now “{}”", brief(old), brief(new)),
            });
        }
        if before.severity != after.severity {
            let (old, new) = (super::level(before.severity), super::level(after.severity));
            said.push(format!("{at}: the level went from “{old}” to “{new}”"));
        }
    }
    said
}

fn brief(answer: &Answer) -> String {
    let names: Vec<String> = answer.candidates().iter().map(named).collect();
    let names = names.join("; ");
    match answer {
        Answer::Proven(_) | Answer::ProvenShared(_) => format!("account {names}"),
        Answer::Likely { .. } => format!("likely {names}"),
        Answer::LastKnown { .. } => format!("last known {names}"),
        Answer::OneOf(several) => format!("one of {}: {names}", several.as_slice().len()),
        Answer::DeviceOnly => "the device only".into(),
        Answer::Unknown(_) => "not known".into(),
    }
}

#[cfg(test)]
mod tests {
    use facts::{Mac, Several, Span, UserName};

    use super::*;

    fn account(login: &str, role: Option<Role>) -> Candidate {
        Candidate {
            account: UserName::new(login),
            role,
            duties: Vec::new(),
            year: None,
            group: (role == Some(Role::Pupil)).then(|| "3B".into()),
            display: (role == Some(Role::Pupil)).then(|| "A. Pupil".into()),
        }
    }

    fn attribution(answer: Answer) -> Attribution {
        let mac = Mac::from_octets([2, 0, 0, 0, 0, 7]);
        let device = Some(facts::Device { mac, name: Some("PC-ICT-07".into()) });
        let ground = facts::Ground { bearing: Bearing::For, sentence: "a staff login".into() };
        Attribution { answer, device, grounds: vec![ground] }
    }

    fn said(answer: Answer) -> String {
        who_and_how_sure(&attribution(answer), View::Whole).sentence
    }

    #[test]
    fn every_certainty_has_its_words() {
        let pupil = || account("a.pupil", Some(Role::Pupil));
        assert_eq!(
            said(Answer::Proven(pupil())),
            "Account a.pupil (A. Pupil, 3B) was the only account logged in."
        );
        assert_eq!(
            said(Answer::ProvenShared(account("class3b", Some(Role::Class)))),
            "Class account class3b. Which child is not known, and we do not guess."
        );
        assert_eq!(
            said(Answer::Likely { candidate: pupil(), proof_age: Span::minutes(4) }),
            "Likely a.pupil (A. Pupil, 3B): last proof 4 min before; nobody else seen."
        );
        assert_eq!(
            said(Answer::LastKnown { candidate: pupil(), proof_age: Span::minutes(37) }),
            "Last known a.pupil (A. Pupil, 3B), 37 min before. They may have left."
        );
        let both = vec![account("t.staff", Some(Role::Staff)), account("b.pupil", None)];
        assert_eq!(
            said(Answer::OneOf(Several::new(both).unwrap())),
            "One of 2: b.pupil (not in the directory); t.staff. The list is alphabetical; which \
             one is not known, and we do not guess."
        );
        assert!(said(Answer::DeviceOnly).contains("nobody is known to have been logged in"));
        assert_eq!(
            said(Answer::Unknown(Why::ManyUsers)),
            "Not known: many people use this machine at once."
        );
    }

    #[test]
    fn only_a_proven_account_is_named_before_the_place() {
        let pupil = account("a.pupil", Some(Role::Pupil));
        let likely = Answer::Likely { candidate: pupil.clone(), proof_age: Span::ZERO };
        assert!(who_and_how_sure(&attribution(Answer::Proven(pupil)), View::Whole).leads);
        assert!(!who_and_how_sure(&attribution(likely), View::Whole).leads);
        assert!(!who_and_how_sure(&attribution(Answer::DeviceOnly), View::Whole).leads);
    }

    #[test]
    fn the_childs_part_holds_no_adult_no_grounds_and_no_device_named_after_one() {
        let both =
            vec![account("t.staff", Some(Role::Staff)), account("b.pupil", Some(Role::Pupil))];
        let mut case = attribution(Answer::OneOf(Several::new(both).unwrap()));
        let who = who_and_how_sure(&case, View::ChildPart);
        assert_eq!(
            who.sentence,
            "An account on this device; a child may have been the user: b.pupil (A. Pupil, 3B)."
        );
        assert!(who.speaks_for.is_empty() && !who.leads);
        let sighting = Sighting {
            site: facts::SiteId(1),
            sensor: facts::SensorId(1),
            vlan: Some(20),
            mac: None,
            address: [10, 1, 4, 23].into(),
        };
        assert_eq!(device(&case, &sighting, View::ChildPart).name, "PC-ICT-07");
        case.device.as_mut().unwrap().name = Some("LAPTOP-T-STAFF".into());
        assert_eq!(device(&case, &sighting, View::ChildPart).name, "the device");
        assert_eq!(device(&case, &sighting, View::Whole).name, "LAPTOP-T-STAFF");
    }
}
