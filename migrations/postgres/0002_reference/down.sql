DROP TABLE organisations;
DROP TABLE entry_versions;
DROP TABLE entries;
DROP FUNCTION reparc_version_kept();
