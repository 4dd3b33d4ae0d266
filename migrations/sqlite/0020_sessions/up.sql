-- Browser sessions. id: SHA-256 (hex) of the secret in the cookie, which is kept nowhere.
CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  seen_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Failed sign-ins by name and by address (both hashed): the pause that follows too many.
CREATE TABLE throttles (
  id TEXT NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  until TIMESTAMP NOT NULL
);

-- The one-time link of the first account. id: SHA-256 (hex) of the code.
CREATE TABLE setup_codes (
  id TEXT NOT NULL PRIMARY KEY,
  expires_at TIMESTAMP NOT NULL
);

-- Lists that somebody keeps under a name.
CREATE TABLE views (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  page TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  UNIQUE (account, page, name)
);

-- totp: the second factor's secret, base32; totp_step: the last step used, so that a code serves once.
ALTER TABLE accounts ADD COLUMN totp TEXT;
ALTER TABLE accounts ADD COLUMN totp_step BIGINT;
ALTER TABLE accounts ADD COLUMN language TEXT;
ALTER TABLE accounts ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE;
