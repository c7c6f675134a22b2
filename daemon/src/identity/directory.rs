//! The accounts a school knows, each with the time in which its entry is true.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use facts::{Candidate, Duty, Role, Timestamp, UserName};

use super::login::{Home, Login, Who};

/// What the directory says of one account for a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The account's canonical login.
    pub login: UserName,
    /// Other spellings: network name, national name space, mail address.
    pub aliases: Vec<UserName>,
    /// The name to show behind the sign-in.
    pub display: Option<String>,
    /// What kind of account it is.
    pub role: Role,
    /// School year: `N`, `R`, `1` to `13`.
    pub year: Option<String>,
    /// Class or group.
    pub group: Option<String>,
    /// Duties that stand in the directory.
    pub duties: Vec<Duty>,
    /// The entry is true from here on.
    pub from: Timestamp,
    /// The entry is true until before this.
    pub until: Timestamp,
}

impl Entry {
    /// Whether the entry is true at a moment.
    #[must_use]
    pub fn is_valid(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.from < other.until && other.from < self.until
    }
}

/// All entries, found by any spelling of a login and the time of the event.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    entries: Vec<Arc<Entry>>,
    by_name: HashMap<UserName, Vec<usize>>,
}

/// Two entries that claim one name for one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clash {
    /// Position of the earlier entry.
    pub first: usize,
    /// Position of the later entry.
    pub second: usize,
    /// Whether the name is the login of both; else an alias is involved.
    pub both_logins: bool,
}

impl Directory {
    /// Takes the entries.
    ///
    /// # Errors
    /// Every pair of entries that claims one name for overlapping times.
    pub(super) fn new(entries: Vec<Entry>) -> Result<Self, Vec<Clash>> {
        let mut directory = Self::default();
        let mut clashes = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            for (name, is_login) in names(&entry) {
                let others = directory.by_name.entry(name.clone()).or_default();
                for &other in others.iter() {
                    let earlier = &directory.entries[other];
                    if earlier.overlaps(&entry) {
                        let both_logins = is_login && earlier.login == entry.login;
                        clashes.push(Clash { first: other, second: index, both_logins });
                    }
                }
                others.push(index);
            }
            directory.entries.push(Arc::new(entry));
        }
        clashes.dedup_by_key(|clash| (clash.first, clash.second));
        if clashes.is_empty() { Ok(directory) } else { Err(clashes) }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The logins that a spelling of an account stands for, whatever the time: by its full
    /// name, and by its short one where its realm is one of `realms` (or none is known).
    #[must_use]
    pub fn logins(&self, spelling: &UserName, realms: &[String]) -> BTreeSet<UserName> {
        let home = Home::new(realms.iter().map(String::as_str));
        let names = match Who::read(spelling, None) {
            Who::Account(login) => {
                let at_home = realms.is_empty() || home.holds(login.realm.as_deref());
                let short = at_home.then_some(login.short);
                login.full.into_iter().chain(short).collect()
            }
            Who::Hidden | Who::Machine => vec![canonical(spelling)],
        };
        let found = names.iter().filter_map(|name| self.by_name.get(name)).flatten();
        found.map(|index| self.entries[*index].login.clone()).collect()
    }

    /// The class accounts that the pupil of a login uses, whatever the time: what such an
    /// account did, that pupil may have done.
    #[must_use]
    pub fn classes_of(&self, login: &UserName) -> BTreeSet<UserName> {
        let own = self.entries.iter().filter(|e| e.role == Role::Pupil && e.login == *login);
        let groups: BTreeSet<&String> = own.filter_map(|entry| entry.group.as_ref()).collect();
        let shares = |entry: &&Arc<Entry>| {
            entry.role == Role::Class && entry.group.as_ref().is_some_and(|g| groups.contains(g))
        };
        self.entries.iter().filter(shares).map(|entry| entry.login.clone()).collect()
    }

    /// The logins of adults whose name to show is one that is asked for.
    #[must_use]
    pub fn called(&self, is_asked_for: impl Fn(&str) -> bool) -> BTreeSet<UserName> {
        let is_child = |role| matches!(role, Role::Pupil | Role::Class);
        let is_called =
            |e: &&Arc<Entry>| !is_child(e.role) && e.display.as_deref().is_some_and(&is_asked_for);
        self.entries.iter().filter(is_called).map(|entry| entry.login.clone()).collect()
    }

    /// The duties that stand in its rows, each once.
    #[must_use]
    pub fn duties(&self) -> BTreeSet<Duty> {
        self.entries.iter().flat_map(|entry| entry.duties.iter().copied()).collect()
    }

    /// How many pupils share a class account: the pupils of the same group at that time.
    /// `None` where the directory does not tell.
    #[must_use]
    pub fn shared_by(&self, account: &UserName, at: Timestamp) -> Option<usize> {
        let valid = || self.entries.iter().filter(|entry| entry.is_valid(at));
        let class = valid().find(|e| e.role == Role::Class && e.login == *account)?;
        let group = class.group.as_ref()?;
        let pupils = valid().filter(|e| e.role == Role::Pupil && e.group.as_ref() == Some(group));
        Some(pupils.count()).filter(|&count| count > 0)
    }

    /// The entry of an account as of the time of the event. A name with a realm is looked
    /// up with it first; without it only where the realm is the school's own.
    pub(super) fn entry(&self, login: &Login, home: &Home, at: Timestamp) -> Option<&Arc<Entry>> {
        let at_home = home.holds(login.realm.as_deref());
        let full = login.full.as_ref().and_then(|name| self.valid(name, at));
        full.or_else(|| at_home.then(|| self.valid(&login.short, at)).flatten())
    }

    fn valid(&self, name: &UserName, at: Timestamp) -> Option<&Arc<Entry>> {
        let entries = self.by_name.get(name)?.iter().map(|&index| &self.entries[index]);
        entries.into_iter().find(|entry| entry.is_valid(at))
    }
}

/// The names under which an entry is found, each once; whether it is the login.
fn names(entry: &Entry) -> Vec<(UserName, bool)> {
    let mut found: Vec<(UserName, bool)> = Vec::new();
    let spelled = std::iter::once((&entry.login, true))
        .chain(entry.aliases.iter().map(|alias| (alias, false)));
    for (name, is_login) in spelled {
        let key = canonical(name);
        if !found.iter().any(|(known, _)| *known == key) {
            found.push((key, is_login));
        }
    }
    found
}

/// The form under which a name of the directory is looked up.
pub(super) fn canonical(name: &UserName) -> UserName {
    match Who::read(name, None) {
        Who::Account(login) => login.full.unwrap_or(login.short),
        Who::Hidden | Who::Machine => UserName::new(&name.reveal().trim().to_lowercase()),
    }
}

/// An account at the time of an event: its canonical name, and its entry if there is one.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// The canonical name: the entry's login, else the name as heard, with a foreign realm.
    pub name: UserName,
    /// What the directory says of it.
    pub entry: Option<Arc<Entry>>,
}

impl Account {
    /// Finds who a login was; `None` where it is the account of a machine or service.
    pub(super) fn find(
        login: &Login,
        directory: &Directory,
        home: &Home,
        at: Timestamp,
    ) -> Option<Self> {
        if let Some(entry) = directory.entry(login, home, at) {
            let account = Self { name: entry.login.clone(), entry: Some(Arc::clone(entry)) };
            return entry.role.is_person().then_some(account);
        }
        let foreign = login.full.as_ref().filter(|_| !home.holds(login.realm.as_deref()));
        Some(Self { name: foreign.unwrap_or(&login.short).clone(), entry: None })
    }

    /// What the directory says the account is.
    pub(super) fn role(&self) -> Option<Role> {
        self.entry.as_ref().map(|entry| entry.role)
    }

    /// The account as a candidate, with the duties that the configuration adds.
    pub(super) fn candidate(&self, persons: &HashMap<UserName, Vec<Duty>>) -> Candidate {
        let entry = self.entry.as_deref();
        let mut duties = entry.map(|e| e.duties.clone()).unwrap_or_default();
        duties.extend(persons.get(&self.name).into_iter().flatten());
        duties.sort_unstable();
        duties.dedup();
        Candidate {
            account: self.name.clone(),
            role: self.role(),
            duties,
            year: entry.and_then(|e| e.year.clone()),
            group: entry.and_then(|e| e.group.clone()),
            display: entry.and_then(|e| e.display.clone()),
            one_sided: false,
        }
    }
}
