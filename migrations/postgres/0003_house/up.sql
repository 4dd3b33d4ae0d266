-- Accounts, tokens, the audit log, idempotency keys, imports, leases.
CREATE TABLE accounts (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  password TEXT COLLATE "C",
  role TEXT COLLATE "C" NOT NULL,
  org TEXT COLLATE "C",
  created_at TIMESTAMP NOT NULL,
  disabled_at TIMESTAMP
);

-- hash: SHA-256 (hex) of the token; the token itself is shown once and kept nowhere.
CREATE TABLE tokens (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL UNIQUE,
  role TEXT COLLATE "C" NOT NULL,
  org TEXT COLLATE "C",
  created_by TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP,
  revoked_at TIMESTAMP,
  last_used_at TIMESTAMP
);
CREATE INDEX tokens_name ON tokens (name);

CREATE TABLE audit (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  at TIMESTAMP NOT NULL,
  actor TEXT COLLATE "C" NOT NULL,
  org TEXT COLLATE "C",
  action TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C",
  detail TEXT COLLATE "C" NOT NULL
);

-- status is null while the first request is under way.
CREATE TABLE idempotency (
  actor TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  fingerprint TEXT COLLATE "C" NOT NULL,
  status BIGINT,
  body TEXT COLLATE "C",
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

CREATE TABLE event_keys (
  actor TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  event TEXT COLLATE "C" NOT NULL,
  fingerprint TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (actor, key)
);

CREATE TABLE imports (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  org TEXT COLLATE "C" NOT NULL,
  actor TEXT COLLATE "C" NOT NULL,
  profile TEXT COLLATE "C" NOT NULL,
  filename TEXT COLLATE "C",
  dry_run BOOLEAN NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  report TEXT COLLATE "C" NOT NULL
);
CREATE INDEX imports_state ON imports (state);

CREATE TABLE import_rows (
  import TEXT COLLATE "C" NOT NULL,
  line BIGINT NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  device TEXT COLLATE "C",
  detail TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (import, line)
);

CREATE TABLE leases (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  owner TEXT COLLATE "C" NOT NULL,
  until TIMESTAMP NOT NULL
);
