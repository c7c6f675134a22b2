//! Prints what was read on the wire, one JSON object a line.
