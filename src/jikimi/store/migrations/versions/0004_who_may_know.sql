-- Who may know: grants with their purpose, article and end; staff who are parties see nothing of their own case.
-- People's sessions carry app.agency and app.account.

ALTER TABLE account DROP CONSTRAINT account_role_check;
ALTER TABLE account ADD CONSTRAINT account_role_check CHECK (
  role IN ('registrar', 'dispatcher', 'monitor', 'police_officer', 'probation_officer', 'reviewer'));

CREATE FUNCTION current_account() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('app.account', true), '')::uuid $$;

-- An exercise has its own time; people's sessions carry it where it is not the machine's.
CREATE FUNCTION current_moment() RETURNS timestamptz LANGUAGE sql STABLE AS
  $$ SELECT coalesce(to_timestamp(nullif(current_setting('app.now', true), '')::float8), now()) $$;

CREATE TABLE access_grant (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('standing', 'incident', 'tasking', 'given', 'glass')),
  -- To whom: an agency, and of it one unit or one account where that is named.
  agency uuid NOT NULL REFERENCES agency,
  unit uuid,
  account uuid,
  -- Whose, and what of them.
  subject uuid NOT NULL,
  data text[] NOT NULL CHECK (cardinality(data) > 0),
  purpose text NOT NULL,
  article text NOT NULL,
  "order" uuid,
  incident uuid,
  approver uuid,
  reason text NOT NULL DEFAULT '',
  starts_at timestamptz NOT NULL,
  ends_at timestamptz,
  ended_at timestamptz,
  ended_by uuid,
  -- Opened first and judged afterwards: by when, and how.
  review_by timestamptz,
  reviewed_at timestamptz,
  reviewer uuid,
  upheld boolean,
  CHECK (kind <> 'glass' OR (account IS NOT NULL AND ends_at IS NOT NULL AND review_by IS NOT NULL)),
  CHECK ((reviewed_at IS NULL) = (upheld IS NULL))
);
CREATE INDEX access_grant_subject ON access_grant (subject, agency) WHERE ended_at IS NULL;
CREATE INDEX access_grant_order ON access_grant ("order") WHERE ended_at IS NULL AND "order" IS NOT NULL;
CREATE INDEX access_grant_incident ON access_grant (incident) WHERE ended_at IS NULL AND incident IS NOT NULL;
CREATE INDEX access_grant_review ON access_grant (review_by) WHERE reviewed_at IS NULL AND review_by IS NOT NULL;

-- By what staff and parties are known, as keyed digests; the database does not hold the key.
CREATE TABLE person_mark (
  person uuid NOT NULL REFERENCES person,
  agency uuid NOT NULL REFERENCES agency,
  kind text NOT NULL CHECK (kind IN ('identifier', 'telephone')),
  digest bytea NOT NULL,
  PRIMARY KEY (person, kind, digest)
);
CREATE INDEX person_mark_digest ON person_mark (digest);

CREATE TABLE staff_mark (
  account uuid NOT NULL REFERENCES account,
  agency uuid NOT NULL REFERENCES agency,
  relation text NOT NULL CHECK (relation IN ('self', 'partner', 'kin')),
  kind text NOT NULL CHECK (kind IN ('identifier', 'telephone')),
  digest bytea NOT NULL,
  PRIMARY KEY (account, kind, digest)
);
CREATE INDEX staff_mark_digest ON staff_mark (digest);

-- Whose case is an account's own: found by the marks, and by the orders of those found.
CREATE TABLE staff_tie (
  account uuid NOT NULL REFERENCES account,
  person uuid NOT NULL REFERENCES person,
  relation text NOT NULL,
  PRIMARY KEY (account, person)
);

-- Asked for every row a person reads; they run as their owner, so that asking needs no right of its own.
CREATE FUNCTION tied(whose uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT EXISTS (SELECT FROM staff_tie t WHERE t.account = current_account() AND t.person = whose) $$;
CREATE FUNCTION granted(whose uuid, what text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM access_grant g
    WHERE g.subject = whose AND g.agency = current_agency() AND g.ended_at IS NULL
      AND g.starts_at <= current_moment() AND (g.ends_at IS NULL OR g.ends_at > current_moment()) AND what = ANY (g.data)
      AND (g.account IS NULL OR g.account = current_account())
      AND (g.unit IS NULL OR g.unit = (SELECT a.unit FROM account a WHERE a.id = current_account()))) $$;
CREATE FUNCTION reviewing() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT EXISTS (SELECT FROM account a WHERE a.id = current_account() AND a.role = 'reviewer') $$;
REVOKE EXECUTE ON FUNCTION tied(uuid), granted(uuid, text), reviewing() FROM public;
GRANT EXECUTE ON FUNCTION tied(uuid), granted(uuid, text), reviewing() TO jikimi_people;

GRANT SELECT, INSERT, UPDATE ON access_grant TO jikimi_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON person_mark, staff_mark, staff_tie TO jikimi_service;
GRANT SELECT ON access_grant, access_register TO jikimi_people;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['access_grant', 'person_mark', 'staff_mark', 'staff_tie'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY service ON %I TO jikimi_service USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;

-- Whoever was given a grant, and whoever keeps the subject's file, sees that there is one; the register is a reviewer's.
CREATE POLICY either_end ON access_grant FOR SELECT TO jikimi_people USING (
  NOT tied(subject) AND (agency = current_agency() OR EXISTS (
    SELECT FROM person p WHERE p.id = access_grant.subject AND p.agency = current_agency())));
CREATE POLICY own_staff_or_file ON access_register FOR SELECT TO jikimi_people USING (
  reviewing() AND (agency = current_agency() OR EXISTS (
    SELECT FROM person p WHERE p.id::text = access_register.subject AND p.agency = current_agency())));

-- A party is known to the agency that entered them, and to whom a grant says so; never to staff who are tied to them.
DROP POLICY own_or_party ON person;
CREATE POLICY own_or_granted ON person FOR SELECT TO jikimi_people USING (
  NOT tied(id) AND (agency = current_agency() OR granted(id, 'person')));
-- The police keep the file of an order; the other side has it while a grant stands.
DROP POLICY either_side ON protective_order;
CREATE POLICY kept_or_granted ON protective_order FOR SELECT TO jikimi_people USING (
  NOT tied(offender) AND (victim IS NULL OR NOT tied(victim)) AND (
    police_agency = current_agency() OR granted(offender, 'order') OR (victim IS NOT NULL AND granted(victim, 'order'))));
-- An incident is a record of both sides' own work.
DROP POLICY either_side ON incident;
CREATE POLICY either_side ON incident FOR SELECT TO jikimi_people USING (
  current_agency() IN (police_agency, monitoring_agency)
  AND (offender IS NULL OR NOT tied(offender)) AND (victim IS NULL OR NOT tied(victim)));
DROP POLICY either_side ON alert;
CREATE POLICY either_side ON alert FOR SELECT TO jikimi_people USING (
  current_agency() IN (police_agency, monitoring_agency)
  AND (incident IS NULL OR EXISTS (SELECT FROM incident i WHERE i.id = alert.incident)));
DROP POLICY either_side ON tasking;
CREATE POLICY either_side ON tasking FOR SELECT TO jikimi_people USING (
  current_agency() IN (police_agency, monitoring_agency)
  AND EXISTS (SELECT FROM incident i WHERE i.id = tasking.incident));
DROP POLICY own_or_open ON place;
CREATE POLICY own_or_open ON place FOR SELECT TO jikimi_people USING (
  (agency = current_agency() OR NOT secret) AND EXISTS (SELECT FROM protective_order o WHERE o.id = place."order"));

-- Orders that stand already arm their grants now.
INSERT INTO access_grant (id, kind, agency, subject, data, purpose, article, "order", starts_at, ends_at)
SELECT gen_random_uuid(), 'standing', side.agency, party.person, ARRAY['person', 'order', 'incident', 'location'],
  side.purpose, side.article, o.id, o.starts_at, o.ends_at
FROM protective_order o
CROSS JOIN LATERAL (VALUES
  (o.police_agency, 'APPROACH_RESPONSE', '전자장치 부착 등에 관한 법률 제31조의6'),
  (o.monitoring_agency, 'SUPERVISION', '전자장치 부착 등에 관한 법률 제16조')) AS side (agency, purpose, article)
CROSS JOIN LATERAL (VALUES (o.offender), (o.victim)) AS party (person)
WHERE o.ended_at IS NULL AND side.agency IS NOT NULL AND party.person IS NOT NULL;
-- Incidents that are open, and whoever is under way in one, go on as they were.
INSERT INTO access_grant (id, kind, agency, unit, subject, data, purpose, article, "order", incident, starts_at)
SELECT gen_random_uuid(), side.kind, side.agency, side.unit, side.person, ARRAY['person', 'incident', 'location'],
  'APPROACH_RESPONSE', '전자장치 부착 등에 관한 법률 제31조의6', i."order", i.id, i.opened_at
FROM incident i
CROSS JOIN LATERAL (
  SELECT 'incident' AS kind, room.agency, NULL::uuid AS unit, party.person
  FROM (VALUES (i.police_agency), (i.monitoring_agency)) AS room (agency), (VALUES (i.offender), (i.victim)) AS party (person)
  UNION ALL
  SELECT 'tasking', t.agency, t.unit, party.person
  FROM tasking t CROSS JOIN LATERAL (VALUES (i.offender), (CASE WHEN t.toward = 'victim' THEN i.victim END)) AS party (person)
  WHERE t.incident = i.id AND t.ended_at IS NULL) AS side
WHERE i.closed_at IS NULL AND side.agency IS NOT NULL AND side.person IS NOT NULL;

INSERT INTO person_mark (person, agency, kind, digest)
SELECT id, agency, 'identifier', identifier_digest FROM person WHERE identifier_digest IS NOT NULL;
