DROP INDEX import_rows_conflict;
DROP INDEX devices_withdrawn;
DROP INDEX exits_left;
DROP INDEX exits_unproved;
DROP INDEX repairs_open;
DROP INDEX books_unwiped;
DROP INDEX books_proposed;
DROP INDEX books_due;
