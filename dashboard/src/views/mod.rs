//! The pages: each gathers its facts, turns them into words, and renders them.

mod asked;
mod assets;
mod case;
mod case_page;
mod decide;
mod health;
mod sign_in;
mod today;
mod today_page;

pub(crate) use asked::{CodePath, Fields, Head, SignedIn, page};
pub(crate) use assets::{icon, style};
pub(crate) use case::case;
pub(crate) use decide::{close, hand_over, pass_on, pass_welfare, take, told};
pub(crate) use sign_in::{sign_in, sign_in_form, sign_out};
pub(crate) use today::today;
pub(crate) use today_page::Listed;
