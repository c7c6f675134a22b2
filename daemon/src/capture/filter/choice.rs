//! When the filter is set: always, never, or as long as it would cut nothing.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Cause, Filter};

/// What the configuration says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Every packet is copied.
    Off,
    /// The filter is set from the start.
    Ports,
    /// The first minute is looked at without it; it is set unless it would cut hellos, or
    /// most of the traffic is wrapped and would pass it anyway.
    #[default]
    Auto,
}

impl FromStr for Mode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "off" => Ok(Self::Off),
            "ports" => Ok(Self::Ports),
            "auto" => Ok(Self::Auto),
            _ => Err(()),
        }
    }
}

/// How the filter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Off, as it is written.
    #[default]
    Off,
    /// Off while the first minute is looked at.
    Looking,
    /// On.
    On,
    /// Off: it would cut hellos to ports that it was not made for.
    WouldCut,
    /// Off: most of the traffic is wrapped.
    Wrapped,
    /// Off: the system or the kind of link does not allow it.
    Refused,
}

impl fmt::Display for Standing {
    /// One sentence of what is seen and what is not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "The kernel filter is off: every packet is read.",
            Self::Looking => {
                "The kernel filter is off while the first minute is looked at: every packet is read."
            }
            Self::On => {
                "The kernel filter is on: bulk is turned away before it is read. Not seen are \
                 names in messages of several packets to TCP ports that are not written under \
                 capture.filter_ports and are none of the usual ones."
            }
            Self::WouldCut => {
                "The kernel filter is off, because devices open TLS connections to ports that it \
                 was not made for: every packet is read. Write these ports under \
                 capture.filter_ports to have it set."
            }
            Self::Wrapped => {
                "The kernel filter is off, because most packets are wrapped in others: every \
                 packet is read."
            }
            Self::Refused => {
                "The kernel filter is off, because the interface or the system does not take it: \
                 every packet is read."
            }
        })
    }
}

/// What is to be done at the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Set the filter.
    Set,
    /// Take it away.
    Clear,
}

/// How long is looked at before the first choice, and before each later one.
const FIRST_LOOK: Duration = Duration::from_secs(60);
const LATER_LOOK: Duration = Duration::from_secs(600);
/// The filter is of no use where more than one in so many octets is wrapped.
const MANY_WRAPPED: u64 = 4;

/// Decides, from what is seen, whether the filter is set.
#[derive(Debug)]
pub struct Choice {
    mode: Mode,
    filter: Filter,
    standing: Standing,
    /// Octets since the last choice, those of them in wrapped packets, and hellos that the
    /// filter cuts.
    seen: u64,
    wrapped: u64,
    cut: u64,
}

impl Choice {
    /// A choice in this mode, for this filter.
    #[must_use]
    pub const fn new(mode: Mode, filter: Filter) -> Self {
        let standing = match mode {
            Mode::Off => Standing::Off,
            Mode::Auto => Standing::Looking,
            Mode::Ports => Standing::On,
        };
        Self { mode, filter, standing, seen: 0, wrapped: 0, cut: 0 }
    }

    /// The filter that is chosen or not.
    #[must_use]
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// How it stands.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// The interface did not take the filter: every packet is read, now and later.
    pub const fn refused(&mut self) {
        self.standing = Standing::Refused;
    }

    /// Looks at a frame, where that may change the choice.
    pub fn look(&mut self, frame: &[u8]) {
        if self.mode != Mode::Auto || self.standing == Standing::Refused {
            return;
        }
        let octets = frame.len() as u64;
        self.seen += octets;
        match self.filter.passes(frame) {
            Some(Cause::CutHello) => self.cut += 1,
            Some(Cause::Wrapped | Cause::NotUnderstood) => self.wrapped += octets,
            _ => {}
        }
    }

    /// Chooses, so long after the last choice; none where nothing is to be done. A hello
    /// that is cut takes the filter away at once.
    pub fn decide(&mut self, since: Duration) -> Option<Order> {
        let look = match self.standing {
            Standing::Looking => FIRST_LOOK,
            Standing::On if self.mode == Mode::Auto => {
                if self.cut == 0 {
                    return None;
                }
                Duration::ZERO
            }
            Standing::WouldCut | Standing::Wrapped => LATER_LOOK,
            Standing::Off | Standing::On | Standing::Refused => return None,
        };
        if since < look {
            return None;
        }
        let before = self.standing;
        self.standing = match self {
            Self { cut: 1.., .. } => Standing::WouldCut,
            Self { seen, wrapped, .. } if *wrapped * MANY_WRAPPED > *seen => Standing::Wrapped,
            _ => Standing::On,
        };
        (self.seen, self.wrapped, self.cut) = (0, 0, 0);
        match (before == Standing::On, self.standing == Standing::On) {
            (false, true) => Some(Order::Set),
            (true, false) => Some(Order::Clear),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{cut_hello, ordinary, usual, wrapped};
    use super::*;

    fn auto() -> Choice {
        Choice::new(Mode::Auto, usual())
    }

    #[test]
    fn a_quiet_first_minute_sets_the_filter_and_a_cut_hello_takes_it_away_until_ten_pass_without() {
        let mut choice = auto();
        choice.look(&ordinary());
        assert_eq!(choice.decide(Duration::from_secs(59)), None);
        assert_eq!(choice.standing(), Standing::Looking);
        assert_eq!(choice.decide(FIRST_LOOK), Some(Order::Set));
        assert_eq!(choice.decide(Duration::from_secs(1)), None);
        choice.look(&cut_hello());
        assert_eq!(choice.decide(Duration::from_secs(2)), Some(Order::Clear));
        assert_eq!(choice.standing(), Standing::WouldCut);
        choice.look(&cut_hello());
        assert_eq!(choice.decide(LATER_LOOK), None, "they still come");
        assert_eq!(choice.decide(Duration::from_secs(599)), None);
        assert_eq!(choice.decide(LATER_LOOK), Some(Order::Set));
    }

    #[test]
    fn where_most_is_wrapped_the_filter_is_of_no_use() {
        let mut choice = auto();
        choice.look(&ordinary());
        choice.look(&wrapped());
        assert_eq!(choice.decide(FIRST_LOOK), None);
        assert_eq!(choice.standing(), Standing::Wrapped);
    }

    #[test]
    fn what_is_written_is_not_changed_by_what_is_seen() {
        for (mode, standing) in [(Mode::Off, Standing::Off), (Mode::Ports, Standing::On)] {
            let mut choice = Choice::new(mode, usual());
            choice.look(&cut_hello());
            assert_eq!(choice.decide(LATER_LOOK), None);
            assert_eq!(choice.standing(), standing);
        }
        let mut refused = auto();
        refused.refused();
        refused.look(&cut_hello());
        assert_eq!((refused.decide(LATER_LOOK), refused.standing()), (None, Standing::Refused));
    }
}
