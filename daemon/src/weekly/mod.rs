//! The governor's weekly page.
