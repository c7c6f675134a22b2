-- record.db: what the daemon knows. Times are microseconds since 1970 in UTC; ids are
-- 32 hexadecimal digits; words are those of the facts.
--
-- Tables that hold names grow at their end (a rising place, never the id as the key):
-- where rows are squeezed in between others, SQLite moves cells from page to page and
-- secure_delete does not clear the copies they leave. For the same reason a forgotten
-- match is emptied where it stands, and its empty row goes when the file is written anew.
-- Indexes hold no name.

CREATE TABLE installation (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    secret   BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT;

CREATE TABLE matched (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL UNIQUE,
    at      INTEGER NOT NULL,
    site    INTEGER NOT NULL,
    sensor  INTEGER NOT NULL,
    vlan    INTEGER,
    mac     TEXT,
    address TEXT NOT NULL,
    server  TEXT,
    name    TEXT NOT NULL,
    heard   TEXT NOT NULL,
    rulings TEXT NOT NULL
) STRICT;
CREATE INDEX matched_by_time ON matched (at);
CREATE TRIGGER a_match_is_never_altered BEFORE UPDATE ON matched
WHEN NEW.heard <> 'forgotten'
BEGIN SELECT RAISE(ABORT, 'a match is never altered'); END;

CREATE TABLE progress (
    match_id  TEXT NOT NULL REFERENCES matched (id) ON DELETE CASCADE,
    rung      TEXT NOT NULL,
    by_filter INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    bytes     INTEGER NOT NULL,
    PRIMARY KEY (match_id, rung, by_filter)
) STRICT, WITHOUT ROWID;

CREATE TABLE attribution (
    place    INTEGER PRIMARY KEY AUTOINCREMENT,
    match_id TEXT NOT NULL REFERENCES matched (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    weight   TEXT NOT NULL,
    content  TEXT NOT NULL,
    UNIQUE (match_id, revision)
) STRICT;

-- One row a case: its newest state, without a name. It outlives the names.
CREATE TABLE incident (
    id           TEXT PRIMARY KEY,
    code         TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    opened_at    INTEGER NOT NULL,
    severity     TEXT NOT NULL,
    category     TEXT NOT NULL,
    phase        TEXT NOT NULL,
    phase_at     INTEGER,
    outcome      TEXT,
    taken_at     INTEGER,
    taken_by     TEXT,
    for_governor INTEGER NOT NULL,
    erased_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_by_code ON incident (code);
CREATE INDEX incident_by_opening ON incident (opened_at);

CREATE TABLE revision (
    place      INTEGER PRIMARY KEY AUTOINCREMENT,
    incident   TEXT NOT NULL REFERENCES incident (id),
    revision   INTEGER NOT NULL,
    revised_at INTEGER NOT NULL,
    content    TEXT NOT NULL,
    UNIQUE (incident, revision)
) STRICT;

-- Seats and members are those of the newest revision.
CREATE TABLE seat (
    incident TEXT NOT NULL REFERENCES incident (id),
    person   TEXT NOT NULL,
    view     TEXT NOT NULL,
    PRIMARY KEY (incident, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX seat_by_person ON seat (person);

CREATE TABLE member (
    incident TEXT NOT NULL REFERENCES incident (id),
    match_id TEXT NOT NULL,
    place    INTEGER NOT NULL,
    PRIMARY KEY (incident, match_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_by_match ON member (match_id);

CREATE TABLE letter (
    place    INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    incident TEXT,
    reason   TEXT NOT NULL,
    person   TEXT NOT NULL,
    role     TEXT NOT NULL,
    mail     TEXT NOT NULL,
    due      INTEGER NOT NULL,
    subject  TEXT NOT NULL,
    body     TEXT NOT NULL,
    message  BLOB NOT NULL
) STRICT;
CREATE INDEX letter_by_incident ON letter (incident);
CREATE TRIGGER a_letter_is_never_altered BEFORE UPDATE ON letter
BEGIN SELECT RAISE(ABORT, 'a letter is never altered'); END;

CREATE TABLE delivery (
    letter   TEXT PRIMARY KEY REFERENCES letter (id) ON DELETE CASCADE,
    state    TEXT NOT NULL,
    at       INTEGER,
    tries    INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_by_next_try ON delivery (next_try) WHERE next_try IS NOT NULL;

CREATE TABLE claim (
    place       INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    content     TEXT NOT NULL,
    UNIQUE (at, fingerprint)
) STRICT;

CREATE TABLE decision_applied (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    place   INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    display TEXT NOT NULL,
    mail    TEXT NOT NULL,
    duties  TEXT NOT NULL
) STRICT;

CREATE TABLE health (
    place    INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    sentence TEXT NOT NULL,
    figure   INTEGER
) STRICT;
CREATE INDEX health_by_time ON health (at);

CREATE TABLE tally (
    hour     INTEGER NOT NULL,
    category TEXT NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (hour, category)
) STRICT, WITHOUT ROWID;

CREATE TABLE coverage (
    hour         INTEGER PRIMARY KEY,
    reported_at  INTEGER NOT NULL,
    last_packet  INTEGER,
    packets      INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    kernel_drops INTEGER NOT NULL,
    readable     INTEGER NOT NULL,
    unreadable   INTEGER NOT NULL,
    devices      INTEGER NOT NULL
) STRICT;

CREATE TABLE deletion_certificate (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    content TEXT NOT NULL
) STRICT;

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
