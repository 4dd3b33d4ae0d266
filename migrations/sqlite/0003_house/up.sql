-- Accounts, tokens, the audit log, idempotency keys, imports, leases.
CREATE TABLE accounts (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  password TEXT,
  role TEXT NOT NULL,
  org TEXT,
  created_at TIMESTAMP NOT NULL,
  disabled_at TIMESTAMP
);

-- hash: SHA-256 (hex) of the token; the token itself is shown once and kept nowhere.
CREATE TABLE tokens (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  org TEXT,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP,
  revoked_at TIMESTAMP,
  last_used_at TIMESTAMP
);
CREATE INDEX tokens_name ON tokens (name);

CREATE TABLE audit (
  id TEXT NOT NULL PRIMARY KEY,
  at TIMESTAMP NOT NULL,
  actor TEXT NOT NULL,
  org TEXT,
  action TEXT NOT NULL,
  subject TEXT,
  detail TEXT NOT NULL
);

-- status is null while the first request is under way.
CREATE TABLE idempotency (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status BIGINT,
  body TEXT,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

CREATE TABLE event_keys (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  event TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  PRIMARY KEY (actor, key)
) WITHOUT ROWID;

CREATE TABLE imports (
  id TEXT NOT NULL PRIMARY KEY,
  org TEXT NOT NULL,
  actor TEXT NOT NULL,
  profile TEXT NOT NULL,
  filename TEXT,
  dry_run BOOLEAN NOT NULL,
  state TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  report TEXT NOT NULL
);
CREATE INDEX imports_state ON imports (state);

CREATE TABLE import_rows (
  import TEXT NOT NULL,
  line BIGINT NOT NULL,
  action TEXT NOT NULL,
  device TEXT,
  detail TEXT NOT NULL,
  PRIMARY KEY (import, line)
) WITHOUT ROWID;

CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  until TIMESTAMP NOT NULL
);
