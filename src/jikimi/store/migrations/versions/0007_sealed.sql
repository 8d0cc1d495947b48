-- What names a person, and where a body was, lies here only sealed, under keys this database does not hold.

-- A position is sealed under the key of whoever carried the device, or of the device, for the one kind of law it was taken by.
ALTER TABLE carry ADD COLUMN basis text NOT NULL DEFAULT 'provisional'
  CHECK (basis IN ('supervision', 'provisional', 'consent'));
ALTER TABLE fix ADD COLUMN whose uuid, ADD COLUMN sealed bytea;
ALTER TABLE fix ALTER COLUMN lon DROP NOT NULL, ALTER COLUMN lat DROP NOT NULL, ALTER COLUMN sigma_m DROP NOT NULL;
CREATE INDEX fix_whose ON fix (whose, t);

-- Of a message only the ids stay open that it is found by.
ALTER TABLE feed_message ADD COLUMN sealed bytea;
ALTER TABLE alert ADD COLUMN sealed bytea;
ALTER TABLE alert ALTER COLUMN body DROP NOT NULL;

-- Names, numbers and the shapes of places; the columns are empty from now on, and rows of before are sealed at the next start.
ALTER TABLE person ADD COLUMN sealed bytea;
ALTER TABLE person ALTER COLUMN label DROP NOT NULL;
GRANT SELECT (sealed) ON person TO jikimi_people;
ALTER TABLE place ADD COLUMN sealed bytea;
ALTER TABLE place DROP CONSTRAINT place_one_shape, DROP CONSTRAINT place_line_width, DROP CONSTRAINT place_line_told;
ALTER TABLE protective_order ADD COLUMN sealed bytea;
