DROP INDEX repairs_id;
