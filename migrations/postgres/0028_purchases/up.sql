-- Purchases by the day of their order, the latest first; the devices that came in by a purchase.
CREATE INDEX entries_ordered ON entries (COALESCE(payload::jsonb ->> 'ordered_on', ''), id) WHERE kind = 'purchase';
CREATE INDEX books_purchase ON books (substr(state::jsonb #>> '{described,line}', 1, 36)) WHERE state LIKE '%"line":"%';
