-- What became of names that rules speak to: the witness of the filter's work. Days, not
-- hours, and never a person, a device or a name. `network` is empty outside every network
-- that the school has named. Profiles of children stand apart from those of adults, so
-- that what is told of the first never holds the second.
CREATE TABLE witness (
    day      INTEGER NOT NULL,
    network  TEXT NOT NULL,
    profile  TEXT NOT NULL,
    category TEXT NOT NULL,
    rung     TEXT NOT NULL,
    count    INTEGER NOT NULL,
    devices  INTEGER NOT NULL,
    PRIMARY KEY (day, network, profile, category, rung)
) STRICT, WITHOUT ROWID;
