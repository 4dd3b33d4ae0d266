DROP INDEX books_purchase;
DROP INDEX entries_ordered;
