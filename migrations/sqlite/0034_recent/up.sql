-- The list of devices in its two orders, by tag and by what was written last, whoever owns them. The filters of the page
-- stand in the indexes, so that rows that do not match are passed over without being read.
DROP INDEX books_tag;
CREATE INDEX books_tag ON books (shown, tag, withdrawn, stage, category, data, presence, org, current);
CREATE INDEX books_recent ON books (shown, updated_at, device, withdrawn, stage, category, data, presence, org, current);
