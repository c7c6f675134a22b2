//! What to do in the next ten minutes, by level and by whose matter it is.

use facts::{Answer, Category, Incident, Role, Severity};

use super::{Matter, Times};

/// The telephone numbers a school has written down.
#[derive(Clone, Copy)]
pub(crate) struct Numbers<'a> {
    pub childrens_services: Option<&'a str>,
    pub adult_advice: Option<&'a str>,
}

/// Whether children are expected at school on the day of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchoolDay {
    /// They are, or nothing says that they are not.
    Perhaps,
    /// They are not.
    No,
}

/// The card of a case page.
pub(crate) struct NextSteps {
    /// How long it is about: `In the next ten minutes`.
    pub heading: &'static str,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// Three lines to say to the adult who was there; none where nobody is to be asked.
    pub to_say: Vec<String>,
}

/// Whether advice comes before anything is said at home.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advice {
    First,
    NotNeeded,
}

impl Advice {
    /// Extremism, suspected illegal material, tools that watch a partner or a child, and
    /// sites that show whom somebody loves: the home may be the danger.
    pub(crate) const fn about(category: Category) -> Self {
        match category {
            Category::C03 | Category::C04 | Category::C13 | Category::C25 => Self::First,
            _ => Self::NotNeeded,
        }
    }
}

/// What the reader is to do.
pub(crate) fn next_steps(
    incident: &Incident,
    matter: Matter,
    device: &str,
    numbers: Numbers<'_>,
    day: SchoolDay,
    times: &Times,
) -> NextSteps {
    let heading = match incident.severity {
        Severity::P1 => "In the next ten minutes",
        Severity::P2 => "Today",
        Severity::P3 => "When you have time",
    };
    let mut steps = Vec::new();
    if incident.category == Category::C04 {
        steps.push(
            "Do not open, copy or send anything. Set the device aside, switched on. Refer it to \
             the police, then tell the local authority, and note the time of each."
                .to_owned(),
        );
    }
    match matter {
        Matter::Adult => for_an_adult(&mut steps, numbers),
        Matter::Either => {
            for_an_adult(&mut steps, numbers);
            steps.push(
                "A child may have been the user instead. Whoever looks after the child needs to \
                 know that, and nothing about the adult."
                    .into(),
            );
        }
        Matter::Child | Matter::ChildPart => {
            for_a_child(&mut steps, incident, matter, (device, day), numbers);
        }
    }
    let asks = !matter.may_name_an_adult();
    NextSteps {
        heading,
        steps,
        to_say: if asks { to_say(incident, device, times) } else { vec![] },
    }
}

fn for_an_adult(steps: &mut Vec<String>, numbers: Numbers<'_>) {
    steps.push("Do not speak to the person yet.".into());
    steps.push(format!(
        "Ring the LADO advice line ({}). Ask what to do first.",
        numbers.adult_advice.unwrap_or("the number is on your card")
    ));
    steps.push("Do not open the site. Note what you were told, by whom and when.".into());
}

fn for_a_child(
    steps: &mut Vec<String>,
    incident: &Incident,
    matter: Matter,
    (device, day): (&str, SchoolDay),
    numbers: Numbers<'_>,
) {
    let services = numbers.childrens_services.unwrap_or("the number is on your card");
    let known = matter == Matter::Child
        && matches!(&incident.attribution.answer,
            Answer::Proven(child) | Answer::Likely { candidate: child, .. }
                if child.role == Some(Role::Pupil));
    steps.push(match (incident.severity, known) {
        (Severity::P1 | Severity::P2, _) if day == SchoolDay::No => format!(
            "There is no school today. Decide whether it can wait until the next school day; if \
             you fear for a child before then, ring children's services ({services})."
        ),
        (Severity::P1, true) => "See the child before they go. Talk first: is anything wrong, did \
                                 anything upset them? You need not say what was seen."
            .into(),
        (Severity::P1, false) => "See the children who were there before they go. Ask the adult \
                                  who was with them: “Was anybody upset by something on a screen?”"
            .into(),
        (Severity::P2, true) => "See the child today, at a quiet moment. You need not say what \
                                 was seen."
            .into(),
        (Severity::P2, false) => {
            "Ask the adult who was there, at a quiet moment today. Use the lines below.".into()
        }
        (Severity::P3, _) => "Nobody needs you for this tonight. Read it, and decide whether it \
                              is worth a word or a lesson."
            .into(),
    });
    if incident.severity != Severity::P3 {
        steps.push(format!("Keep {device} aside, switched on. Do not open the site."));
        steps.push(if is_about_contact(incident.category) {
            format!(
                "If a child may be in contact with somebody, or has shown their face: ring \
                 children's services ({services}) and report to CEOP. If anyone is in danger now, \
                 ring 999 first."
            )
        } else {
            format!(
                "If you fear for a child: ring children's services ({services}). If anyone is in \
                 danger now, ring 999 first."
            )
        });
        steps.push(match Advice::about(incident.category) {
            Advice::First => "Take advice before anything is said at home: for this kind the home \
                              may be part of the worry."
                .into(),
            Advice::NotNeeded => "If not: comfort, tell the class teacher, tell parents.".into(),
        });
    }
    if incident.severity == Severity::P2 {
        steps.push(
            "Two minutes are enough to decide whether it can wait. “It can wait until Monday, \
             because …” is a good answer."
                .into(),
        );
    }
}

/// Themes in which a child may have met somebody or shown themselves.
const fn is_about_contact(category: Category) -> bool {
    matches!(
        category,
        Category::C04
            | Category::C05a
            | Category::C05b
            | Category::C06a
            | Category::C07
            | Category::C13
            | Category::C29
    )
}

/// Never with the theme in it.
fn to_say(incident: &Incident, device: &str, times: &Times) -> Vec<String> {
    vec![
        format!(
            "“{} something unsuitable came up on {device}.”",
            times.spoken(incident.first_seen)
        ),
        "“Was anybody upset?”".into(),
        "“Did you see how it came up?”".into(),
    ]
}
