//! The running daemon on real parts: a mirror port, Debian's Postfix, a school's people.

mod book;
mod school;
mod stories;

use std::time::Duration;

pub use book::{Book, Case, Sent};
pub use school::{School, Wishes};
pub use stories::stories_are_told;

/// How often something is looked for before it counts as never, and how long between.
const LOOKS: u32 = 300;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Looks until there is something to see.
///
/// # Panics
/// Panics when it never comes, with its name.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS {
        if let Some(seen) = look() {
            return seen;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    panic!("waited in vain for {what}");
}
