-- A grant holds for the purpose it was given for; what was revoked stays so.

-- What one side alone had given beyond one account in one incident, and what a support unit had without her yes, is over.
UPDATE access_grant SET ended_at = now() WHERE ended_at IS NULL AND (
  kind = 'given' AND (account IS NULL OR incident IS NULL OR NOT data <@ ARRAY['person', 'incident'] OR purpose = 'SUPPORT')
  OR kind IN ('given', 'agreed') AND agency IN (SELECT id FROM agency WHERE kind = 'support'));
-- Where somebody is comes with an order, an incident or a tasking, and is nobody's to give.
ALTER TABLE access_grant ADD CONSTRAINT access_grant_whereabouts CHECK (
  kind NOT IN ('given', 'consent', 'agreed') OR ended_at IS NOT NULL OR NOT data && ARRAY['location', 'place']);

-- What was opened before and is not judged runs out too.
INSERT INTO due (id, kind, key, at)
SELECT gen_random_uuid(), 'glass-unjudged', id::text, review_by FROM access_grant WHERE review_by IS NOT NULL AND reviewed_at IS NULL;

-- What somebody gave for a purpose is read for that purpose, which people's sessions name; without one it is nobody's. What an
-- order, an incident or a tasking arms, and what is opened in an emergency, is read for any purpose a policy permits.
CREATE FUNCTION given_for(how text, why text) RETURNS boolean LANGUAGE sql STABLE AS
  $$ SELECT how NOT IN ('given', 'agreed', 'consent') OR why = nullif(current_setting('app.purpose', true), '') $$;
CREATE OR REPLACE FUNCTION granted(whose uuid, what text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM access_grant g
    WHERE g.subject = whose AND g.agency = current_agency() AND g.ended_at IS NULL
      AND g.starts_at <= current_moment() AND (g.ends_at IS NULL OR g.ends_at > current_moment()) AND what = ANY (g.data)
      AND (g.account IS NULL OR g.account = current_account()) AND given_for(g.kind, g.purpose)
      AND (g.unit IS NULL OR g.unit = (SELECT a.unit FROM account a WHERE a.id = current_account()))) $$;
