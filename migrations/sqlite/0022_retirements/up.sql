-- The réformes, so that decisions can be listed: one row a `retire` event that stands. A `propose_retirement` that
-- still waits for its decision has one too (`proposed`).
CREATE TABLE retirements (
  event TEXT NOT NULL PRIMARY KEY,
  device TEXT NOT NULL,
  book BIGINT NOT NULL,
  org TEXT NOT NULL,
  on_day DATE NOT NULL,
  reference TEXT,
  cause TEXT NOT NULL,
  proposed BOOLEAN NOT NULL
);
CREATE INDEX retirements_device ON retirements (device, book);
CREATE INDEX retirements_org ON retirements (org, proposed, on_day, reference, cause);

INSERT INTO retirements (event, device, book, org, on_day, reference, cause, proposed)
SELECT e.id, e.device, json_extract(e.payload, '$.book'), json_extract(e.payload, '$.org'), json_extract(e.payload, '$.on'),
  json_extract(e.payload, '$.fields.reference'), COALESCE(json_extract(e.payload, '$.fields.cause'), 'unknown'), FALSE
FROM events e JOIN devices d ON d.id = e.device
WHERE e.payload LIKE '%"kind":"retire"%' AND json_extract(e.payload, '$.kind') = 'retire'
  AND d.withdrawn = FALSE AND d.merged_into IS NULL
  AND NOT EXISTS (SELECT 1 FROM events c WHERE c.device = e.device AND c.payload LIKE '%"kind":"correct"%'
    AND json_extract(c.payload, '$.fields.event') = e.id);

INSERT INTO retirements (event, device, book, org, on_day, reference, cause, proposed)
SELECT e.id, e.device, b.book, b.org, json_extract(e.payload, '$.on'), NULL, COALESCE(json_extract(e.payload, '$.fields.cause'), 'unknown'), TRUE
FROM events e JOIN books b ON b.device = e.device
WHERE e.payload LIKE '%"kind":"propose_retirement"%' AND json_extract(e.payload, '$.kind') = 'propose_retirement'
  AND b.current = TRUE AND b.withdrawn = FALSE AND b.retired_on IS NULL
  AND b.stage IN ('in_stock', 'in_use', 'in_repair', 'refurbishing') AND b.book = json_extract(e.payload, '$.book')
  AND NOT EXISTS (SELECT 1 FROM events c WHERE c.device = e.device AND c.payload LIKE '%"kind":"correct"%'
    AND json_extract(c.payload, '$.fields.event') = e.id)
  AND NOT EXISTS (SELECT 1 FROM events l WHERE l.device = e.device
    AND json_extract(l.payload, '$.kind') IN ('propose_retirement', 'retire', 'reinstate')
    AND (json_extract(l.payload, '$.t') > json_extract(e.payload, '$.t') OR (json_extract(l.payload, '$.t') = json_extract(e.payload, '$.t') AND l.n > e.n)));
