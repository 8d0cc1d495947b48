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
