-- The réformes, so that decisions can be listed: one row a `retire` event that stands. A `propose_retirement` that
-- still waits for its decision has one too (`proposed`).
CREATE TABLE retirements (
  event TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  device TEXT COLLATE "C" NOT NULL,
  book BIGINT NOT NULL,
  org TEXT COLLATE "C" NOT NULL,
  on_day DATE NOT NULL,
  reference TEXT COLLATE "C",
  cause TEXT COLLATE "C" NOT NULL,
  proposed BOOLEAN NOT NULL
);
CREATE INDEX retirements_device ON retirements (device, book);
CREATE INDEX retirements_org ON retirements (org, proposed, on_day, reference, cause);

INSERT INTO retirements (event, device, book, org, on_day, reference, cause, proposed)
SELECT e.id, e.device, CAST(e.payload::jsonb ->> 'book' AS BIGINT), e.payload::jsonb ->> 'org', CAST(e.payload::jsonb ->> 'on' AS DATE),
  e.payload::jsonb #>> '{fields,reference}', COALESCE(e.payload::jsonb #>> '{fields,cause}', 'unknown'), FALSE
FROM events e JOIN devices d ON d.id = e.device
WHERE e.payload LIKE '%"kind":"retire"%' AND (e.payload::jsonb ->> 'kind') = 'retire'
  AND d.withdrawn = FALSE AND d.merged_into IS NULL
  AND NOT EXISTS (SELECT 1 FROM events c WHERE c.device = e.device AND c.payload LIKE '%"kind":"correct"%'
    AND (c.payload::jsonb #>> '{fields,event}') = e.id);

INSERT INTO retirements (event, device, book, org, on_day, reference, cause, proposed)
SELECT e.id, e.device, b.book, b.org, CAST((e.payload::jsonb #>> '{on}') AS DATE), NULL, COALESCE((e.payload::jsonb #>> '{fields,cause}'), 'unknown'), TRUE
FROM events e JOIN books b ON b.device = e.device
WHERE e.payload LIKE '%"kind":"propose_retirement"%' AND (e.payload::jsonb #>> '{kind}') = 'propose_retirement'
  AND b.current = TRUE AND b.withdrawn = FALSE AND b.retired_on IS NULL
  AND b.stage IN ('in_stock', 'in_use', 'in_repair', 'refurbishing') AND b.book = CAST((e.payload::jsonb #>> '{book}') AS BIGINT)
  AND NOT EXISTS (SELECT 1 FROM events c WHERE c.device = e.device AND c.payload LIKE '%"kind":"correct"%'
    AND (c.payload::jsonb #>> '{fields,event}') = e.id)
  AND NOT EXISTS (SELECT 1 FROM events l WHERE l.device = e.device
    AND (l.payload::jsonb #>> '{kind}') IN ('propose_retirement', 'retire', 'reinstate')
    AND ((l.payload::jsonb #>> '{t}') > (e.payload::jsonb #>> '{t}') OR ((l.payload::jsonb #>> '{t}') = (e.payload::jsonb #>> '{t}') AND l.n > e.n)));
