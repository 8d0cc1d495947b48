-- What rests on two people goes with the last of them; a measure begun after a destruction is a new one; words about
-- somebody lie sealed.

-- Of which era a measure is, as the keys count them: what belongs to one that was destroyed is not kept, however late it comes.
ALTER TABLE carry ADD COLUMN era integer NOT NULL DEFAULT 1 CHECK (era > 0);

-- When the law ended a person's file; what two people's files rest on waits for the other.
ALTER TABLE person ADD COLUMN closed_at timestamptz;
UPDATE person p SET closed_at = d.destroyed_at FROM destruction d
WHERE d.person = p.id AND d.destroyed_at IS NOT NULL AND 'person' = ANY (d.data);

-- Who recorded what the agency inquired of said; what was kept and for whose sake; and when every detector had forgotten.
ALTER TABLE destruction ADD COLUMN confirmed_by uuid, ADD COLUMN kept jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN forgot_at timestamptz, ADD COLUMN sealed bytea,
  ADD CONSTRAINT destruction_other_confirms CHECK (confirmed_by IS NULL OR confirmed_by <> asked_by);
-- What was kept is destroyed later, under a destruction that is not asked for again.
DROP INDEX destruction_one_open;
CREATE UNIQUE INDEX destruction_one_open ON destruction (person, event) WHERE destroyed_at IS NULL AND carried_out IS NOT FALSE;

-- An agency that has a part in an order of theirs says itself whether it needs the order any more.
CREATE TABLE destruction_yes (
  destruction uuid NOT NULL REFERENCES destruction,
  agency uuid NOT NULL REFERENCES agency,
  -- Whose destruction it is, and which agency asked for it.
  person uuid NOT NULL REFERENCES person,
  asker uuid NOT NULL REFERENCES agency,
  orders uuid[] NOT NULL CHECK (cardinality(orders) > 0),
  agreed boolean,
  at timestamptz,
  by uuid,
  PRIMARY KEY (destruction, agency),
  CHECK (agency <> asker),
  CHECK ((agreed IS NULL) = (by IS NULL) AND (agreed IS NULL) = (at IS NULL))
);
CREATE INDEX destruction_yes_person ON destruction_yes (person);
CREATE INDEX destruction_yes_agency ON destruction_yes (agency);
ALTER TABLE destruction_yes ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON destruction_yes TO jikimi_service USING (true) WITH CHECK (true);
CREATE POLICY either_end ON destruction_yes FOR SELECT TO jikimi_people USING (
  current_agency() IN (agency, asker) AND NOT tied(person));
GRANT SELECT, INSERT, UPDATE ON destruction_yes TO jikimi_service;
GRANT SELECT ON destruction_yes TO jikimi_people;
DROP POLICY keeper ON destruction;
CREATE POLICY keeper_or_asked ON destruction FOR SELECT TO jikimi_people USING (NOT tied(person) AND (
  agency = current_agency()
  OR EXISTS (SELECT FROM destruction_yes y WHERE y.destruction = destruction.id AND y.agency = current_agency())));

-- Why somebody was given access, and what was written to whoever comes: rows of before are sealed at the next start.
ALTER TABLE access_grant ADD COLUMN sealed bytea;
ALTER TABLE agreement ADD COLUMN sealed bytea;
ALTER TABLE handover ADD COLUMN sealed bytea;
