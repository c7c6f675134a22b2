//! The people who can be told, valid by construction, and who of them an account may be.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Candidate, Duty, Person, PersonId, Role, UserName};
use rules::{Fault, Signatory};
use serde::Deserialize;
use toml::Spanned;

use super::spelling::may_be_one_name;

/// One `[[people]]` table of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonWritten {
    /// The short word: `lead`, `m.chair`.
    pub id: Spanned<String>,
    /// The name shown behind the sign-in.
    pub name: String,
    /// Where letters go.
    pub mail: Spanned<String>,
    /// The duties held.
    #[serde(default)]
    pub duties: Vec<Spanned<String>>,
    /// The school accounts of this person, each as the directory spells it.
    #[serde(default)]
    pub accounts: Vec<Spanned<String>>,
    /// People (by their short word) or accounts about whom this person is never told:
    /// spouse, relative, line of command.
    #[serde(default)]
    pub conflicts: Vec<Spanned<String>>,
}

/// Whose line a guest's case follows where no sponsor is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GuestLine {
    /// The Headteacher's, as for hirers and visiting adults.
    #[default]
    Headteacher,
    /// The lead's, as for visiting children.
    Lead,
}

/// The people who can be told.
///
/// Whatever the case is about, somebody is left: at least one person outside the school
/// has no account in it and no conflict, so can never be the subject.
#[derive(Clone, Debug)]
pub struct People {
    pub(super) known: Vec<Known>,
    guests: GuestLine,
    /// The domains whose accounts are the school's own, in small letters.
    pub(super) domains: BTreeSet<String>,
}

/// A person with what ties them to accounts and to each other.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) person: Person,
    pub(super) accounts: BTreeSet<String>,
    /// The logins that the directory means by the mail address.
    pub(super) mail_logins: BTreeSet<String>,
    pub(super) not_about_people: BTreeSet<PersonId>,
    pub(super) not_about_accounts: BTreeSet<String>,
}

impl People {
    /// Validates the list. Spans are those of the text it was read from.
    ///
    /// # Errors
    /// All faults at once.
    pub fn read(written: &[PersonWritten], guests: GuestLine) -> Result<Self, Vec<Fault>> {
        let mut reading = Reading::default();
        let ids: BTreeSet<_> = written.iter().map(|w| PersonId::new(w.id.as_ref())).collect();
        let known = written.iter().map(|w| reading.person(w, &ids)).collect();
        let people = Self { known, guests, domains: BTreeSet::new() };
        reading.whole(&people);
        if reading.faults.is_empty() { Ok(people) } else { Err(reading.faults) }
    }

    /// Everybody, in the order of the configuration.
    #[must_use]
    pub fn list(&self) -> Vec<Person> {
        self.known.iter().map(|known| known.person.clone()).collect()
    }

    /// One person.
    #[must_use]
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.known.iter().map(|known| &known.person).find(|person| person.id == *id)
    }

    /// Whose line a guest's case follows.
    #[must_use]
    pub const fn guests(&self) -> GuestLine {
        self.guests
    }

    /// Who holds a duty, in the order of the configuration.
    pub fn holding(&self, duty: Duty) -> impl Iterator<Item = &Person> {
        self.known.iter().map(|k| &k.person).filter(move |person| person.duties.contains(&duty))
    }

    /// The accounts that are written for a person, and those that the directory means by the
    /// address of their letters.
    pub fn accounts_of(&self, id: &PersonId) -> impl Iterator<Item = UserName> {
        let known = self.known.iter().filter(move |known| known.person.id == *id);
        let accounts = known.flat_map(|known| known.accounts.iter().chain(&known.mail_logins));
        accounts.map(|account| UserName::new(account))
    }

    /// The people as exceptions ask for them: who holds a safeguarding duty, and who is
    /// bound to whom.
    #[must_use]
    pub fn signatories(&self) -> Vec<Signatory> {
        let signatory = |known: &Known| Signatory {
            id: known.person.id.clone(),
            may_approve: TOLD.iter().any(|duty| known.person.duties.contains(duty)),
            not_with: known.not_about_people.iter().cloned().collect(),
        };
        self.known.iter().map(signatory).collect()
    }

    /// The duties that each account of theirs stands for.
    #[must_use]
    pub fn duties_by_account(&self) -> BTreeMap<UserName, Vec<Duty>> {
        let accounts = self.known.iter().flat_map(|known| {
            let duties = &known.person.duties;
            known.accounts.iter().map(move |account| (UserName::new(account), duties.clone()))
        });
        accounts.collect()
    }

    /// Who of the people this account may be.
    ///
    /// An account that one of them has is theirs, and so is one that is no child's and whose
    /// login is the address of their letters. Else a duty that the directory gives
    /// the account points to whoever holds it, but never to the person outside, who has
    /// no account here; and an account that is no child's and bears a person's own name may
    /// be a second login of theirs. Of two adults of one name the wrong one may stand aside:
    /// somebody else is told, and nobody reads of themselves. An administrator account can be used by
    /// whoever may know its password: the Headteacher and the technicians (000:248).
    #[must_use]
    pub fn behind(&self, candidate: &Candidate) -> BTreeSet<PersonId> {
        let account = folded(&candidate.account);
        let owns = |known: &&Known| {
            known.accounts.contains(&account)
                || !is_childs(candidate) && self.signs_in_by_mail(known, &account)
        };
        let mut behind: BTreeSet<_> =
            self.known.iter().filter(owns).map(|known| known.person.id.clone()).collect();
        if behind.is_empty() {
            let duties = candidate.duties.iter().filter(|duty| **duty != Duty::Outside);
            let holders = duties.flat_map(|duty| self.holding(*duty));
            behind.extend(holders.map(|person| person.id.clone()));
            behind.extend(self.namesakes(candidate).map(|person| person.id.clone()));
        }
        if candidate.role == Some(Role::Admin) {
            let keepers = [Duty::Headteacher, Duty::Technician];
            behind.extend(
                keepers.into_iter().flat_map(|d| self.holding(d)).map(|person| person.id.clone()),
            );
        }
        behind
    }

    /// Who may bear the name that the directory shows for this account. A child's account stays
    /// a child's: children bear the names of adults too.
    fn namesakes(&self, candidate: &Candidate) -> impl Iterator<Item = &Person> {
        let shown = candidate.display.as_deref().filter(|_| !is_childs(candidate));
        let people = self.known.iter().map(|known| &known.person);
        people.filter(move |person| {
            shown.is_some_and(|shown| may_be_one_name(shown, &person.display))
        })
    }

    /// Whether a login is the address of this person's letters: whole, as the directory
    /// spells it, or without its domain where that is the school's own.
    fn signs_in_by_mail(&self, known: &Known, account: &str) -> bool {
        let mail = known.person.mail.to_lowercase();
        let domain = mail.rsplit_once('@').map_or("", |(_, domain)| domain);
        let is_short = !account.contains('@') && self.domains.contains(domain);
        let address = if is_short { format!("{account}@{domain}") } else { account.to_owned() };
        mailbox(&address) == mailbox(&mail) || known.mail_logins.contains(account)
    }

    /// Who reads the mailbox of an address.
    #[must_use]
    pub fn reading(&self, address: &str) -> Option<&Person> {
        let mailbox = mailbox(address);
        let mut people = self.known.iter().map(|known| &known.person);
        people.find(|person| self::mailbox(&person.mail) == mailbox)
    }

    /// Who has declared a conflict with one of these people or accounts. A conflict
    /// between two people counts both ways, whoever of them declared it.
    #[must_use]
    pub fn in_conflict(
        &self,
        people: &BTreeSet<PersonId>,
        candidates: &[Candidate],
    ) -> BTreeSet<PersonId> {
        let accounts: BTreeSet<_> = candidates.iter().map(|c| folded(&c.account)).collect();
        let declared_by_subject: BTreeSet<_> = self
            .known
            .iter()
            .filter(|known| people.contains(&known.person.id))
            .flat_map(|known| known.not_about_people.iter().cloned())
            .collect();
        let declared = self.known.iter().filter(|known| {
            !known.not_about_people.is_disjoint(people)
                || !known.not_about_accounts.is_disjoint(&accounts)
                || declared_by_subject.contains(&known.person.id)
        });
        declared.map(|known| known.person.id.clone()).collect()
    }
}

/// Accounts are compared without regard to case, as directories do.
pub(super) fn folded(account: &UserName) -> String {
    account.reveal().to_lowercase()
}

const fn is_childs(candidate: &Candidate) -> bool {
    matches!(candidate.role, Some(Role::Pupil | Role::Class))
}

/// The mailbox behind an address as far as providers go: case, dots, quotation marks and what
/// follows a plus make no other one, and one provider goes by two names. Two people who share
/// it would each read what is kept from the other.
fn mailbox(address: &str) -> String {
    let address = address.to_lowercase();
    let Some((local, domain)) = address.rsplit_once('@') else { return address };
    let quoted = local.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let local = quoted.unwrap_or(local).replace('\\', "");
    let local = local.split_once('+').map_or(&*local, |(before, _)| before);
    let domain = match domain.trim_end_matches('.') {
        "googlemail.com" => "gmail.com",
        domain => domain,
    };
    format!("{}@{domain}", local.replace('.', ""))
}

/// Duties whose holder may be told of a person.
const TOLD: [Duty; 7] = [
    Duty::Lead,
    Duty::Deputy,
    Duty::Headteacher,
    Duty::ActingHead,
    Duty::Chair,
    Duty::ViceChair,
    Duty::Outside,
];

/// Collects faults while it reads; a fault leaves a harmless value behind.
#[derive(Default)]
struct Reading {
    faults: Vec<Fault>,
    mails: BTreeMap<String, PersonId>,
    accounts: BTreeMap<String, PersonId>,
    ids: BTreeSet<PersonId>,
}

impl Reading {
    fn person(&mut self, written: &PersonWritten, ids: &BTreeSet<PersonId>) -> Known {
        let id = PersonId::new(written.id.as_ref());
        self.id(written, &id);
        self.mail(written, &id);
        let duties = self.duties(written);
        let accounts = self.accounts(written, &id);
        self.combination(written, &duties, &accounts);
        let conflicts = written.conflicts.iter().map(|c| c.as_ref().as_str());
        let (people, others): (Vec<_>, Vec<_>) =
            conflicts.partition(|text| ids.contains(&PersonId::new(text)));
        let display = written.name.clone();
        let mail = written.mail.as_ref().clone();
        Known {
            person: Person { id, display, mail, duties },
            accounts,
            mail_logins: BTreeSet::new(),
            not_about_people: people.into_iter().map(PersonId::new).collect(),
            not_about_accounts: others.into_iter().map(str::to_lowercase).collect(),
        }
    }

    fn id(&mut self, written: &PersonWritten, id: &PersonId) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if id.as_str().is_empty() || !id.as_str().bytes().all(plain) {
            self.fault(
                &written.id,
                "people.id",
                format!("“{}” is no short word.", id.as_str()),
                "Write letters, digits, dots and hyphens only, as in \"lead\" or \"m.chair\".",
            );
        }
        if !self.ids.insert(id.clone()) {
            self.fault(
                &written.id,
                "people.id",
                format!("“{}” stands twice.", id.as_str()),
                "Write each person once, with all duties they hold.",
            );
        }
    }

    fn mail(&mut self, written: &PersonWritten, id: &PersonId) {
        let text = written.mail.as_ref();
        if text.parse::<lettre::Address>().is_err() {
            self.fault(
                &written.mail,
                "people.mail",
                format!("“{text}” is no mail address."),
                "Write one address, as in \"lead@elmrow.example\".",
            );
        }
        if text.rsplit_once('@').is_some_and(|(_, domain)| !domain.is_ascii()) {
            self.fault(
                &written.mail,
                "people.mail",
                format!("The domain of “{text}” is not written in plain letters."),
                "Write it as mail servers do, in a to z, digits and hyphens (others as xn--…): two \
                 spellings can be one domain.",
            );
        }
        if let Some(other) = self.mails.insert(mailbox(text), id.clone()) {
            self.fault(
                &written.mail,
                "people.mail",
                format!(
                    "“{}” has the same mailbox: two people would be one inbox.",
                    other.as_str()
                ),
                "Give each person their own address (dots and what follows a plus make no other \
                 mailbox), or write them as one person.",
            );
        }
    }

    fn duties(&mut self, written: &PersonWritten) -> Vec<Duty> {
        let mut duties = Vec::new();
        for text in &written.duties {
            let Ok(duty) = text.as_ref().parse::<Duty>() else {
                let words: Vec<_> = Duty::ALL.iter().map(|duty| duty.as_str()).collect();
                let sentence = format!("“{}” is no duty.", text.as_ref());
                self.fault(
                    text,
                    "people.duties",
                    sentence,
                    &format!("Write {}.", words.join(", ")),
                );
                continue;
            };
            if !duties.contains(&duty) {
                duties.push(duty);
            }
        }
        if written.duties.is_empty() {
            self.fault(
                &written.id,
                "people.duties",
                format!("“{}” holds no duty.", written.id.as_ref()),
                "Give the person a duty or take them off the list.",
            );
        }
        duties
    }

    fn accounts(&mut self, written: &PersonWritten, id: &PersonId) -> BTreeSet<String> {
        let mut accounts = BTreeSet::new();
        for text in &written.accounts {
            let account = text.as_ref().to_lowercase();
            if let Some(other) = self.accounts.insert(account.clone(), id.clone()) {
                self.fault(
                    text,
                    "people.accounts",
                    format!("“{}” has this account already.", other.as_str()),
                    "Give each account to one person; a shared account belongs to nobody here.",
                );
            }
            accounts.insert(account);
        }
        accounts
    }

    /// What one person can not be at the same time.
    fn combination(
        &mut self,
        written: &PersonWritten,
        duties: &[Duty],
        accounts: &BTreeSet<String>,
    ) {
        let holds = |duty| duties.contains(&duty);
        if holds(Duty::Technician) && TOLD.into_iter().any(holds) {
            self.fault(
                &written.id,
                "people.duties",
                "A technician is never told of a person, so can hold no safeguarding duty.".into(),
                "Name somebody else for the safeguarding duty.",
            );
        }
        if holds(Duty::Outside) && (duties.len() > 1 || !accounts.is_empty()) {
            self.fault(
                &written.id,
                "people.duties",
                "The person outside has a duty or an account in the school.".into(),
                "Name somebody of the trust or the local authority, without accounts here.",
            );
        }
        let governs = holds(Duty::Chair) || holds(Duty::ViceChair);
        if governs && (holds(Duty::Headteacher) || holds(Duty::ActingHead)) {
            self.fault(
                &written.id,
                "people.duties",
                "One person would judge a matter about themselves.".into(),
                "Chair and Vice-Chair must not be Headteacher or acting head.",
            );
        }
    }

    /// What the list as a whole must have.
    fn whole(&mut self, people: &People) {
        let needed = [
            (Duty::Lead, "Nobody is Designated Safeguarding Lead."),
            (Duty::Headteacher, "Nobody is Headteacher."),
            (
                Duty::Chair,
                "Nobody is Chair of Governors: a matter about the Headteacher has no way.",
            ),
        ];
        for (duty, sentence) in needed {
            if people.holding(duty).next().is_none() {
                let mend = format!("Give one person the duty \"{}\".", duty.as_str());
                self.missing(sentence, &mend);
            }
        }
        let free = people.known.iter().any(|known| {
            known.person.duties.contains(&Duty::Outside)
                && known.not_about_people.is_empty()
                && known.not_about_accounts.is_empty()
                && !people.known.iter().any(|k| k.not_about_people.contains(&known.person.id))
        });
        if !free {
            self.missing(
                "There is no person outside the school without a conflict: a matter about \
                 everybody here would reach nobody.",
                "Name the trust's safeguarding lead or the local authority's officer with the \
                 duty \"outside\", without accounts and conflicts.",
            );
        }
    }

    fn missing(&mut self, sentence: &str, mend: &str) {
        let key = "people".to_owned();
        self.faults.push(Fault { span: None, key, sentence: sentence.into(), mend: mend.into() });
    }

    fn fault(&mut self, at: &Spanned<String>, key: &str, sentence: String, mend: &str) {
        let span = Some(at.span());
        self.faults.push(Fault { span, key: key.into(), sentence, mend: mend.into() });
    }
}
