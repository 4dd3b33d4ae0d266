DROP INDEX books_recent;
DROP INDEX books_tag;
CREATE INDEX books_tag ON books (current, tag, withdrawn);
