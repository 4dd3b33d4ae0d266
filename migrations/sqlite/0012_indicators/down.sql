DROP INDEX books_org_device;
