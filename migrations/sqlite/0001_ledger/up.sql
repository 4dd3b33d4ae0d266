-- The ledger: devices, their chained events, what is personal of them, the outbox, and the projections.
CREATE TABLE devices (
  id TEXT NOT NULL PRIMARY KEY,
  tag TEXT NOT NULL,
  tag_fold TEXT NOT NULL UNIQUE,
  org TEXT NOT NULL,
  version BIGINT NOT NULL,
  head_n BIGINT NOT NULL,
  head_hash TEXT NOT NULL,
  merged_into TEXT,
  withdrawn BOOLEAN NOT NULL DEFAULT FALSE,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX devices_merged ON devices (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE events (
  id TEXT NOT NULL PRIMARY KEY,
  device TEXT NOT NULL REFERENCES devices (id),
  n BIGINT NOT NULL,
  payload TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (device, n)
);

CREATE TABLE event_private (
  event TEXT NOT NULL PRIMARY KEY,
  salt TEXT NOT NULL,
  payload TEXT NOT NULL
);

CREATE TABLE erasures (
  id TEXT NOT NULL PRIMARY KEY,
  event TEXT,
  person TEXT,
  at TIMESTAMP NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX erasures_event ON erasures (event) WHERE event IS NOT NULL;

CREATE TABLE ledger_checkpoints (
  id TEXT NOT NULL PRIMARY KEY,
  date TIMESTAMP NOT NULL,
  devices BIGINT NOT NULL,
  events BIGINT NOT NULL,
  root TEXT NOT NULL
);

CREATE TABLE outbox (
  id TEXT NOT NULL PRIMARY KEY,
  event TEXT,
  entry TEXT,
  entry_version BIGINT,
  seq BIGINT UNIQUE,
  numbered_at TIMESTAMP
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE seq IS NULL;
CREATE UNIQUE INDEX outbox_event ON outbox (event) WHERE event IS NOT NULL;
CREATE INDEX outbox_entry ON outbox (entry, entry_version) WHERE entry IS NOT NULL;
CREATE INDEX outbox_numbered ON outbox (numbered_at);

-- Now, and each closed interval of ownership. `shown`: the last interval of that organisation, what its readers see.
CREATE TABLE books (
  device TEXT NOT NULL,
  book BIGINT NOT NULL,
  org TEXT NOT NULL,
  current BOOLEAN NOT NULL,
  shown BOOLEAN NOT NULL,
  withdrawn BOOLEAN NOT NULL,
  tag TEXT NOT NULL,
  name TEXT,
  category TEXT,
  manufacturer TEXT,
  model TEXT,
  serial TEXT,
  stage TEXT NOT NULL,
  data TEXT NOT NULL,
  presence TEXT NOT NULL,
  retired_on DATE,
  site TEXT,
  holder TEXT,
  service TEXT,
  tenure TEXT NOT NULL,
  part_of TEXT,
  acquired_on DATE,
  exit_kind TEXT,
  gone_on DATE,
  updated_at TIMESTAMP NOT NULL,
  from_n BIGINT NOT NULL,
  to_n BIGINT,
  state TEXT NOT NULL,
  facts TEXT NOT NULL,
  terms TEXT NOT NULL,
  PRIMARY KEY (device, book)
);
CREATE INDEX books_org_tag ON books (org, shown, tag, withdrawn);
CREATE INDEX books_tag ON books (current, tag, withdrawn);
CREATE INDEX books_org_stage ON books (org, shown, stage, tag);
CREATE INDEX books_org_category ON books (org, shown, category, tag);
CREATE INDEX books_org_updated ON books (org, shown, updated_at, device);
CREATE INDEX books_model ON books (model, shown, tag) WHERE model IS NOT NULL;
CREATE INDEX books_site ON books (site, shown, tag) WHERE site IS NOT NULL;
CREATE INDEX books_holder ON books (holder, shown, tag) WHERE holder IS NOT NULL;
CREATE INDEX books_part_of ON books (part_of) WHERE part_of IS NOT NULL;

-- One row per state, half-open [valid_from, valid_to): `as_of` is one range predicate.
CREATE TABLE spells (
  device TEXT NOT NULL,
  book BIGINT NOT NULL,
  org TEXT NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  stage TEXT NOT NULL,
  data TEXT NOT NULL,
  presence TEXT NOT NULL,
  retired_on DATE,
  retired BOOLEAN NOT NULL,
  site TEXT,
  service TEXT,
  holder TEXT,
  tenure TEXT NOT NULL,
  part_of TEXT,
  PRIMARY KEY (device, book, valid_from)
) WITHOUT ROWID;

CREATE TABLE codes (
  device TEXT NOT NULL,
  org TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  fold TEXT NOT NULL,
  unique_key TEXT,
  PRIMARY KEY (device, kind, fold)
) WITHOUT ROWID;
CREATE INDEX codes_fold ON codes (fold, org, kind, value);
CREATE UNIQUE INDEX codes_unique ON codes (org, unique_key) WHERE unique_key IS NOT NULL;

-- Folded words by which `q` finds a device; the words of one device are kept in books.terms as well.
CREATE TABLE terms (
  term TEXT NOT NULL,
  device TEXT NOT NULL,
  org TEXT NOT NULL,
  PRIMARY KEY (term, device, org)
) WITHOUT ROWID;

CREATE TABLE exits (
  event TEXT NOT NULL PRIMARY KEY,
  device TEXT NOT NULL,
  book BIGINT NOT NULL,
  org TEXT NOT NULL,
  exit TEXT,
  kind TEXT NOT NULL,
  on_day DATE NOT NULL,
  partner TEXT,
  to_org TEXT,
  given_back_on DATE,
  commitment_on DATE,
  proof TEXT,
  proved_on DATE,
  treatment TEXT,
  mass_g BIGINT,
  unit_value_cents BIGINT,
  data TEXT NOT NULL,
  overridden BOOLEAN NOT NULL
);
CREATE INDEX exits_device ON exits (device, book);
CREATE INDEX exits_org ON exits (org, on_day);
CREATE INDEX exits_exit ON exits (exit) WHERE exit IS NOT NULL;
CREATE INDEX exits_partner ON exits (partner) WHERE partner IS NOT NULL;

CREATE TABLE repairs (
  id TEXT NOT NULL,
  device TEXT NOT NULL,
  book BIGINT NOT NULL,
  org TEXT NOT NULL,
  opened_on DATE NOT NULL,
  sent_on DATE,
  closed_on DATE,
  outcome TEXT,
  provider TEXT,
  cost_cents BIGINT,
  PRIMARY KEY (device, id)
);
CREATE INDEX repairs_device ON repairs (device, book);
CREATE INDEX repairs_org ON repairs (org, opened_on);

CREATE TABLE wipes (
  event TEXT NOT NULL PRIMARY KEY,
  device TEXT NOT NULL,
  book BIGINT NOT NULL,
  org TEXT NOT NULL,
  wipe TEXT,
  on_day DATE NOT NULL,
  medium TEXT,
  method TEXT NOT NULL,
  technique TEXT,
  tool TEXT,
  verified BOOLEAN NOT NULL,
  evidence TEXT
);
CREATE INDEX wipes_device ON wipes (device, book);
CREATE INDEX wipes_org ON wipes (org, on_day);
CREATE INDEX wipes_wipe ON wipes (wipe) WHERE wipe IS NOT NULL;

-- Append-only. INSERT OR REPLACE passes by the delete trigger, so an insert over an existing row is refused as well.
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only: update refused'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only: delete refused'); END;
CREATE TRIGGER events_no_replace BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM events WHERE device = NEW.device AND n = NEW.n)
  OR EXISTS (SELECT 1 FROM events WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'events are append-only: insert over an existing event refused'); END;
