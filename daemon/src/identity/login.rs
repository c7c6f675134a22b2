//! One account in all its spellings: `a.pupil`, `SCHOOL\a.pupil`, `A.Pupil@school.lan`,
//! `CN=a.pupil,CN=Users,DC=school,DC=lan`.

use facts::{Mac, UserName};

/// An account name without its spelling: lower case, the realm apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Login {
    /// The name without a realm.
    pub short: UserName,
    /// The realm, lower case, where the spelling had one.
    pub realm: Option<Box<str>>,
    /// `short@realm`, where there is a realm.
    pub full: Option<UserName>,
}

/// Who a source says it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Who {
    /// An account, perhaps a person's.
    Account(Login),
    /// A login that hides its name: somebody, but nobody can say who.
    Hidden,
    /// A computer or a service: never a person.
    Machine,
}

/// Service classes of two-part Kerberos names (`host/pc1.school.lan`).
const SERVICE_CLASSES: [&str; 12] = [
    "host",
    "http",
    "cifs",
    "ldap",
    "dns",
    "nfs",
    "gc",
    "krbtgt",
    "kadmin",
    "termsrv",
    "wsman",
    "restrictedkrbhost",
];

impl Who {
    /// Reads a name as it stood; `realm` is what the message around it says.
    pub(super) fn read(name: &UserName, realm: Option<&str>) -> Self {
        let text: String = name.reveal().trim().to_lowercase();
        let (short, own_realm) = parts(&text);
        let realm = own_realm.or_else(|| realm.map(str::trim).map(str::to_lowercase));
        let realm = realm.filter(|r| !r.is_empty());
        if realm.as_deref() == Some("wellknown:anonymous") || is_hidden(&short) {
            return Self::Hidden;
        }
        if is_machine(&short) { Self::Machine } else { Self::Account(Login::new(&short, realm)) }
    }
}

impl Login {
    fn new(short: &str, realm: Option<String>) -> Self {
        let full = realm.as_ref().map(|realm| UserName::new(&format!("{short}@{realm}")));
        Self { short: UserName::new(short), realm: realm.map(Into::into), full }
    }
}

fn is_hidden(short: &str) -> bool {
    matches!(short, "" | "-" | "anonymous" | "anonymous logon" | "wellknown/anonymous")
}

fn is_machine(short: &str) -> bool {
    let class = short.split_once('/').map(|(class, _)| class);
    short.ends_with('$')
        || class.is_some_and(|class| SERVICE_CLASSES.contains(&class))
        || short.parse::<Mac>().is_ok()
}

/// Parts a lower-case spelling into name and realm.
fn parts(text: &str) -> (String, Option<String>) {
    if text.starts_with("cn=") || text.starts_with("uid=") {
        return distinguished(text);
    }
    // An enterprise name as Kerberos logs write it: `u\@r@REALM`.
    if let Some((short, rest)) = text.split_once("\\@") {
        let realm = rest.rsplit_once('@').map_or(rest, |(_, realm)| realm);
        return (short.to_owned(), Some(realm.to_owned()));
    }
    if let Some((domain, short)) = text.split_once('\\') {
        return (short.to_owned(), Some(domain.to_owned()));
    }
    match text.rsplit_once('@') {
        Some((short, realm)) => (short.to_owned(), Some(realm.to_owned())),
        None => (text.to_owned(), None),
    }
}

/// Parts a distinguished name (RFC 4514): the first value, and the `dc` values as a realm.
fn distinguished(text: &str) -> (String, Option<String>) {
    let mut pieces = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        match (escaped, c) {
            (false, '\\') => escaped = true,
            (false, ',') => pieces.push(String::new()),
            (_, c) => {
                escaped = false;
                if let Some(piece) = pieces.last_mut() {
                    piece.push(c);
                }
            }
        }
    }
    let values = |attribute: &str| -> Vec<String> {
        let value = |piece: &String| {
            let (name, value) = piece.split_once('=')?;
            (name.trim() == attribute).then(|| value.trim().to_owned())
        };
        pieces.iter().filter_map(value).collect()
    };
    let short = pieces.first().and_then(|p| p.split_once('=')).map(|(_, v)| v.trim().to_owned());
    let realm = values("dc").join(".");
    (short.unwrap_or_default(), (!realm.is_empty()).then_some(realm))
}

/// The realms whose accounts the directory holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Home(Vec<String>);

impl Home {
    /// Takes the realms in any case.
    pub(super) fn new<'a>(realms: impl IntoIterator<Item = &'a str>) -> Self {
        Self(realms.into_iter().map(|r| r.trim().to_lowercase()).collect())
    }

    /// Whether a name of this realm is one of the school's own. A short domain name
    /// (`SCHOOL`) is, when exactly one of the school's realms begins with it: two domains
    /// with one short name are never merged.
    pub(super) fn holds(&self, realm: Option<&str>) -> bool {
        let Some(realm) = realm else { return true };
        if self.0.iter().any(|own| own == realm) {
            return true;
        }
        let begins = |own: &&String| own.split('.').next() == Some(realm);
        !realm.contains('.') && self.0.iter().filter(begins).count() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(text: &str, realm: Option<&str>) -> (String, Option<String>) {
        match Who::read(&UserName::new(text), realm) {
            Who::Account(login) => {
                (login.short.reveal().to_owned(), login.realm.map(|r| r.to_string()))
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_spelling_of_a_login_is_parted_into_name_and_realm() {
        let lan = Some("school.lan".to_owned());
        for text in [
            "a.pupil@school.lan",
            "A.Pupil@SCHOOL.LAN",
            "school.lan\\A.Pupil",
            "CN=a.pupil,CN=Users,DC=school,DC=lan",
            "uid=a.pupil, ou=People, dc=school, dc=lan",
            "A.Pupil\\@ad.school.lan@SCHOOL.LAN",
        ] {
            assert_eq!(account(text, None), ("a.pupil".to_owned(), lan.clone()), "{text}");
        }
        assert_eq!(account("a.pupil", Some("SCHOOL.LAN")), ("a.pupil".to_owned(), lan));
        assert_eq!(account("Élodie.Ñ", None), ("élodie.ñ".to_owned(), None));
        assert_eq!(account("CN=Last\\, First", None), ("last, first".to_owned(), None));
        assert_eq!(account("uso:apupil01", None), ("uso:apupil01".to_owned(), None));
        assert_eq!(account("a.pupil/admin", None), ("a.pupil/admin".to_owned(), None));
    }

    #[test]
    fn computers_services_and_mac_authentication_are_never_persons() {
        for text in ["PC1$", "pc1$@SCHOOL.LAN", "host/pc1.school.lan", "HTTP/www", "SCHOOL\\PC1$"] {
            assert_eq!(Who::read(&UserName::new(text), None), Who::Machine, "{text}");
        }
        for text in ["52-54-00-1D-00-06", "5254001d0006", "52:54:00:1d:00:06"] {
            assert_eq!(Who::read(&UserName::new(text), None), Who::Machine, "{text}");
        }
    }

    #[test]
    fn an_outer_name_is_somebody_without_a_name() {
        for text in ["anonymous@school.lan", "@school.lan", "", "WELLKNOWN/ANONYMOUS"] {
            assert_eq!(Who::read(&UserName::new(text), None), Who::Hidden, "{text}");
        }
        let realm = Some("WELLKNOWN:ANONYMOUS");
        assert_eq!(Who::read(&UserName::new("x"), realm), Who::Hidden);
    }

    #[test]
    fn two_domains_with_one_short_name_are_not_merged() {
        let one = Home::new(["SCHOOL.LAN"]);
        assert!(one.holds(None) && one.holds(Some("school.lan")) && one.holds(Some("school")));
        assert!(!one.holds(Some("school.example")) && !one.holds(Some("other")));
        let two = Home::new(["school.lan", "school.example"]);
        assert!(!two.holds(Some("school")), "which of the two is meant is not known");
        assert!(!Home::default().holds(Some("school.lan")));
    }
}
