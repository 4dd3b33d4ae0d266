-- What finds the device of a row again when nothing on the thing does (host name, place in the file).
CREATE TABLE import_sources (
  org TEXT NOT NULL,
  source TEXT NOT NULL,
  device TEXT NOT NULL,
  PRIMARY KEY (org, source)
);
