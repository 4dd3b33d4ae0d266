DROP INDEX entries_stamp;
