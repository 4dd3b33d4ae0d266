-- Reference tables of every kind (sites, people, partners, models, purchases …): the row of now and its versions.
CREATE TABLE entries (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  org TEXT,
  name TEXT NOT NULL,
  archived BOOLEAN NOT NULL DEFAULT FALSE,
  version BIGINT NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  payload TEXT NOT NULL
);
CREATE UNIQUE INDEX entries_key ON entries (kind, COALESCE(org, ''), key);
CREATE INDEX entries_by_key ON entries (kind, key);
CREATE INDEX entries_by_name ON entries (kind, name);

CREATE TABLE entry_versions (
  entry TEXT NOT NULL REFERENCES entries (id),
  version BIGINT NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  payload TEXT NOT NULL,
  PRIMARY KEY (entry, version)
) WITHOUT ROWID;

-- The organisation tree, kept beside its entries. path = '/id/id/'.
CREATE TABLE organisations (
  id TEXT NOT NULL PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  parent TEXT,
  path TEXT NOT NULL UNIQUE
);

-- Versions are append-only; what a person's row says may be overwritten, and only that, when the person is erased.
CREATE TRIGGER entry_versions_no_update BEFORE UPDATE ON entry_versions
WHEN NEW.entry <> OLD.entry OR NEW.version <> OLD.version OR NEW.recorded_at <> OLD.recorded_at
  OR COALESCE((SELECT kind FROM entries WHERE id = OLD.entry), '') <> 'person'
BEGIN SELECT RAISE(ABORT, 'versions are append-only: update refused'); END;
CREATE TRIGGER entry_versions_no_delete BEFORE DELETE ON entry_versions
BEGIN SELECT RAISE(ABORT, 'versions are append-only: delete refused'); END;
CREATE TRIGGER entry_versions_no_replace BEFORE INSERT ON entry_versions
WHEN EXISTS (SELECT 1 FROM entry_versions WHERE entry = NEW.entry AND version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'versions are append-only: insert over an existing version refused'); END;
