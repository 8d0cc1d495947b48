-- What ends on open lines.

-- For whom a unit works at this moment; for services, which know where her secret places are.
CREATE FUNCTION sent_for(which uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT i.victim FROM tasking t JOIN incident i ON i.id = t.incident
  WHERE t.unit = which AND t.ended_at IS NULL AND i.closed_at IS NULL AND i.victim IS NOT NULL $$;
REVOKE EXECUTE ON FUNCTION sent_for(uuid) FROM public;
GRANT EXECUTE ON FUNCTION sent_for(uuid) TO jikimi_service;

-- Whether a unit goes to, or stands beside, somebody whom the reader may not follow: where it is would show where they are.
CREATE FUNCTION beside_unfollowed(which uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM tasking t JOIN incident i ON i.id = t.incident
    CROSS JOIN LATERAL (SELECT CASE t.toward WHEN 'victim' THEN i.victim ELSE i.offender END AS person) AS party
    WHERE t.unit = which AND t.ended_at IS NULL AND i.closed_at IS NULL
      AND party.person IS NOT NULL AND NOT granted(party.person, 'location')) $$;
REVOKE EXECUTE ON FUNCTION beside_unfollowed(uuid) FROM public;
GRANT EXECUTE ON FUNCTION beside_unfollowed(uuid) TO jikimi_people;

-- Whether what a grant that has ended let be read may be read on by whoever held it, for another one of the same order, or none,
-- or for the agency's own file. An end by a person takes more than what the file says: then the file is no answer.
CREATE FUNCTION still_known(which uuid, what text, reader uuid, its_unit uuid, why text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM access_grant e JOIN access_grant g ON g.subject = e.subject AND g.agency = e.agency
    WHERE e.id = which AND g.ended_at IS NULL AND (g.ends_at IS NULL OR g.ends_at > now()) AND what = ANY (g.data)
      AND (g."order" IS NULL OR g."order" = e."order") AND (g.unit IS NULL OR g.unit = its_unit)
      AND (g.account IS NULL OR g.account = reader) AND (g.kind NOT IN ('given', 'agreed', 'consent') OR g.purpose = why))
  OR EXISTS (SELECT FROM access_grant e WHERE e.id = which AND e.ended_by IS NULL AND (
    what = 'person' AND EXISTS (SELECT FROM person p WHERE p.id = e.subject AND p.agency = e.agency)
    OR what = 'order' AND EXISTS (SELECT FROM protective_order o WHERE o.id = e."order" AND o.police_agency = e.agency))) $$;
REVOKE EXECUTE ON FUNCTION still_known(uuid, text, uuid, uuid, text) FROM public;
GRANT EXECUTE ON FUNCTION still_known(uuid, text, uuid, uuid, text) TO jikimi_service;
