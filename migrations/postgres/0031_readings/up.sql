-- Codes that were scanned and could not be written: nothing that was scanned disappears. key: that of the scan, which
-- a device sends again until it is answered. fields: JSON of the event it was to be, as sent.
CREATE TABLE readings (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  actor TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  org TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  at TIMESTAMP NOT NULL,
  act TEXT COLLATE "C" NOT NULL,
  why TEXT COLLATE "C" NOT NULL,
  problem TEXT COLLATE "C",
  detail TEXT COLLATE "C",
  device TEXT COLLATE "C",
  holder TEXT COLLATE "C",
  fields TEXT COLLATE "C" NOT NULL,
  settled TEXT COLLATE "C",
  remark TEXT COLLATE "C",
  recorded_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX readings_key ON readings (actor, key);
CREATE INDEX readings_open ON readings (org, id) WHERE settled IS NULL;
CREATE INDEX readings_holder ON readings (holder) WHERE holder IS NOT NULL;
