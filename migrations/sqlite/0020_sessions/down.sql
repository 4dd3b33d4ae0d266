DROP TABLE sessions;
DROP TABLE throttles;
DROP TABLE setup_codes;
DROP TABLE views;
ALTER TABLE accounts DROP COLUMN totp;
ALTER TABLE accounts DROP COLUMN totp_step;
ALTER TABLE accounts DROP COLUMN language;
ALTER TABLE accounts DROP COLUMN must_change;
