//! Laws about dependencies: which crate may know which, directly and at any distance.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Fault, Text};

/// What one crate may depend on.
#[derive(Clone, Copy, Debug)]
pub struct Wall {
    /// The crate.
    pub krate: &'static str,
    /// Where its manifest lies.
    pub manifest: &'static str,
    /// The members of the workspace it may name.
    pub members: &'static [&'static str],
    /// The crates from outside it may name; none where this is not listed.
    pub outside: Option<&'static [&'static str]>,
    /// What it may not reach at any distance.
    pub never: &'static [&'static str],
}

/// What no crate that is shipped may reach: a second TLS, or one in C.
const NEVER_AT_ALL: &[&str] = &[
    "aws-lc-rs",
    "aws-lc-sys",
    "boring",
    "boring-sys",
    "native-tls",
    "openssl",
    "openssl-sys",
    "wardline-benches",
    "wardline-tests",
];

/// The walls between the rooms.
pub const WALLS: &[Wall] = &[
    Wall {
        krate: "facts",
        manifest: "daemon/facts/Cargo.toml",
        members: &[],
        outside: Some(&[]),
        never: &[],
    },
    Wall {
        krate: "wire",
        manifest: "daemon/wire/Cargo.toml",
        members: &["facts"],
        outside: Some(&["etherparse", "ring"]),
        never: &[
            "tokio",
            "pcap",
            "pcap-parser",
            "rules",
            "store",
            "rusqlite",
            "serde",
            "jiff",
            "tracing",
            "mio",
            "socket2",
        ],
    },
    Wall {
        krate: "rules",
        manifest: "rules/Cargo.toml",
        members: &["facts"],
        // memmap2 asks for huge pages under a list of millions; std can not.
        outside: Some(&[
            "aho-corasick",
            "arc-swap",
            "csv",
            "idna",
            "jiff",
            "memmap2",
            "psl",
            "serde",
            "thiserror",
            "toml",
            "unicode-security",
        ]),
        never: &[
            "tokio",
            "etherparse",
            "wire",
            "store",
            "pcap",
            "pcap-parser",
            "rusqlite",
            "lettre",
        ],
    },
    Wall {
        krate: "store",
        manifest: "daemon/store/Cargo.toml",
        members: &["facts"],
        // rustix tells how much room the disk of the record has left; std does not.
        outside: Some(&[
            "refinery",
            "ring",
            "rusqlite",
            "rustix",
            "serde",
            "serde_json",
            "thiserror",
        ]),
        never: &["tokio", "etherparse", "wire", "rules", "pcap", "pcap-parser", "lettre", "axum"],
    },
    Wall {
        krate: "wardline",
        manifest: "daemon/Cargo.toml",
        members: &["facts", "wire", "rules", "store"],
        outside: None,
        never: &["axum", "wardline-dashboard"],
    },
    Wall {
        krate: "wardline-dashboard",
        manifest: "dashboard/Cargo.toml",
        members: &["facts", "rules", "store"],
        outside: None,
        never: &["pcap", "pcap-parser", "etherparse", "lettre", "wire", "wardline", "caps"],
    },
];

/// Who names whom, as cargo resolved it; tests' and builds' own dependencies left out.
#[derive(Clone, Debug, Default)]
pub struct Edges {
    direct: BTreeMap<String, BTreeSet<String>>,
    members: BTreeSet<String>,
}

impl Edges {
    /// Reads the answer of `cargo metadata --format-version 1`.
    ///
    /// # Errors
    /// Names the part of the answer that is not as expected.
    pub fn from_metadata(answer: &Value) -> Result<Self, &'static str> {
        let packages = answer["packages"].as_array().ok_or("no packages")?;
        let nodes = answer["resolve"]["nodes"].as_array().ok_or("no resolved nodes")?;
        let mut names = BTreeMap::new();
        for package in packages {
            let id = package["id"].as_str().ok_or("a package without id")?;
            names.insert(id, package["name"].as_str().ok_or("a package without name")?);
        }
        let name = |id: &Value| id.as_str().and_then(|id| names.get(id)).copied();
        let mut edges = Self::default();
        for member in answer["workspace_members"].as_array().ok_or("no members")? {
            edges.members.insert(name(member).ok_or("an unknown member")?.to_owned());
        }
        for node in nodes {
            let from = name(&node["id"]).ok_or("an unknown node")?;
            for dep in node["deps"].as_array().ok_or("a node without dependencies")? {
                let kinds = dep["dep_kinds"].as_array().ok_or("a dependency without kind")?;
                if kinds.iter().any(|kind| kind["kind"].is_null()) {
                    edges.add(from, name(&dep["pkg"]).ok_or("an unknown dependency")?);
                }
            }
        }
        Ok(edges)
    }

    fn add(&mut self, from: &str, to: &str) {
        self.direct.entry(from.into()).or_default().insert(to.into());
    }

    /// What `krate` names itself.
    fn named_by(&self, krate: &str) -> impl Iterator<Item = &str> {
        self.direct.get(krate).into_iter().flatten().map(String::as_str)
    }

    /// The shortest way from `krate` to `goal`, both included.
    fn way(&self, krate: &str, goal: &str) -> Option<Vec<String>> {
        let mut ways = vec![vec![krate.to_owned()]];
        let mut seen = BTreeSet::from([krate.to_owned()]);
        let mut next = 0;
        while let Some(way) = ways.get(next).cloned() {
            for to in self.named_by(way.last()?) {
                let longer = || way.iter().cloned().chain([to.to_owned()]).collect::<Vec<_>>();
                if to == goal {
                    return Some(longer());
                }
                if seen.insert(to.to_owned()) {
                    ways.push(longer());
                }
            }
            next += 1;
        }
        None
    }
}

/// Every edge that crosses `wall`.
#[must_use]
pub fn crossed(wall: &Wall, edges: &Edges, manifest: &Text) -> Vec<Fault> {
    let line = |krate: &str| {
        let at = manifest.text.lines().position(|line| line.trim_start().starts_with(krate));
        at.map_or(1, |at| at + 1)
    };
    let mut faults = Vec::new();
    for named in edges.named_by(wall.krate) {
        let is_member = edges.members.contains(named);
        let allowed = match wall.outside {
            _ if is_member => wall.members.contains(&named),
            Some(outside) => outside.contains(&named),
            None => true,
        };
        if !allowed {
            let what = format!("`{}` may not depend on `{named}`", wall.krate);
            let mend = "take the dependency out, or change the walls with a reason in the commit";
            faults.push(Fault::new(&manifest.path, line(named), what, mend));
        }
    }
    for far in wall.never.iter().chain(NEVER_AT_ALL) {
        if let Some(way) = edges.way(wall.krate, far) {
            let what = format!("`{}` reaches `{far}`: {}", wall.krate, way.join(" → "));
            let mend = "cut the way, by a feature or by another crate";
            faults.push(Fault::new(&manifest.path, line(&way[1]), what, mend));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Text {
        Text { path: "Cargo.toml".into(), text: "[dependencies]\nfacts.workspace = true\n".into() }
    }

    fn edges(pairs: &[(&str, &str)]) -> Edges {
        let mut edges = Edges::default();
        for (from, to) in pairs {
            edges.add(from, to);
        }
        edges.members = WALLS.iter().map(|wall| wall.krate.to_owned()).collect();
        edges
    }

    fn wall(krate: &str) -> &'static Wall {
        WALLS.iter().find(|wall| wall.krate == krate).unwrap()
    }

    #[test]
    fn facts_may_depend_on_nothing() {
        let faults = crossed(wall("facts"), &edges(&[("facts", "serde")]), &manifest());
        assert_eq!(faults.len(), 1);
        assert!(faults[0].what.contains("`facts` may not depend on `serde`"));
    }

    #[test]
    fn a_forbidden_crate_is_found_at_any_distance_with_its_way() {
        let far = edges(&[("wardline-dashboard", "axum"), ("axum", "glue"), ("glue", "lettre")]);
        let faults = crossed(wall("wardline-dashboard"), &far, &manifest());
        assert_eq!(faults.len(), 1);
        assert!(faults[0].what.contains("wardline-dashboard → axum → glue → lettre"));
    }

    #[test]
    fn every_wall_can_be_crossed() {
        for wall in WALLS {
            for member in WALLS.iter().map(|other| other.krate) {
                let crossing = edges(&[(wall.krate, member)]);
                let faults = crossed(wall, &crossing, &manifest());
                let free = wall.members.contains(&member);
                assert_eq!(faults.is_empty(), free, "{} → {member}", wall.krate);
            }
            for far in wall.never.iter().chain(NEVER_AT_ALL) {
                let crossing = edges(&[(wall.krate, "between"), ("between", far)]);
                assert!(
                    !crossed(wall, &crossing, &manifest()).is_empty(),
                    "{} ⇝ {far}",
                    wall.krate
                );
            }
        }
    }

    #[test]
    fn the_answer_of_cargo_is_read_without_the_dependencies_of_tests() {
        let answer = serde_json::json!({
            "packages": [{"id": "a#1", "name": "a"}, {"id": "b#1", "name": "b"}, {"id": "c#1", "name": "c"}],
            "workspace_members": ["a#1"],
            "resolve": {"nodes": [{"id": "a#1", "deps": [
                {"pkg": "b#1", "dep_kinds": [{"kind": null}]},
                {"pkg": "c#1", "dep_kinds": [{"kind": "dev"}]},
            ]}]},
        });
        let edges = Edges::from_metadata(&answer).unwrap();
        assert_eq!(edges.named_by("a").collect::<Vec<_>>(), ["b"]);
        assert!(Edges::from_metadata(&serde_json::json!({})).is_err());
    }
}
