-- What the people of a case may ask of us, and what two agencies agree to share.

ALTER TABLE access_grant DROP CONSTRAINT access_grant_kind_check;
ALTER TABLE access_grant ADD CONSTRAINT access_grant_kind_check CHECK (
  kind IN ('standing', 'incident', 'tasking', 'given', 'glass', 'consent', 'agreed'));

-- Proposed by one side's privacy officer, agreed to by the other's; the grant that follows has the agreement's id.
CREATE TABLE agreement (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  other uuid NOT NULL REFERENCES agency,
  -- Of the two whoever does not keep the file.
  recipient uuid NOT NULL REFERENCES agency,
  subject uuid NOT NULL,
  data text[] NOT NULL CHECK (cardinality(data) > 0),
  purpose text NOT NULL,
  article text NOT NULL,
  reason text NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > proposed_at),
  proposed_at timestamptz NOT NULL,
  proposed_by uuid NOT NULL,
  agreed_at timestamptz,
  agreed_by uuid,
  ended_at timestamptz,
  ended_by uuid,
  ended_agency uuid,
  CHECK (agency <> other AND recipient IN (agency, other)),
  CHECK ((agreed_at IS NULL) = (agreed_by IS NULL) AND (agreed_by IS NULL OR agreed_by <> proposed_by)),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX agreement_sides ON agreement (agency, other, proposed_at);

-- What she says on the telephone when she means it, and what she says when somebody stands beside her: hashes alone.
CREATE TABLE safe_word (
  person uuid PRIMARY KEY REFERENCES person,
  agency uuid NOT NULL REFERENCES agency,
  word text NOT NULL,
  duress text NOT NULL,
  kept_at timestamptz NOT NULL,
  kept_by uuid NOT NULL
);

-- She takes back her yes to being monitored: at once where he is known to be far, else after a call-back.
CREATE TABLE withdrawal (
  id uuid PRIMARY KEY,
  person uuid NOT NULL REFERENCES person,
  agency uuid NOT NULL REFERENCES agency,
  rooms uuid[] NOT NULL,
  asked_at timestamptz NOT NULL,
  asked_by uuid NOT NULL,
  call_by timestamptz NOT NULL,
  at_once boolean NOT NULL,
  answered_at timestamptz,
  answered_by uuid,
  -- Whether the word was the safe one; null where she stays. Never read by people: both look alike.
  given boolean,
  CHECK ((answered_at IS NULL) = (answered_by IS NULL) AND (given IS NULL OR answered_at IS NOT NULL))
);
CREATE UNIQUE INDEX withdrawal_one_open ON withdrawal (person) WHERE answered_at IS NULL;
CREATE INDEX withdrawal_asked ON withdrawal (asked_at);

-- A number she had before: no search finds her by it, and whoever is near to her by it stays so.
ALTER TABLE person_mark ADD COLUMN former boolean NOT NULL DEFAULT false;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['agreement', 'safe_word', 'withdrawal'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY service ON %I TO jikimi_service USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
CREATE POLICY either_end ON agreement FOR SELECT TO jikimi_people USING (
  NOT tied(subject) AND current_agency() IN (agency, other));
CREATE POLICY keeper_or_room ON withdrawal FOR SELECT TO jikimi_people USING (
  NOT tied(person) AND (agency = current_agency() OR current_agency() = ANY (rooms)));
GRANT SELECT, INSERT, UPDATE ON agreement, withdrawal TO jikimi_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON safe_word TO jikimi_service;
GRANT SELECT ON agreement TO jikimi_people;
GRANT SELECT (id, person, agency, rooms, asked_at, asked_by, call_by, at_once, answered_at, answered_by) ON withdrawal
  TO jikimi_people;

-- Whoever is tied to a case learns nothing of it by a detour: not who looked at it, nor what is worn, planned or told in it.
CREATE FUNCTION tied_ids() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN NOT EXISTS (SELECT FROM staff_tie WHERE account = current_account()) THEN '{}'::text[] ELSE ARRAY(
    WITH whom AS (SELECT t.person AS id FROM staff_tie t WHERE t.account = current_account()),
    orders AS (SELECT o.id FROM protective_order o
      WHERE o.offender IN (SELECT id FROM whom) OR o.victim IN (SELECT id FROM whom)),
    incidents AS (SELECT i.id, i.pair FROM incident i
      WHERE i.offender IN (SELECT id FROM whom) OR i.victim IN (SELECT id FROM whom)
        OR i."order" IN (SELECT id FROM orders)),
    pairs AS (SELECT pair AS id FROM incidents UNION
      SELECT s.pair FROM standing_plan s WHERE s.body->>'order' IN (SELECT id::text FROM orders)),
    alerts AS (SELECT a.id FROM alert a
      WHERE a.incident IN (SELECT id FROM incidents) OR a.pair IN (SELECT id FROM pairs))
    SELECT id::text FROM (
      SELECT id FROM whom UNION ALL SELECT id FROM orders UNION ALL SELECT id FROM incidents UNION ALL SELECT id FROM pairs
      UNION ALL SELECT id FROM alerts
      UNION ALL SELECT t.id FROM tasking t WHERE t.incident IN (SELECT id FROM incidents)
      UNION ALL SELECT c.device FROM carry c WHERE c.person IN (SELECT id FROM whom)
      UNION ALL SELECT g.id FROM access_grant g WHERE g.subject IN (SELECT id FROM whom)
      UNION ALL SELECT a.id FROM agreement a WHERE a.subject IN (SELECT id FROM whom)
      UNION ALL SELECT c.id FROM consent c WHERE c.person IN (SELECT id FROM whom)
      UNION ALL SELECT w.id FROM withdrawal w WHERE w.person IN (SELECT id FROM whom)
      UNION ALL SELECT d.id FROM destruction d WHERE d.person IN (SELECT id FROM whom)) AS found) END $$;
REVOKE EXECUTE ON FUNCTION tied_ids() FROM public;
GRANT EXECUTE ON FUNCTION tied_ids() TO jikimi_people;

-- Asked once a statement, not once a row.
DROP POLICY own_staff_or_file ON access_register;
CREATE POLICY own_staff_or_file ON access_register FOR SELECT TO jikimi_people USING (
  reviewing() AND NOT ARRAY[subject] && (SELECT tied_ids()) AND (agency = current_agency() OR EXISTS (
    SELECT FROM person p WHERE p.id::text = access_register.subject AND p.agency = current_agency())));
DROP POLICY own ON carry;
CREATE POLICY own ON carry FOR SELECT TO jikimi_people USING (agency = current_agency() AND NOT tied(person));
DROP POLICY own ON device;
CREATE POLICY own ON device FOR SELECT TO jikimi_people USING (
  agency = current_agency() AND NOT ARRAY[id::text] && (SELECT tied_ids()));
DROP POLICY either_side ON standing_plan;
CREATE POLICY either_side ON standing_plan FOR SELECT TO jikimi_people USING (
  current_agency() IN (police_agency, monitoring_agency)
  AND NOT ARRAY[pair::text, body->>'order'] && (SELECT tied_ids()));
DROP POLICY either_side ON alert;
CREATE POLICY either_side ON alert FOR SELECT TO jikimi_people USING (
  current_agency() IN (police_agency, monitoring_agency)
  AND NOT ARRAY[id::text, incident::text, pair::text] && (SELECT tied_ids())
  AND (incident IS NULL OR EXISTS (SELECT FROM incident i WHERE i.id = alert.incident)));
DROP POLICY own ON feed_message;
CREATE POLICY own ON feed_message FOR SELECT TO jikimi_people USING (
  agency = current_agency() AND NOT ARRAY[incident::text, body->>'person', body->>'subject', body->>'order',
    body->>'tasking'] && (SELECT tied_ids()));
