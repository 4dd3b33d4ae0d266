-- Devices by stage under the usual filters are counted from these alone, without the wide rows of books.
CREATE INDEX books_counts ON books (current, withdrawn, stage, category, data, presence);
CREATE INDEX books_org_counts ON books (org, shown, withdrawn, stage, category, data, presence, current, device, book);
