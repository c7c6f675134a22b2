//! The table of levels: what each kind of name comes to for each age group and for adults.

use facts::{Category, Profile, Severity, Weight};

/// The theme of a category, where the theme changes how attempts count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Theme {
    /// Sexual matter or contact: a young child who seeks it may need help.
    Sexual,
    /// Harm to oneself.
    SelfHarm,
    /// Anything else.
    Other,
}

/// How the table below is written: one word a cell.
const ONE: Weight = Weight::Case(Severity::P1);
const TWO: Weight = Weight::Case(Severity::P2);
const THREE: Weight = Weight::Case(Severity::P3);
const COUNT: Weight = Weight::Trend;
const TECH: Weight = Weight::Technical;
const NONE: Weight = Weight::Unmonitored;

/// Levels for EYFS–KS1, KS2, KS3–4, KS5 and staff; a guest is weighed as staff.
///
/// In the first column only themes that harm a small child at once reach `ONE`; every
/// other case there is `THREE`, because what it tells is that the filter let something
/// through. Staff C01 stays unwatched until staff were consulted.
#[rustfmt::skip]
const fn row(category: Category) -> [Weight; 5] {
    use Category as C;
    match category {
        //          KS1    KS2    KS3–4  KS5    staff
        C::C01  => [ONE,   ONE,   ONE,   ONE,   NONE],
        C::C02  => [THREE, TWO,   TWO,   TWO,   NONE],
        C::C03  => [ONE,   ONE,   ONE,   ONE,   TWO],
        C::C04  => [ONE,   ONE,   ONE,   ONE,   ONE],
        C::C05a => [ONE,   ONE,   ONE,   TWO,   THREE],
        C::C05b => [THREE, TWO,   THREE, COUNT, NONE],
        C::C06a => [THREE, ONE,   TWO,   TWO,   NONE],
        C::C06b => [THREE, TWO,   THREE, COUNT, NONE],
        C::C07  => [ONE,   ONE,   ONE,   ONE,   ONE],
        C::C08  => [ONE,   ONE,   TWO,   THREE, TWO],
        C::C09a => [THREE, ONE,   ONE,   ONE,   TWO],
        C::C09b => [THREE, TWO,   TWO,   THREE, TWO],
        C::C10a => [THREE, TWO,   TWO,   TWO,   THREE],
        C::C10b => [THREE, THREE, THREE, COUNT, NONE],
        C::C11a => [THREE, TWO,   TWO,   THREE, TWO],
        C::C11b => [THREE, TWO,   TWO,   THREE, TWO],
        C::C12  => [THREE, TWO,   TWO,   THREE, THREE],
        C::C13  => [THREE, TWO,   TWO,   THREE, NONE],
        C::C14  => [THREE, THREE, THREE, THREE, NONE],
        C::C15  => [TECH,  THREE, THREE, THREE, THREE],
        C::C16  => [COUNT, COUNT, COUNT, COUNT, COUNT],
        C::C17  => [THREE, THREE, COUNT, COUNT, COUNT],
        C::C18  => [THREE, THREE, COUNT, COUNT, COUNT],
        C::C19  => [COUNT, COUNT, COUNT, COUNT, NONE],
        C::C20  => [THREE, THREE, COUNT, COUNT, COUNT],
        C::C21  => [THREE, THREE, COUNT, COUNT, NONE],
        C::C22  => [COUNT, COUNT, THREE, THREE, THREE],
        C::C23  => [COUNT, COUNT, COUNT, COUNT, COUNT],
        C::C24  => [TECH,  TECH,  TECH,  TECH,  TECH],
        C::C25  => [THREE, TWO,   TWO,   TWO,   NONE],
        C::C26  => [THREE, THREE, COUNT, COUNT, NONE],
        C::C27  => [COUNT, COUNT, COUNT, COUNT, NONE],
        C::C28  => [COUNT, COUNT, COUNT, COUNT, NONE],
        C::C29  => [ONE,   ONE,   ONE,   TWO,   TWO],
        C::C30  => [THREE, THREE, THREE, COUNT, NONE],
        C::C31  => [THREE, THREE, THREE, THREE, NONE],
        C::C32  => [THREE, THREE, THREE, THREE, NONE],
    }
}

/// The cell of the table.
pub(crate) const fn level(category: Category, profile: Profile) -> Weight {
    let [ks1, ks2, ks34, ks5, staff] = row(category);
    match profile {
        Profile::Ks1 => ks1,
        Profile::Ks2 => ks2,
        Profile::Ks34 => ks34,
        Profile::Ks5 => ks5,
        Profile::Staff | Profile::Guest => staff,
    }
}

/// The gravest case that any profile can make of a category; none where all only count.
pub(crate) fn gravest(category: Category) -> Option<Severity> {
    row(category)
        .into_iter()
        .filter_map(|level| match level {
            Weight::Case(severity) => Some(severity),
            Weight::Trend | Weight::Technical | Weight::Unmonitored => None,
        })
        .max()
}

/// The code that people and programs read; none where nothing is watched.
pub(crate) const fn code(level: Weight) -> Option<&'static str> {
    match level {
        Weight::Case(Severity::P1) => Some("P1"),
        Weight::Case(Severity::P2) => Some("P2"),
        Weight::Case(Severity::P3) => Some("P3"),
        Weight::Trend | Weight::Technical => Some("P4"),
        Weight::Unmonitored => None,
    }
}

/// The theme of a category.
pub(crate) const fn theme(category: Category) -> Theme {
    use Category as C;
    match category {
        C::C04 | C::C05a | C::C06a | C::C07 | C::C08 | C::C13 | C::C29 => Theme::Sexual,
        C::C01 | C::C02 => Theme::SelfHarm,
        _ => Theme::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_first_years_only_seven_themes_need_someone_now() {
        let grave: Vec<_> = Category::ALL
            .iter()
            .filter(|category| level(**category, Profile::Ks1) == ONE)
            .map(|category| category.code())
            .collect();
        assert_eq!(grave, ["C01", "C03", "C04", "C05a", "C07", "C08", "C29"]);
        assert!(Category::ALL.iter().all(|category| level(*category, Profile::Ks1) != TWO));
    }

    #[test]
    fn a_guest_is_weighed_as_staff() {
        for category in Category::ALL {
            assert_eq!(level(*category, Profile::Guest), level(*category, Profile::Staff));
        }
    }

    #[test]
    fn what_no_profile_makes_a_case_of_is_known() {
        let counted: Vec<_> = Category::ALL
            .iter()
            .filter(|category| gravest(**category).is_none())
            .map(|category| category.code())
            .collect();
        assert_eq!(counted, ["C16", "C19", "C23", "C24", "C27", "C28"]);
    }

    #[test]
    fn a_colleagues_own_health_love_and_money_are_nobodys_business() {
        for code in ["C01", "C02", "C10b", "C13", "C14", "C25", "C26", "C30", "C32"] {
            assert_eq!(level(code.parse().unwrap(), Profile::Staff), NONE, "{code}");
        }
    }
}
