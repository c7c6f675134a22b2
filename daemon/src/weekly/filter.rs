//! Does the filter do its work: what was asked for on children's devices, and what loaded.
//!
//! A kind of site is named only where it loaded on five devices or more of one network on
//! one day; of fewer, only how many kinds they were.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Category, Rung};
use store::WitnessCell;

use super::answers::SMALLEST_SAID;

/// So many kinds are named at most, and fewer where the page has no room for them.
const MOST_NAMED: usize = 4;

/// What became of one kind in the week.
#[derive(Default)]
struct Kind<'a> {
    /// Whether any connection to it was answered by the site itself.
    is_answered: bool,
    is_loaded: bool,
    /// Networks on which so many devices loaded it in one day that they can be named.
    named_on: BTreeSet<Option<&'a str>>,
}

pub(super) fn answer(cells: &[WitnessCell], room: usize) -> Vec<String> {
    let kinds = kinds(cells);
    if kinds.is_empty() {
        return vec![
            "No child's device asked for a kind of site that the rules speak to.".to_owned(),
        ];
    }
    let of =
        |wanted: fn(&Kind<'_>) -> bool| kinds.values().filter(move |kind| wanted(kind)).count();
    let stopped = of(|kind| !kind.is_answered);
    let unnamed = of(|kind| kind.is_loaded && kind.named_on.is_empty());
    let only_answered = of(|kind| kind.is_answered && !kind.is_loaded);
    let mut said = vec![format!(
        "Children's devices asked for {} that the rules speak to.",
        how_many(kinds.len())
    )];
    said.push(match stopped {
        0 => "No kind was stopped everywhere.".to_owned(),
        all if all == kinds.len() => "All were stopped or not opened.".to_owned(),
        some => format!("{some} of them were stopped, or not opened, on every network."),
    });
    let named: Vec<String> = kinds
        .iter()
        .filter(|(_, kind)| !kind.named_on.is_empty())
        .map(|(category, kind)| named(*category, &kind.named_on))
        .collect();
    if !named.is_empty() {
        let shown = room.min(MOST_NAMED);
        let rest = match named.len().saturating_sub(shown) {
            0 => String::new(),
            more if shown == 0 => more.to_string(),
            1 => ", and 1 more kind".to_owned(),
            more => format!(", and {more} more kinds"),
        };
        let first: Vec<&str> = named.iter().take(shown).map(String::as_str).collect();
        said.push(format!("Loaded on five devices or more in a day: {}{rest}.", first.join(", ")));
    }
    if unnamed > 0 {
        said.push(format!("Loaded on fewer than 5 devices a day, so not named: {unnamed}."));
    }
    if only_answered > 0 {
        said.push(format!("Answered, whether loaded or not is unknown: {only_answered}."));
    }
    said
}

fn kinds(cells: &[WitnessCell]) -> BTreeMap<Category, Kind<'_>> {
    let mut kinds: BTreeMap<Category, Kind<'_>> = BTreeMap::new();
    for cell in cells {
        let kind = kinds.entry(cell.category).or_default();
        let is_loaded = cell.rung >= Rung::Loaded;
        kind.is_answered |= cell.rung >= Rung::Answered;
        kind.is_loaded |= is_loaded;
        if is_loaded && usize::try_from(cell.devices).unwrap_or(usize::MAX) >= SMALLEST_SAID {
            kind.named_on.insert(cell.network.as_deref());
        }
    }
    kinds
}

fn named(category: Category, networks: &BTreeSet<Option<&str>>) -> String {
    let places: Vec<&str> =
        networks.iter().map(|network| network.unwrap_or("the rest of the network")).collect();
    format!("{} on {}", category.title(), places.join(" and "))
}

fn how_many(kinds: usize) -> String {
    match kinds {
        1 => "1 kind of site".to_owned(),
        _ => format!("{kinds} kinds of sites"),
    }
}

#[cfg(test)]
mod tests {
    use facts::{Profile, Timestamp};

    use super::*;

    fn cell(network: &str, category: Category, rung: Rung, devices: u64) -> WitnessCell {
        WitnessCell {
            day: Timestamp::EPOCH,
            network: Some(network.to_owned()).filter(|name| !name.is_empty()),
            profile: Profile::Ks2,
            category,
            rung,
            count: 500,
            devices,
        }
    }

    #[test]
    fn a_kind_is_named_only_where_five_devices_of_one_network_loaded_it_on_one_day() {
        for (devices, is_named) in [(1, false), (4, false), (5, true)] {
            let cells = [
                cell("BYOD", Category::C14, Rung::Loaded, devices),
                cell("Office", Category::C14, Rung::Loaded, 4),
                cell("Office", Category::C14, Rung::Answered, 900),
            ];
            let said = answer(&cells, 9).join(" ");
            assert_eq!(said.contains("Gambling on BYOD."), is_named, "{said}");
            assert!(!said.contains("Office"), "{said}");
            assert_eq!(said.contains("fewer than 5 devices a day, so not named: 1."), !is_named);
        }
    }

    #[test]
    fn days_and_networks_do_not_add_up_to_five_devices() {
        let four = |network| cell(network, Category::C14, Rung::Loaded, 4);
        let said = answer(&[four("BYOD"), four("Guest"), four(""), four("BYOD")], 9).join(" ");
        assert!(!said.contains("Gambling"), "{said}");
    }

    #[test]
    fn what_was_stopped_looked_up_answered_and_loaded_is_told_apart() {
        let cells = [
            cell("BYOD", Category::C08, Rung::Refused, 9),
            cell("BYOD", Category::C13, Rung::LookedUp, 9),
            cell("BYOD", Category::C15, Rung::Answered, 9),
            cell("", Category::C14, Rung::Loaded, 9),
        ];
        let said = answer(&cells, 9);
        assert_eq!(
            said,
            [
                "Children's devices asked for 4 kinds of sites that the rules speak to.",
                "2 of them were stopped, or not opened, on every network.",
                "Loaded on five devices or more in a day: Gambling on the rest of the network.",
                "Answered, whether loaded or not is unknown: 1.",
            ]
        );
        let stopped = answer(&[cell("BYOD", Category::C08, Rung::Refused, 1)], 9);
        let without_room = answer(&cells, 0);
        assert_eq!(without_room[2], "Loaded on five devices or more in a day: 1.");
        assert_eq!(stopped[1], "All were stopped or not opened.");
        assert_eq!(answer(&[], 9).len(), 1);
    }
}
