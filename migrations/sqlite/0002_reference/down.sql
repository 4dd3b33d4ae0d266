DROP TABLE organisations;
DROP TABLE entry_versions;
DROP TABLE entries;
