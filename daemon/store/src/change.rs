//! What the daemon asks to be written: each a fact, several in one transaction.

use facts::{
    Attribution, Category, Claim, DecisionId, Delivery, Incident, Letter, LetterId, Match, MatchId,
    Person, Profile, Progress, Rung, Timestamp, Weight,
};

/// One thing to write. `RecordWriter::apply` writes a slice of them in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a change is made, written and dropped: few are alive at a time"
)]
pub enum Change {
    /// A match left its queue: a row that waits for its grace to end.
    Match(Match),
    /// The connection behind a match got further.
    Progress(Progress),
    /// A match was tied to a subject, or tied anew: one more revision, never an edit.
    Attributed {
        /// The match.
        id: MatchId,
        /// When it was decided.
        at: Timestamp,
        /// Who may have been behind it.
        attribution: Attribution,
        /// What it came to.
        weight: Weight,
    },
    /// A match came to no case: its row goes, and so does all that could name a person.
    /// What is left is one count of its category.
    Forget {
        /// The match.
        id: MatchId,
        /// When.
        at: Timestamp,
        /// What is counted; none where the profile is not watched.
        counted: Option<Category>,
    },
    /// A case, or a further revision of it.
    Incident(Incident),
    /// A letter to be sent: the outbox row.
    Letter(Letter),
    /// How far a letter got.
    Delivery {
        /// The letter.
        id: LetterId,
        /// Its new state.
        delivery: Delivery,
    },
    /// A name that no profile makes a case of was seen: counted by hour, no person.
    Trend {
        /// When.
        at: Timestamp,
        /// What is counted.
        category: Category,
        /// How often.
        count: u64,
    },
    /// A claim about who holds an address, kept so that a restart knows it. Write only
    /// those that change what the roster says: every device announces itself all day.
    Claim(Claim),
    /// A decision of the dashboard has taken effect.
    DecisionApplied {
        /// The decision.
        id: DecisionId,
        /// When.
        at: Timestamp,
    },
    /// The people who can be told, as the configuration has them now.
    People(Vec<Person>),
    /// Something about the machine itself: a gap, a loss, a fault, a start.
    Health(Health),
    /// What the capture saw since its last report.
    Coverage(Coverage),
    /// What became of a name that rules speak to: counted by day, no person.
    Witnessed(Witnessed),
}

/// What became of one name that rules speak to, without the name, the device or a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// When; decides the day.
    pub at: Timestamp,
    /// The network's name; none outside every named network.
    pub network: Option<String>,
    /// For whom it was weighed; one of adults wherever an adult may be meant.
    pub profile: Profile,
    /// What kind of name.
    pub category: Category,
    /// Looked up, tried, refused, answered or loaded.
    pub rung: Rung,
    /// Devices of which the same was seen on this day, this one included.
    pub devices: u64,
}

/// Something about the machine itself, without any person or observed name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// When it began.
    pub at: Timestamp,
    /// What it is, one word: `started`, `stopped`, `restarted`, `gap`, `loss`, `mail`, `rules`, `panic`, `coverage`.
    pub kind: String,
    /// One plain sentence.
    pub sentence: String,
    /// A figure that belongs to it (packets lost, seconds dark), where there is one.
    pub figure: Option<u64>,
}

/// What the capture saw since its last report: figures only. Each report is added to its
/// hour, so it says what came since the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// When it was reported; decides the hour it is added to.
    pub at: Timestamp,
    /// The newest packet seen; none since the start of the capture is `None`.
    pub last_packet: Option<Timestamp>,
    /// Packets since the last report.
    pub packets: u64,
    /// Bytes since the last report.
    pub bytes: u64,
    /// Packets that the kernel dropped since the last report.
    pub kernel_drops: u64,
    /// Connections that carried a readable name, since the last report.
    pub readable: u64,
    /// Connections that carried none, since the last report.
    pub unreadable: u64,
    /// Devices seen within this hour so far; the highest figure of the hour is kept.
    pub devices: u64,
}
