//! Who it may have been, in words that never say more than the evidence carries.

use facts::{
    Answer, Attribution, Bearing, Candidate, Certainty, Incident, Role, Timestamp, View, Why,
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
        Answer::OneOf(several) if several.may_be_unknown() => format!(
            "Perhaps {}, perhaps somebody else. Which is not known, and we do not guess.",
            first_of(several.as_slice().iter())
        ),
        Answer::OneOf(several) => {
            let list = several.as_slice();
            format!(
                "One of {}: {}. The list is alphabetical; which one is not known, and we do not \
                 guess.",
                list.len(),
                first_of(list.iter())
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
    if children.is_empty() {
        return "An account on this device; a child may have been the user.".into();
    }
    let list = first_of(children.iter().copied());
    format!("An account on this device; a child may have been the user: {list}.")
}

/// How many accounts a sentence names.
const MOST_NAMED: usize = 10;

/// `a; b; c`; of more than ten the first ten, `and 4 more`.
fn first_of<'a>(candidates: impl ExactSizeIterator<Item = &'a Candidate>) -> String {
    let more = candidates.len().saturating_sub(MOST_NAMED);
    let names: Vec<String> = candidates.take(MOST_NAMED).map(named).collect();
    let names = names.join("; ");
    if more == 0 { names } else { format!("{names}; and {more} more") }
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
        Why::SeveralDevices => "several devices asked, and no single person is meant",
        Why::CoverBroken => "a source of logins was silent at that time",
    }
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
        Answer::OneOf(several) if several.may_be_unknown() => {
            "Perhaps one account, perhaps somebody else.".into()
        }
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
        // What reads the same has not changed for who reads it: the age of a proof, or an
        // adult of whom the reader does not know.
        let (was, is) = match view {
            View::ChildPart => (child_part(&accounts(old, view)), child_part(&accounts(new, view))),
            View::Whole => (brief(old), brief(new)),
        };
        if was != is {
            said.push(match view {
                View::ChildPart => format!("{at}: the answer was revised"),
                View::Whole => format!("{at}: was “{was}”, now “{is}”"),
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
    let names = first_of(answer.candidates().iter());
    match answer {
        Answer::Proven(_) | Answer::ProvenShared(_) => format!("account {names}"),
        Answer::Likely { .. } => format!("likely {names}"),
        Answer::LastKnown { .. } => format!("last known {names}"),
        Answer::OneOf(several) if several.may_be_unknown() => {
            format!("perhaps {names}, perhaps somebody else")
        }
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
        let perhaps = Several::or_unknown(vec![pupil()]).unwrap();
        assert_eq!(
            said(Answer::OneOf(perhaps)),
            "Perhaps a.pupil (A. Pupil, 3B), perhaps somebody else. Which is not known, and we do \
             not guess."
        );
        assert!(said(Answer::DeviceOnly).contains("nobody is known to have been logged in"));
        assert_eq!(
            said(Answer::Unknown(Why::SeveralDevices)),
            "Not known: several devices asked, and no single person is meant."
        );
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
    fn the_childs_part_holds_no_adult_and_no_grounds() {
        let both =
            vec![account("t.staff", Some(Role::Staff)), account("b.pupil", Some(Role::Pupil))];
        let case = attribution(Answer::OneOf(Several::new(both).unwrap()));
        let who = who_and_how_sure(&case, View::ChildPart);
        assert_eq!(
            who.sentence,
            "An account on this device; a child may have been the user: b.pupil (A. Pupil, 3B)."
        );
        assert!(who.speaks_for.is_empty() && !who.leads);
    }

    #[test]
    fn of_more_than_ten_accounts_the_first_ten_are_named_and_the_others_counted() {
        let of = |count: u8| {
            let login =
                |at| account(&format!("{}.staff", char::from(b'a' + at)), Some(Role::Staff));
            Several::new((0..count).map(login).collect()).unwrap()
        };
        let ten = said(Answer::OneOf(of(10)));
        assert!(ten.contains("; j.staff. The list") && !ten.contains("more"), "{ten}");
        let all = said(Answer::OneOf(of(14)));
        assert!(all.starts_with("One of 14: a.staff; "), "{all}");
        assert!(
            all.contains("; j.staff; and 4 more. The list") && !all.contains("k.staff"),
            "{all}"
        );
        let children = (0..12).map(|at| account(&format!("{at:02}.pupil"), Some(Role::Pupil)));
        let children: Vec<_> = children.collect();
        let part = child_part(&children.iter().collect::<Vec<_>>());
        assert!(part.contains("09.pupil (A. Pupil, 3B); and 2 more."), "{part}");
    }

    #[test]
    fn a_change_that_reads_the_same_is_none() {
        let likely = |minutes| Answer::Likely {
            candidate: account("a.pupil", Some(Role::Pupil)),
            proof_age: Span::minutes(minutes),
        };
        let revisions: Vec<Incident> = [likely(4), likely(9), Answer::DeviceOnly]
            .map(|answer| Incident { attribution: attribution(answer), ..incident() })
            .into();
        let times = Times::new(jiff::tz::TimeZone::UTC);
        let said = changes(&revisions, View::Whole, &times, Timestamp::EPOCH);
        assert_eq!(said, ["00:00: was “likely a.pupil (A. Pupil, 3B)”, now “the device only”"]);
    }

    fn incident() -> Incident {
        let name = facts::HostName::from_text("c05a.test.wardline.example").unwrap();
        Incident {
            id: facts::IncidentId::from_u128(1),
            code: facts::CodeWords::parse("HEDGE 42").unwrap(),
            revision: 1,
            revised_at: Timestamp::EPOCH,
            severity: facts::Severity::P1,
            category: facts::Category::C05a,
            attribution: attribution(Answer::DeviceOnly),
            sighting: facts::Sighting {
                site: facts::SiteId(1),
                sensor: facts::SensorId(1),
                vlan: None,
                mac: None,
                address: [10, 1, 4, 23].into(),
            },
            names: vec![name],
            first_seen: Timestamp::EPOCH,
            last_seen: Timestamp::EPOCH,
            matches: Vec::new(),
            rung: facts::Rung::Loaded,
            exception_unproven: false,
            seats: Vec::new(),
            phase: facts::Phase::Open,
            tellings: Vec::new(),
        }
    }
}
