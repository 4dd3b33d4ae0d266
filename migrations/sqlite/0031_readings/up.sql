-- Codes that were scanned and could not be written: nothing that was scanned disappears. key: that of the scan, which
-- a device sends again until it is answered. fields: JSON of the event it was to be, as sent.
CREATE TABLE readings (
  id TEXT NOT NULL PRIMARY KEY,
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  org TEXT NOT NULL,
  code TEXT NOT NULL,
  at TIMESTAMP NOT NULL,
  act TEXT NOT NULL,
  why TEXT NOT NULL,
  problem TEXT,
  detail TEXT,
  device TEXT,
  holder TEXT,
  fields TEXT NOT NULL,
  settled TEXT,
  remark TEXT,
  recorded_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX readings_key ON readings (actor, key);
CREATE INDEX readings_open ON readings (org, id) WHERE settled IS NULL;
CREATE INDEX readings_holder ON readings (holder) WHERE holder IS NOT NULL;
