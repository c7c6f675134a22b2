//! Accounts and conflicts as people spell them, tied to the accounts of the directory.

use std::collections::BTreeSet;

use facts::{PersonId, UserName};

use super::people::{People, folded};

impl People {
    /// The same people, where accounts of these realms are the school's own: such an account
    /// is known without its realm, so a mail address may be one.
    #[must_use]
    pub fn at_home(mut self, realms: &[String]) -> Self {
        self.domains = realms.iter().map(|realm| realm.trim().to_lowercase()).collect();
        self
    }

    /// The same people, with each account and each conflict also known under every name
    /// that the directory means by it: `spelled` answers with the logins behind a spelling,
    /// or with nothing, and `shared` with the accounts that the holder of a login uses with
    /// others: a conflict about a child is one about what the child's class account did.
    ///
    /// A conflict with an account that is somebody's here is a conflict with that person,
    /// whatever else they use.
    #[must_use]
    pub fn tied(
        mut self,
        spelled: impl Fn(&UserName) -> BTreeSet<UserName>,
        shared: impl Fn(&UserName) -> BTreeSet<UserName>,
    ) -> Self {
        let meant = |words: &BTreeSet<String>| -> BTreeSet<String> {
            let logins = words.iter().flat_map(|word| spelled(&UserName::new(word)));
            words.iter().cloned().chain(logins.map(|login| folded(&login))).collect()
        };
        for known in &mut self.known {
            known.accounts = meant(&known.accounts);
            let by_mail = spelled(&UserName::new(&known.person.mail.to_lowercase()));
            known.mail_logins = by_mail.iter().map(folded).collect();
            let about = meant(&known.not_about_accounts);
            let with_others = about.iter().flat_map(|login| shared(&UserName::new(login)));
            known.not_about_accounts = with_others.map(|login| folded(&login)).collect();
            known.not_about_accounts.extend(about);
        }
        let owners: Vec<(PersonId, BTreeSet<String>)> =
            self.known.iter().map(|k| (k.person.id.clone(), k.accounts.clone())).collect();
        for known in &mut self.known {
            let owned = owners.iter().filter(|(owner, accounts)| {
                *owner != known.person.id && !accounts.is_disjoint(&known.not_about_accounts)
            });
            known.not_about_people.extend(owned.map(|(owner, _)| owner.clone()));
        }
        self
    }

    /// Whether an account is one of somebody here.
    #[must_use]
    pub fn claim(&self, account: &UserName) -> bool {
        let account = folded(account);
        self.known.iter().any(|known| known.accounts.contains(&account))
    }
}
