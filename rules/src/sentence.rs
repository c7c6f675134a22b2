//! The plain English in which a rule explains itself to a safeguarding lead.

use facts::{Category, Confidence, Profile, ProtectedGroup, Rung, Severity, Weight};

use crate::exceptions::Exception;
use crate::weigh::Circumstances;

/// What a name of the category is, with its article. Never the name of a service.
pub(crate) const fn what_it_is(category: Category) -> &'static str {
    use Category as C;
    match category {
        C::C01 => "a site that promotes suicide or self-harm",
        C::C02 => "a site that promotes eating disorders",
        C::C03 => "a site of terrorism or violent extremism",
        C::C04 => "a site suspected of illegal sexual material",
        C::C05a => "a site where strangers talk by video or chat",
        C::C05b => "a site for anonymous questions",
        C::C06a => "a site for role-play with sexual or self-harm themes",
        C::C06b => "an AI companion",
        C::C07 => "a site that makes abusive images with AI",
        C::C08 => "an adult site",
        C::C09a => "a site about making explosives or weapons",
        C::C09b => "a shop for knives or replica weapons",
        C::C10a => "a site that supplies drugs",
        C::C10b => "a shop for vapes",
        C::C11a => "a place of hate or harassment",
        C::C11b => "a site that shows real injury or death",
        C::C12 => "a place of hatred of women",
        C::C13 => "an adult dating service",
        C::C14 => "a gambling site",
        C::C15 => "a way round the filter",
        C::C16 => "a service that hides which names are looked up",
        C::C17 => "a social network",
        C::C18 => "a messaging or mail service",
        C::C19 => "a game",
        C::C20 => "an AI assistant",
        C::C21 => "a place of stories or talk by users, parts of it for adults",
        C::C22 => "a service for sending files or steering other computers",
        C::C23 => "a site for copied films, games or school work",
        C::C24 => "a name used for fraud or harmful programs",
        C::C25 => "a product for watching another person's phone in secret",
        C::C26 => "a site that promotes crypto or trading",
        C::C27 => "a site known for false news",
        C::C28 => "time spent online",
        C::C29 => "a site where people are paid to show themselves",
        C::C30 => "a site that sells ways to change the body",
        C::C31 => "a place for attacks to hire or stolen accounts",
        C::C32 => "a site that promises quick money",
    }
}

/// Who a profile stands for.
pub(crate) const fn whom(profile: Profile) -> &'static str {
    match profile {
        Profile::Ks1 => "early years and key stage 1",
        Profile::Ks2 => "key stage 2",
        Profile::Ks34 => "key stages 3 and 4",
        Profile::Ks5 => "key stage 5",
        Profile::Staff => "staff",
        Profile::Guest => "guests",
    }
}

/// What a group of protected names is for.
pub(crate) const fn help_with(group: ProtectedGroup) -> &'static str {
    match group {
        ProtectedGroup::Z01 => "in a crisis and for mental health",
        ProtectedGroup::Z02 => "against abuse and for reporting it",
        ProtectedGroup::Z03 => "against abuse at home",
        ProtectedGroup::Z04 => "for people with questions about themselves",
        ProtectedGroup::Z05 => "with sexual health and pregnancy",
        ProtectedGroup::Z06 => "to get free of drugs, alcohol, gambling or an eating disorder",
        ProtectedGroup::Z07 => "with health, family and everyday worries",
        ProtectedGroup::Z08 => "for staff, and for learning to be safe online",
    }
}

/// What happens at a level.
pub(crate) const fn what_happens(level: Weight) -> &'static str {
    match level {
        Weight::Case(Severity::P1) => "someone needs to look now",
        Weight::Case(Severity::P2) => "someone should look today",
        Weight::Case(Severity::P3) => "it goes on the end-of-day list",
        Weight::Trend => "it is only counted, without any person",
        Weight::Technical => "it goes to the technician, without any person",
        Weight::Unmonitored => "it is not watched",
    }
}

/// What was seen, as the beginning of a sentence.
fn what_was_seen(category: Category, seen: &Circumstances<'_>) -> String {
    let site = what_it_is(category);
    let times = match (seen.attempts_in_hour, seen.attempts_today) {
        (hour @ 3.., _) => format!(", {hour} times within an hour"),
        (_, day @ 3..) => format!(", {day} times today"),
        _ => String::new(),
    };
    let may_be = if seen.inferred { "what may be " } else { "" };
    match seen.rung {
        Rung::LookedUp => format!("A device asked where to find {may_be}{site}{times}"),
        Rung::Tried => format!("A device began to open {may_be}{site}{times}"),
        _ if seen.is_blocked() => {
            format!("A device asked for {may_be}{site} and was stopped{times}")
        }
        Rung::Refused | Rung::Answered => {
            format!("A device opened a connection to {may_be}{site}{times}")
        }
        Rung::Loaded => format!("A device loaded a page of {may_be}{site}{times}"),
        Rung::Stayed => format!("A device stayed on {may_be}{site} for minutes{times}"),
    }
}

/// Why a match weighs what it does, in one sentence.
pub(crate) fn because(
    category: Category,
    confidence: Confidence,
    level: Weight,
    seen: &Circumstances<'_>,
    excepted: Option<&Exception>,
) -> String {
    let hint = match confidence {
        Confidence::Keyword => " (only words in its name say so)",
        Confidence::Listed => " (one list says so)",
        Confidence::Curated => "",
    };
    // For the youngest a case is first about the filter, not about a child.
    let filter = match (seen.profile, level) {
        (Profile::Ks1, Weight::Case(_)) if seen.is_reached() => {
            ", as something the filter let through"
        }
        _ => "",
    };
    let excepted =
        excepted.map_or_else(String::new, |exception| format!(", because {}", exception.agreed()));
    format!(
        "{}{hint}; for {} {}{filter}{excepted}.",
        what_was_seen(category, seen),
        whom(seen.profile),
        what_happens(level)
    )
}
