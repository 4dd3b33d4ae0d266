-- Reference tables of every kind (sites, people, partners, models, purchases …): the row of now and its versions.
CREATE TABLE entries (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  org TEXT COLLATE "C",
  name TEXT COLLATE "C" NOT NULL,
  archived BOOLEAN NOT NULL DEFAULT FALSE,
  version BIGINT NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  payload TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX entries_key ON entries (kind, COALESCE(org, ''), key);
CREATE INDEX entries_by_key ON entries (kind, key);
CREATE INDEX entries_by_name ON entries (kind, name);

CREATE TABLE entry_versions (
  entry TEXT COLLATE "C" NOT NULL REFERENCES entries (id),
  version BIGINT NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  payload TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (entry, version)
);

-- The organisation tree, kept beside its entries. path = '/id/id/'.
CREATE TABLE organisations (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  key TEXT COLLATE "C" NOT NULL UNIQUE,
  parent TEXT COLLATE "C",
  path TEXT COLLATE "C" NOT NULL UNIQUE
);

-- Versions are append-only; what a person's row says may be overwritten, and only that, when the person is erased.
CREATE FUNCTION reparc_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.entry <> OLD.entry OR NEW.version <> OLD.version OR NEW.recorded_at <> OLD.recorded_at
    OR COALESCE((SELECT kind FROM entries WHERE id = OLD.entry), '') <> 'person' THEN
    RAISE EXCEPTION 'entry_versions is append-only: update refused';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entry_versions_no_update BEFORE UPDATE ON entry_versions
  FOR EACH ROW EXECUTE FUNCTION reparc_version_kept();
CREATE TRIGGER entry_versions_no_delete BEFORE DELETE ON entry_versions
  FOR EACH ROW EXECUTE FUNCTION reparc_append_only();
CREATE TRIGGER entry_versions_no_truncate BEFORE TRUNCATE ON entry_versions
  FOR EACH STATEMENT EXECUTE FUNCTION reparc_append_only();
