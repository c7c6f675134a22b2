//! Letters word for word, and what the linter refuses.
