DROP TABLE leases;
DROP TABLE import_rows;
DROP TABLE imports;
DROP TABLE event_keys;
DROP TABLE idempotency;
DROP TABLE audit;
DROP TABLE tokens;
DROP TABLE accounts;
