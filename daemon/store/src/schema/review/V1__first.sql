-- review.db: what people decided and looked at. Times are microseconds since 1970 in
-- UTC; ids are 32 hexadecimal digits; words are those of the facts.

CREATE TABLE decision (
    place    INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    incident TEXT NOT NULL,
    person   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    act      TEXT NOT NULL
) STRICT;
CREATE INDEX decision_by_incident ON decision (incident);

CREATE TABLE viewed (
    place    INTEGER PRIMARY KEY AUTOINCREMENT,
    incident TEXT NOT NULL,
    person   TEXT NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX viewed_by_incident ON viewed (incident);

CREATE TABLE note (
    place    INTEGER PRIMARY KEY AUTOINCREMENT,
    incident TEXT NOT NULL,
    person   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    text     TEXT NOT NULL
) STRICT;
CREATE INDEX note_by_incident ON note (incident);

CREATE TABLE audit (
    row     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    act     TEXT NOT NULL,
    subject BLOB NOT NULL,
    head    BLOB NOT NULL
) STRICT;
CREATE TABLE audit_head (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    rows     INTEGER NOT NULL,
    head     BLOB NOT NULL
) STRICT;
