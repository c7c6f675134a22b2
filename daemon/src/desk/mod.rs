//! From a match to a case: grace, attribution, weight, grouping, and who is told.
