-- Files kept with a device or an operation. kind and subject: what it is about (device, wipe, exit, repair, purchase,
-- and its id); org: in whose books; person: the one person it is about, when it is personal. retained_until: the last
-- day its bytes are kept. gone: why the bytes are not here any more (expired, erased); row and hash stay.
CREATE TABLE attachments (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  org TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  person TEXT COLLATE "C",
  filename TEXT COLLATE "C" NOT NULL,
  media TEXT COLLATE "C" NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  retained_until DATE,
  gone TEXT COLLATE "C",
  gone_at TIMESTAMP
);
CREATE INDEX attachments_subject ON attachments (kind, subject, id);
CREATE INDEX attachments_person ON attachments (person);
CREATE INDEX attachments_sha256 ON attachments (sha256, org);
CREATE INDEX attachments_retained ON attachments (retained_until);

-- The bytes, in pieces: a backup and a download hold one at a time in memory.
CREATE TABLE attachment_parts (
  attachment TEXT COLLATE "C" NOT NULL,
  part BIGINT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (attachment, part)
);
