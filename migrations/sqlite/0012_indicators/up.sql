-- The books of one organisation in the order of the devices: how the indicators read them, page by page.
CREATE INDEX books_org_device ON books (org, device, book);
