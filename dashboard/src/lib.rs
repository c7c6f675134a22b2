//! Shows cases and takes decisions: reads record.db, writes review.db only.
