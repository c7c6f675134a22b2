//! What a compiled list says of itself: where it is from and what its groups mean here.

use facts::Category;
use serde::{Deserialize, Serialize};

/// A list: who keeps it, under which licence, and its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListAbout {
    /// Its short name: the second part of its rules' names.
    pub name: String,
    /// Who keeps it, or where it is from.
    pub source: String,
    /// Under which licence its names may be used.
    pub licence: String,
    /// Its groups, in the order of their numbers; at most 250.
    pub groups: Vec<GroupAbout>,
}

/// One group of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupAbout {
    /// What the list calls it.
    pub name: String,
    /// What it means here.
    pub category: Category,
    /// How many names it has.
    pub names: usize,
}

/// As it stands in the file.
#[derive(Serialize, Deserialize)]
struct Written {
    name: String,
    source: String,
    licence: String,
    groups: Vec<GroupWritten>,
}

#[derive(Serialize, Deserialize)]
struct GroupWritten {
    name: String,
    category: String,
    names: usize,
}

impl ListAbout {
    /// Its text in the file (TOML).
    pub(crate) fn to_text(&self) -> String {
        let groups = self.groups.iter().map(|group| GroupWritten {
            name: group.name.clone(),
            category: group.category.code().to_owned(),
            names: group.names,
        });
        let written = Written {
            name: self.name.clone(),
            source: self.source.clone(),
            licence: self.licence.clone(),
            groups: groups.collect(),
        };
        toml::to_string(&written).unwrap_or_default()
    }

    /// Reads the text of a file; none where this product did not write it.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let written: Written = toml::from_str(text).ok()?;
        let groups = written.groups.into_iter().map(|group| {
            let category = group.category.parse().ok()?;
            Some(GroupAbout { name: group.name, category, names: group.names })
        });
        Some(Self {
            name: written.name,
            source: written.source,
            licence: written.licence,
            groups: groups.collect::<Option<_>>()?,
        })
    }

    /// The group of a name.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&GroupAbout> {
        self.groups.iter().find(|group| group.name == name)
    }
}
