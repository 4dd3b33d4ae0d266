DROP INDEX entries_counts;
DROP INDEX retirements_latest;
DROP INDEX wipes_operation;
DROP INDEX wipes_latest;
DROP INDEX exits_operation;
DROP INDEX exits_latest;
DROP INDEX books_past;
