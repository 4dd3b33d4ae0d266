DROP INDEX books_org_counts;
DROP INDEX books_counts;
