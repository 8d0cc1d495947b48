-- What ends on open lines.

-- For whom a unit works at this moment; for services, which know where her secret places are.
CREATE FUNCTION sent_for(which uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT i.victim FROM tasking t JOIN incident i ON i.id = t.incident
  WHERE t.unit = which AND t.ended_at IS NULL AND i.closed_at IS NULL AND i.victim IS NOT NULL LIMIT 1 $$;
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
