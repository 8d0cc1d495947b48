-- What access that has ended leaves is judged by the purpose it was given for.

-- Whether what this grant lets be known is read for that purpose: as given_for(), by whoever holds it, for services.
CREATE FUNCTION serves(g access_grant, why text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT g.purpose = why OR EXISTS (SELECT FROM grant_serves s JOIN agency a ON a.id = g.agency AND a.kind = s.side
    WHERE s.kind = g.kind AND s.purpose = g.purpose AND s.serves = why) $$;
REVOKE EXECUTE ON FUNCTION serves(access_grant, text) FROM public;
GRANT EXECUTE ON FUNCTION serves(access_grant, text) TO jikimi_service;

-- As before, but what is left has begun and serves the purpose. By the time given: services have none of their own.
DROP FUNCTION still_known(uuid, text, uuid, uuid, text);
CREATE FUNCTION still_known(which uuid, what text, reader uuid, its_unit uuid, why text, at timestamptz DEFAULT now())
  RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM access_grant e JOIN access_grant g ON g.subject = e.subject AND g.agency = e.agency
    WHERE e.id = which AND g.ended_at IS NULL AND g.starts_at <= at AND (g.ends_at IS NULL OR g.ends_at > at)
      AND what = ANY (g.data) AND (g."order" IS NULL OR g."order" = e."order") AND (g.unit IS NULL OR g.unit = its_unit)
      AND (g.account IS NULL OR g.account = reader) AND serves(g, why))
  OR EXISTS (SELECT FROM access_grant e WHERE e.id = which AND e.ended_by IS NULL AND (
    what = 'person' AND EXISTS (SELECT FROM person p WHERE p.id = e.subject AND p.agency = e.agency)
    OR what = 'order' AND EXISTS (SELECT FROM protective_order o WHERE o.id = e."order" AND o.police_agency = e.agency))) $$;
REVOKE EXECUTE ON FUNCTION still_known(uuid, text, uuid, uuid, text, timestamptz) FROM public;
GRANT EXECUTE ON FUNCTION still_known(uuid, text, uuid, uuid, text, timestamptz) TO jikimi_service;
