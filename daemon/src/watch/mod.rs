//! The one pass over packets: feed, speak, and hand on what matched.
