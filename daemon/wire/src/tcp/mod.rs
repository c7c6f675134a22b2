//! TCP: flows remembered, octets put in order, and the messages in them read.

mod again;
mod flows;
mod framed;
mod gather;
mod recognise;
mod requests;
mod room;
mod segment;
mod sides;
mod streams;
mod talk;
mod versions;
mod whose;

pub(crate) use flows::FlowKey;
pub(crate) use segment::{Flags, Segment};
pub(crate) use streams::Streams;
pub(crate) use talk::Talk;
