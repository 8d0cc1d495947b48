-- A session that was opened elsewhere is ended elsewhere; access that a person ended is not given again unseen; what was changed
-- of a person, and who was to be told, is kept.

-- Who vouched, for whom, and by which session of theirs; empty where a password opened it.
ALTER TABLE session ADD COLUMN issuer text, ADD COLUMN subject text, ADD COLUMN sid text,
  ADD CONSTRAINT session_vouched CHECK ((issuer IS NULL) = (subject IS NULL) AND (sid IS NULL OR issuer IS NOT NULL));
CREATE INDEX session_vouched_for ON session (issuer, subject) WHERE issuer IS NOT NULL AND ended_at IS NULL;

-- What a provider said once is not listened to again: of each word only the digest, for as long as it could be repeated.
CREATE TABLE sign_out_word (
  digest bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_out_word_expires ON sign_out_word (expires_at);
ALTER TABLE sign_out_word ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON sign_out_word TO jikimi_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON sign_out_word TO jikimi_service;

-- What of a person changed, by name, and the agencies that were to be told; never a value.
CREATE TABLE person_change (
  id uuid PRIMARY KEY,
  person uuid NOT NULL REFERENCES person,
  agency uuid NOT NULL REFERENCES agency,
  at timestamptz NOT NULL,
  by uuid NOT NULL,
  what text[] NOT NULL CHECK (cardinality(what) > 0),
  rooms uuid[] NOT NULL
);
CREATE INDEX person_change_person ON person_change (person, at);
ALTER TABLE person_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON person_change TO jikimi_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON person_change TO jikimi_service;
CREATE INDEX access_register_subject ON access_register (subject, at) WHERE subject <> '';

-- A standing plan is shown to a side for as long as that side may know of its order's parties.
DROP POLICY either_side ON standing_plan;
CREATE POLICY side_that_may_know ON standing_plan FOR SELECT TO jikimi_people USING (
  current_agency() IN (police_agency, monitoring_agency)
  AND NOT ARRAY[pair::text, body->>'order'] && (SELECT tied_ids())
  AND EXISTS (SELECT FROM access_grant g WHERE g."order" = CAST(standing_plan.body->>'order' AS uuid)
    AND g.agency = current_agency() AND g.kind = 'standing' AND g.ended_at IS NULL AND g.starts_at <= current_moment()
    AND (g.ends_at IS NULL OR g.ends_at > current_moment())));

CREATE INDEX access_grant_ended_by ON access_grant (subject, agency) WHERE ended_by IS NOT NULL;
