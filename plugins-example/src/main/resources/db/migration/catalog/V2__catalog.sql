CREATE TABLE file (
    path TEXT COLLATE "binary" PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    stored_at TIMESTAMPTZ NOT NULL
);

-- The documents that are valid. Several may describe the same entity: the first by path and position wins.
CREATE TABLE entity (
    path TEXT COLLATE "binary" NOT NULL REFERENCES file (path) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    ref TEXT COLLATE "binary" NOT NULL,
    kind TEXT NOT NULL,
    namespace TEXT NOT NULL,
    document JSON NOT NULL,
    search TEXT NOT NULL,
    wins BOOLEAN NOT NULL,
    PRIMARY KEY (path, position)
);

CREATE INDEX entity_ref ON entity (ref);

-- Both directions of each relation that a document makes.
CREATE TABLE relation (
    path TEXT COLLATE "binary" NOT NULL,
    position INTEGER NOT NULL,
    source TEXT COLLATE "binary" NOT NULL,
    type TEXT COLLATE "binary" NOT NULL,
    target TEXT COLLATE "binary" NOT NULL,
    FOREIGN KEY (path, position) REFERENCES entity (path, position) ON DELETE CASCADE
);

CREATE INDEX relation_document ON relation (path, position);
CREATE INDEX relation_source ON relation (source);

-- What an entity can be found by.
CREATE TABLE property (
    path TEXT COLLATE "binary" NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT COLLATE "binary",
    folded TEXT,
    FOREIGN KEY (path, position) REFERENCES entity (path, position) ON DELETE CASCADE
);

CREATE INDEX property_document ON property (path, position);
CREATE INDEX property_name ON property (name, folded);

-- Why a document is not valid.
CREATE TABLE problem (
    path TEXT COLLATE "binary" NOT NULL REFERENCES file (path) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (path, position)
);

-- One row, which every transaction that writes updates first.
CREATE TABLE turn (
    taken_at TIMESTAMPTZ
);

INSERT INTO turn (taken_at) VALUES (NULL);
