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
-- Why a unit was chosen says how far it was from her.
ALTER TABLE tasking ADD COLUMN sealed bytea;

-- Names, numbers and the shapes of places; the columns are empty from now on, and rows of before are sealed at the next start.
ALTER TABLE person ADD COLUMN sealed bytea;
ALTER TABLE person ALTER COLUMN label DROP NOT NULL;
GRANT SELECT (sealed) ON person TO jikimi_people;
ALTER TABLE staff_mark ADD COLUMN sealed bytea;
ALTER TABLE place ADD COLUMN sealed bytea;
ALTER TABLE place DROP CONSTRAINT place_one_shape, DROP CONSTRAINT place_line_width, DROP CONSTRAINT place_line_told;
ALTER TABLE protective_order ADD COLUMN sealed bytea;

-- What is to be destroyed, by which event of law: asked, another agency inquired of, perhaps held as evidence, decided by
-- somebody else, done, and certified once the log has passed over it.
CREATE TABLE destruction (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  person uuid NOT NULL REFERENCES person,
  event text NOT NULL,
  article text NOT NULL,
  data text[] NOT NULL CHECK (cardinality(data) > 0),
  asked_at timestamptz NOT NULL,
  asked_by uuid NOT NULL,
  inquiry boolean NOT NULL,
  confirmed boolean,
  confirmed_at timestamptz,
  held_until timestamptz,
  held_article text,
  held_by uuid,
  decided_at timestamptz,
  decided_by uuid,
  carried_out boolean,
  destroyed_at timestamptz,
  keys bigint,
  -- Where each stream of the log stood when the keys were destroyed.
  log jsonb,
  certified_at timestamptz,
  CHECK (decided_by IS NULL OR decided_by <> asked_by),
  CHECK ((decided_at IS NULL) = (carried_out IS NULL)),
  CHECK (destroyed_at IS NULL OR carried_out)
);
CREATE INDEX destruction_agency ON destruction (agency, asked_at);
CREATE UNIQUE INDEX destruction_one_open ON destruction (person, event) WHERE certified_at IS NULL AND carried_out IS NOT FALSE;
ALTER TABLE destruction ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON destruction TO jikimi_service USING (true) WITH CHECK (true);
CREATE POLICY keeper ON destruction FOR SELECT TO jikimi_people USING (agency = current_agency() AND NOT tied(person));
GRANT SELECT, INSERT, UPDATE ON destruction TO jikimi_service;
GRANT SELECT ON destruction TO jikimi_people;
