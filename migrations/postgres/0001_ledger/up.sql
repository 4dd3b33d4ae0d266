-- The ledger: devices, their chained events, what is personal of them, the outbox, and the projections.
CREATE TABLE devices (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  tag TEXT COLLATE "C" NOT NULL,
  tag_fold TEXT COLLATE "C" NOT NULL UNIQUE,
  org TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  head_n BIGINT NOT NULL,
  head_hash TEXT COLLATE "C" NOT NULL,
  merged_into TEXT COLLATE "C",
  withdrawn BOOLEAN NOT NULL DEFAULT FALSE,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX devices_merged ON devices (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE events (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  device TEXT COLLATE "C" NOT NULL REFERENCES devices (id),
  n BIGINT NOT NULL,
  payload TEXT COLLATE "C" NOT NULL,
  prev_hash TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL,
  UNIQUE (device, n)
);

CREATE TABLE event_private (
  event TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  salt TEXT COLLATE "C" NOT NULL,
  payload TEXT COLLATE "C" NOT NULL
);

CREATE TABLE erasures (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  event TEXT COLLATE "C",
  person TEXT COLLATE "C",
  at TIMESTAMP NOT NULL,
  reason TEXT COLLATE "C" NOT NULL
);
CREATE INDEX erasures_event ON erasures (event) WHERE event IS NOT NULL;

CREATE TABLE ledger_checkpoints (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  date TIMESTAMP NOT NULL,
  devices BIGINT NOT NULL,
  events BIGINT NOT NULL,
  root TEXT COLLATE "C" NOT NULL
);

CREATE TABLE outbox (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  event TEXT COLLATE "C",
  entry TEXT COLLATE "C",
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
  device TEXT COLLATE "C" NOT NULL,
  book BIGINT NOT NULL,
  org TEXT COLLATE "C" NOT NULL,
  current BOOLEAN NOT NULL,
  shown BOOLEAN NOT NULL,
  withdrawn BOOLEAN NOT NULL,
  tag TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C",
  category TEXT COLLATE "C",
  manufacturer TEXT COLLATE "C",
  model TEXT COLLATE "C",
  serial TEXT COLLATE "C",
  stage TEXT COLLATE "C" NOT NULL,
  data TEXT COLLATE "C" NOT NULL,
  presence TEXT COLLATE "C" NOT NULL,
  retired_on DATE,
  site TEXT COLLATE "C",
  holder TEXT COLLATE "C",
  service TEXT COLLATE "C",
  tenure TEXT COLLATE "C" NOT NULL,
  part_of TEXT COLLATE "C",
  acquired_on DATE,
  exit_kind TEXT COLLATE "C",
  gone_on DATE,
  updated_at TIMESTAMP NOT NULL,
  from_n BIGINT NOT NULL,
  to_n BIGINT,
  state TEXT COLLATE "C" NOT NULL,
  facts TEXT COLLATE "C" NOT NULL,
  terms TEXT COLLATE "C" NOT NULL,
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
  device TEXT COLLATE "C" NOT NULL,
  book BIGINT NOT NULL,
  org TEXT COLLATE "C" NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  stage TEXT COLLATE "C" NOT NULL,
  data TEXT COLLATE "C" NOT NULL,
  presence TEXT COLLATE "C" NOT NULL,
  retired_on DATE,
  retired BOOLEAN NOT NULL,
  site TEXT COLLATE "C",
  service TEXT COLLATE "C",
  holder TEXT COLLATE "C",
  tenure TEXT COLLATE "C" NOT NULL,
  part_of TEXT COLLATE "C",
  PRIMARY KEY (device, book, valid_from)
);

CREATE TABLE codes (
  device TEXT COLLATE "C" NOT NULL,
  org TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  fold TEXT COLLATE "C" NOT NULL,
  unique_key TEXT COLLATE "C",
  PRIMARY KEY (device, kind, fold)
);
CREATE INDEX codes_fold ON codes (fold, org, kind, value);
CREATE UNIQUE INDEX codes_unique ON codes (org, unique_key) WHERE unique_key IS NOT NULL;

-- Folded words by which `q` finds a device; the words of one device are kept in books.terms as well.
CREATE TABLE terms (
  term TEXT COLLATE "C" NOT NULL,
  device TEXT COLLATE "C" NOT NULL,
  org TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (term, device, org)
);

CREATE TABLE exits (
  event TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  device TEXT COLLATE "C" NOT NULL,
  book BIGINT NOT NULL,
  org TEXT COLLATE "C" NOT NULL,
  exit TEXT COLLATE "C",
  kind TEXT COLLATE "C" NOT NULL,
  on_day DATE NOT NULL,
  partner TEXT COLLATE "C",
  to_org TEXT COLLATE "C",
  given_back_on DATE,
  commitment_on DATE,
  proof TEXT COLLATE "C",
  proved_on DATE,
  treatment TEXT COLLATE "C",
  mass_g BIGINT,
  unit_value_cents BIGINT,
  data TEXT COLLATE "C" NOT NULL,
  overridden BOOLEAN NOT NULL
);
CREATE INDEX exits_device ON exits (device, book);
CREATE INDEX exits_org ON exits (org, on_day);
CREATE INDEX exits_exit ON exits (exit) WHERE exit IS NOT NULL;
CREATE INDEX exits_partner ON exits (partner) WHERE partner IS NOT NULL;

CREATE TABLE repairs (
  id TEXT COLLATE "C" NOT NULL,
  device TEXT COLLATE "C" NOT NULL,
  book BIGINT NOT NULL,
  org TEXT COLLATE "C" NOT NULL,
  opened_on DATE NOT NULL,
  sent_on DATE,
  closed_on DATE,
  outcome TEXT COLLATE "C",
  provider TEXT COLLATE "C",
  cost_cents BIGINT,
  PRIMARY KEY (device, id)
);
CREATE INDEX repairs_device ON repairs (device, book);
CREATE INDEX repairs_org ON repairs (org, opened_on);

CREATE TABLE wipes (
  event TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  device TEXT COLLATE "C" NOT NULL,
  book BIGINT NOT NULL,
  org TEXT COLLATE "C" NOT NULL,
  wipe TEXT COLLATE "C",
  on_day DATE NOT NULL,
  medium TEXT COLLATE "C",
  method TEXT COLLATE "C" NOT NULL,
  technique TEXT COLLATE "C",
  tool TEXT COLLATE "C",
  verified BOOLEAN NOT NULL,
  evidence TEXT COLLATE "C"
);
CREATE INDEX wipes_device ON wipes (device, book);
CREATE INDEX wipes_org ON wipes (org, on_day);
CREATE INDEX wipes_wipe ON wipes (wipe) WHERE wipe IS NOT NULL;

-- Append-only: no update, no delete, no truncate; ON CONFLICT DO UPDATE is an update.
CREATE FUNCTION reparc_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, lower(TG_OP);
END $$;
CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE ON events
  FOR EACH ROW EXECUTE FUNCTION reparc_append_only();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION reparc_append_only();
