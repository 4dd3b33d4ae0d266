-- Purchases by the day of their order, the latest first; how many devices came in by each, told by the index alone.
CREATE INDEX entries_ordered ON entries (kind, COALESCE(json_extract(payload, '$.ordered_on'), ''), id);
CREATE INDEX books_purchase ON books (substr(json_extract(state, '$.described.line'), 1, 36), stage, device);
