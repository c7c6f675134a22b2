//! Where packets come from: a live interface or files, the same to the rest.
