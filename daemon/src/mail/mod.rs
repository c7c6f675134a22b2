//! Letters: their words, their linter, and their way to a server.
