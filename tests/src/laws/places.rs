//! Laws about places: which words of code may stand in which files only.

use super::Fault;
use super::source::{Line, Source, has_token};

/// Which part of a line a law looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Code without comments and literals.
    Code,
    /// The inside of literals.
    Literals,
}

/// One law: these words stand nowhere but there.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// What the law protects, for the failure message.
    pub law: &'static str,
    /// The words, each as a whole token.
    pub tokens: &'static [&'static str],
    /// Where it looks.
    pub look: Look,
    /// The folders and files it holds in; empty is everywhere.
    pub within: &'static [&'static str],
    /// The folders (ending in `/`) and files that may.
    pub allowed: &'static [&'static str],
    /// Whether tests are held to it too.
    pub tests_too: bool,
    /// What to do about a breach.
    pub mend: &'static str,
}

/// The laws of places.
pub const PLACES: &[Place] = &[
    Place {
        law: "time is an argument",
        tokens: &["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now"],
        look: Look::Code,
        within: &[],
        allowed: &["daemon/src/clock.rs", "dashboard/src/clock.rs"],
        tests_too: true,
        mend: "take the time as a `facts::Timestamp` argument",
    },
    Place {
        law: "one file opens live captures",
        tokens: &["pcap::", "AF_PACKET", "SOCK_RAW"],
        look: Look::Code,
        within: &[],
        allowed: &["daemon/src/capture/live.rs", "benches/src/bin/empty-loop.rs"],
        tests_too: true,
        mend: "take packets from `capture`",
    },
    Place {
        law: "packed files are opened in one place, and nothing of the wire is ever unpacked",
        tokens: &["flate2", "ruzstd"],
        look: Look::Code,
        within: &[],
        allowed: &["daemon/src/capture/packed.rs"],
        tests_too: false,
        mend: "read captures through `capture`",
    },
    Place {
        law: "one file talks to mail servers",
        tokens: &["SmtpTransport", "AsyncSmtpTransport", "lettre::transport", "TlsParameters"],
        look: Look::Code,
        within: &[],
        allowed: &["daemon/src/mail/smtp.rs"],
        tests_too: true,
        mend: "hand the letter to the postbox",
    },
    Place {
        law: "the roster is the one map of many writers",
        tokens: &["DashMap", "DashSet", "dashmap"],
        look: Look::Code,
        within: &[],
        allowed: &["daemon/src/identity/"],
        tests_too: true,
        mend: "let one thread own the map, or ask the roster",
    },
    Place {
        law: "the store is the one room that speaks SQL",
        tokens: &["rusqlite", "refinery"],
        look: Look::Code,
        within: &[],
        allowed: &["daemon/store/"],
        tests_too: true,
        mend: "ask the store for facts",
    },
    Place {
        law: "the store is the one room that speaks SQL",
        tokens: &[
            "SELECT ",
            "INSERT INTO ",
            "INSERT OR ",
            " SET ",
            "DELETE FROM ",
            "CREATE TABLE ",
            "DROP TABLE ",
            "PRAGMA ",
            "BEGIN IMMEDIATE",
        ],
        look: Look::Literals,
        within: &["daemon/src/", "daemon/facts/", "daemon/wire/", "rules/src/", "dashboard/src/"],
        allowed: &[],
        tests_too: false,
        mend: "ask the store for facts",
    },
    Place {
        law: "nothing here is unsafe",
        tokens: &["unsafe"],
        look: Look::Code,
        within: &[],
        allowed: &[],
        tests_too: true,
        mend: "find a safe way or a crate that has one",
    },
    Place {
        law: "an account's name is revealed in few places, each reviewed",
        tokens: &[".reveal()", "UserName::reveal"],
        look: Look::Code,
        within: &[],
        allowed: &[
            // Compares logins with the directory's, and both in one spelling.
            "daemon/src/identity/directory.rs",
            "daemon/src/identity/login.rs",
            // Joins matches of one account, and finds the duties an account holds.
            "daemon/src/desk/key.rs",
            "daemon/src/desk/people.rs",
            // Refuses a letter that holds an account.
            "daemon/src/mail/linter.rs",
            // Prints what a file holds, and pseudonyms of what is heard live.
            "daemon/src/observe/line.rs",
            // Prints accounts of a made-up school, and pseudonyms of a real one.
            "daemon/src/replay/print.rs",
            // Writes evidence.
            "daemon/store/src/word.rs",
            // Shows a case to a person who has a seat in it.
            "dashboard/src/words/certainty.rs",
            // Leaves out a device's name where it is an adult's.
            "dashboard/src/words/device.rs",
        ],
        tests_too: false,
        mend: "pass the `UserName` on, or add the file to the list with its reason in the commit",
    },
    Place {
        law: "the terminal is written to in few places",
        tokens: &["println!", "print!", "eprintln!", "eprint!", "dbg!"],
        look: Look::Code,
        within: &["daemon/", "rules/", "dashboard/"],
        allowed: &["daemon/src/main.rs", "daemon/src/command/", "dashboard/src/main.rs"],
        tests_too: false,
        mend: "return the text to the command line, or write it as an escaped log field",
    },
    Place {
        law: "facts and wire do no I/O, hold no lock, know no thread",
        tokens: &[
            "std::fs",
            "std::io",
            "std::thread",
            "std::process",
            "std::env",
            "TcpStream",
            "UdpSocket",
            "Mutex",
            "RwLock",
            "async",
            "await",
            "tokio",
            "tracing",
        ],
        look: Look::Code,
        within: &["daemon/facts/src/", "daemon/wire/src/"],
        allowed: &[],
        tests_too: false,
        mend: "leave it to the daemon: bytes and times come as arguments",
    },
    Place {
        law: "the store and the rules are synchronous",
        tokens: &["async", "await", "tokio"],
        look: Look::Code,
        within: &["daemon/store/src/", "rules/src/"],
        allowed: &[],
        tests_too: true,
        mend: "let the caller give it a thread",
    },
    Place {
        law: "no alias crosses a crate",
        tokens: &["pub type"],
        look: Look::Code,
        within: &[],
        allowed: &[],
        tests_too: true,
        mend: "make it a newtype, or write the type out",
    },
    Place {
        law: "a reader is named after what it reads",
        tokens: &["fn get_"],
        look: Look::Code,
        within: &[],
        allowed: &[],
        tests_too: true,
        mend: "leave `get_` off",
    },
    Place {
        law: "every test runs",
        tokens: &["#[ignore"],
        look: Look::Code,
        within: &[],
        allowed: &[],
        tests_too: true,
        mend: "make it run or take it out",
    },
    Place {
        law: "modules are private: the table of contents re-exports",
        tokens: &["pub mod"],
        look: Look::Code,
        within: &["daemon/facts/", "daemon/wire/", "daemon/store/", "rules/"],
        allowed: &[],
        tests_too: false,
        mend: "make the module private and re-export its items",
    },
];

/// Every line of `source` that breaks `place`.
#[must_use]
pub fn misplaced(place: &Place, source: &Source) -> Vec<Fault> {
    let path = source.path.as_str();
    let within = place.within.is_empty() || place.within.iter().any(|room| path.starts_with(room));
    if !within || place.allowed.iter().any(|allowed| allows(allowed, path)) {
        return Vec::new();
    }
    source
        .lines()
        .filter(|line| place.tests_too || !line.is_test)
        .flat_map(|line| {
            place
                .tokens
                .iter()
                .filter(move |token| stands(place.look, line, token))
                .map(move |token| (line.number, token))
        })
        .map(|(line, token)| {
            Fault::new(path, line, format!("`{}`: {}", token.trim(), place.law), place.mend)
        })
        .collect()
}

fn allows(allowed: &str, path: &str) -> bool {
    if allowed.ends_with('/') { path.starts_with(allowed) } else { path == allowed }
}

fn stands(look: Look, line: Line<'_>, token: &str) -> bool {
    match look {
        Look::Code => has_token(line.code, token),
        Look::Literals => has_token(line.literals, token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A breach of each law, in order of the table: the path, and a line that breaks it.
    const BREACHES: &[(&str, &str)] = &[
        ("daemon/src/run.rs", "let now = std::time::Instant::now();"),
        ("daemon/src/run.rs", "let c = pcap::Capture::from_device(name);"),
        ("daemon/src/watch/mod.rs", "let plain = flate2::read::GzDecoder::new(bytes);"),
        ("dashboard/src/run.rs", "use lettre::AsyncSmtpTransport;"),
        ("daemon/src/watch/mod.rs", "seen: DashMap<Mac, u8>,"),
        ("dashboard/src/run.rs", "use rusqlite::Connection;"),
        ("dashboard/src/run.rs", "query(\"SELECT * FROM incident\")"),
        ("daemon/wire/src/frame.rs", "unsafe { bytes.read_unaligned() }"),
        ("daemon/src/logging.rs", "info!(user = account.reveal());"),
        ("rules/src/compile.rs", "println!(\"{name}\");"),
        ("daemon/wire/src/frame.rs", "let file = std::fs::read(path);"),
        ("rules/src/live.rs", "pub async fn swap() {}"),
        ("rules/src/live.rs", "pub type Names = Vec<String>;"),
        ("rules/src/live.rs", "fn get_rule(&self) {}"),
        ("tests/tests/layout.rs", "    #[ignore]"),
        ("rules/src/lib.rs", "pub mod compile;"),
    ];

    /// The law that looks for this word.
    fn about(token: &str) -> &'static Place {
        PLACES.iter().find(|place| place.tokens.contains(&token)).expect("a law")
    }

    #[test]
    fn each_law_of_places_finds_its_breach_and_names_the_line() {
        assert_eq!(PLACES.len(), BREACHES.len(), "a breach for each law");
        for (place, (path, line)) in PLACES.iter().zip(BREACHES) {
            let broken = Source::read(path, &format!("//! Made up.\n{line}\n"));
            let faults = misplaced(place, &broken);
            assert!(faults.iter().all(|fault| fault.line == 2), "{}: {faults:?}", place.law);
            assert!(!faults.is_empty(), "{}: `{line}` passed", place.law);
            assert!(faults[0].to_string().contains(place.mend));
            let spoken = Source::read(path, &format!("//! Made up.\n// {line}\n"));
            assert_eq!(misplaced(place, &spoken), [], "{}: a comment is no breach", place.law);
        }
    }

    #[test]
    fn an_allowed_file_may_and_its_neighbour_may_not() {
        let place = about("SystemTime::now");
        let at = |path| Source::read(path, "let now = SystemTime::now();");
        assert_eq!(misplaced(place, &at("daemon/src/clock.rs")), []);
        assert_eq!(misplaced(place, &at("daemon/src/clock.rs.rs")).len(), 1);
        let roster = Source::read("daemon/src/identity/roster.rs", "DashMap::new()");
        assert_eq!(misplaced(about("DashMap"), &roster), []);
    }

    #[test]
    fn a_law_that_spares_tests_spares_only_tests() {
        let text = "fn a(u: UserName) { u.reveal(); }\n#[cfg(test)]\nmod tests { fn b(u: U) { u.reveal(); } }\n";
        let faults = misplaced(about(".reveal()"), &Source::read("daemon/src/run.rs", text));
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [1]);
    }
}
