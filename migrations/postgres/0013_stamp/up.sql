-- What tells a changed catalogue, asked by every request: read from the index alone.
CREATE INDEX entries_stamp ON entries (kind, version, recorded_at);
