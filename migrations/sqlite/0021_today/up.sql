-- What waits for somebody, few rows each: the first page asks for them at every visit. The queries repeat the
-- conditions word for word, else the indexes are not used.
CREATE INDEX books_due ON books (org, shown, stage) WHERE state LIKE '%"due_on"%';
CREATE INDEX books_proposed ON books (org, shown, stage) WHERE state LIKE '%"proposed_on"%';
CREATE INDEX books_unwiped ON books (org, shown, stage) WHERE data IN ('holds', 'cleared') AND stage IN ('retired', 'oriented');
CREATE INDEX repairs_open ON repairs (org, opened_on) WHERE closed_on IS NULL;
CREATE INDEX exits_unproved ON exits (org, on_day) WHERE proof IS NULL AND given_back_on IS NULL AND kind IN ('sale', 'take_back');
CREATE INDEX exits_left ON exits (org, on_day) WHERE given_back_on IS NULL AND to_org IS NULL;
CREATE INDEX devices_withdrawn ON devices (id) WHERE withdrawn;
CREATE INDEX import_rows_conflict ON import_rows (import) WHERE action = 'conflict';
