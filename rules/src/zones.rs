//! Names and all names below them: which rules speak there, and where none may.

use std::collections::HashMap;

use facts::{HostName, Name, ProtectedGroup};

use crate::wrapped::{any_inside, any_spelled};

/// What is known about one zone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Zone {
    /// Whether it and all below it is protected.
    pub(crate) protected: Option<ProtectedGroup>,
    /// Whether a person settled that it is ordinary: lists and words say nothing there.
    pub(crate) is_ordinary: bool,
    /// The rules that speak at and below it.
    pub(crate) rules: Vec<u32>,
}

/// All zones, found by hash. Keyed anew in each process, so that no one can prepare
/// names that collide.
#[derive(Debug, Default)]
pub(crate) struct Zones {
    zones: HashMap<Box<str>, Zone>,
    /// Labels of the deepest zone: longer names are asked about from there up only, so
    /// that a hostile name of many labels costs no more than a plain one.
    deepest: usize,
    /// Protected names with hyphens for their dots, as proxies write them into one label.
    spelled: HashMap<Box<str>, ProtectedGroup>,
}

impl Zones {
    /// Protects a zone. A zone that is protected already keeps its first group.
    pub(crate) fn protect(&mut self, name: &HostName, group: ProtectedGroup) {
        self.zone(name).protected.get_or_insert(group);
        let spelled = name.as_str().replace('.', "-");
        self.spelled.entry(spelled.into()).or_insert(group);
    }

    /// Settles that a zone is ordinary.
    pub(crate) fn settle(&mut self, name: &HostName) {
        self.zone(name).is_ordinary = true;
    }

    /// Lets a rule speak at and below a zone.
    pub(crate) fn add(&mut self, name: &HostName, rule: u32) {
        let rules = &mut self.zone(name).rules;
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }

    /// The zones at and above a name, from the deepest known depth up.
    pub(crate) fn above<'s>(&'s self, name: Name<'_>) -> impl Iterator<Item = &'s Zone> {
        self.named_above(name).map(|(_, zone)| zone)
    }

    /// The same, each with its name.
    pub(crate) fn named_above<'s, 'n>(
        &'s self,
        name: Name<'n>,
    ) -> impl Iterator<Item = (&'n str, &'s Zone)> {
        let labels = name.labels().count();
        name.ancestors()
            .skip(labels.saturating_sub(self.deepest))
            .filter_map(|ancestor| Some((ancestor, self.zones.get(ancestor)?)))
    }

    /// Every zone with its name, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Zone)> {
        self.zones.iter().map(|(name, zone)| (&**name, zone))
    }

    /// The group under which a name is protected, or one that stands inside it.
    pub(crate) fn protection(&self, name: Name<'_>) -> Option<ProtectedGroup> {
        let own = self.above(name).find_map(|zone| zone.protected);
        own.or_else(|| self.protection_inside(name, &mut 0))
    }

    /// The group under which a name is protected that stands inside another. Letters that
    /// were looked at are added to `steps`.
    pub(crate) fn protection_inside(
        &self,
        name: Name<'_>,
        steps: &mut usize,
    ) -> Option<ProtectedGroup> {
        let mut group = None;
        let is_inside = any_inside(name.as_str(), |inner| {
            *steps = steps.saturating_add(inner.len());
            group = Name::from_canonical(inner)
                .and_then(|inner| self.above(inner).find_map(|zone| zone.protected));
            group.is_some()
        }) || any_spelled(name.as_str(), |label| {
            *steps = steps.saturating_add(label.len());
            group = self.spelled.get(label).copied();
            group.is_some()
        });
        group.filter(|_| is_inside)
    }

    fn zone(&mut self, name: &HostName) -> &mut Zone {
        self.deepest = self.deepest.max(name.as_name().labels().count());
        self.zones.entry(name.as_str().into()).or_default()
    }
}
