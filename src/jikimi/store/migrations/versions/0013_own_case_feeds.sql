-- What a feed says of somebody stays found by whom it names.

-- A sealed message is kept from whoever is tied to a party by the ids that stay open of it. One of before, outside of any
-- incident, says nothing of whom it names: nobody who is tied to anybody reads it.
DROP POLICY own ON feed_message;
CREATE POLICY own ON feed_message FOR SELECT TO jikimi_people USING (
  agency = current_agency() AND NOT ARRAY[incident::text, body->>'person', body->>'subject', body->>'order',
    body->>'tasking', body->>'offender_id', body->>'victim_id'] && (SELECT tied_ids())
  AND (incident IS NOT NULL OR (sealed IS NULL AND kind NOT IN ('alert', 'tasking'))
    OR body ?| ARRAY['offender_id', 'victim_id'] OR cardinality((SELECT tied_ids())) = 0));

-- Whether a unit works on the reader's own case: where it is would show that there is one, and where.
CREATE FUNCTION on_own_case(which uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM tasking t JOIN incident i ON i.id = t.incident
    JOIN staff_tie s ON s.account = current_account() AND s.person IN (i.offender, i.victim)
    WHERE t.unit = which AND t.ended_at IS NULL AND i.closed_at IS NULL) $$;
-- What people wrote of an incident may say where a party is: for whoever may follow both now; of what is over also for whoever
-- keeps the file, unless a person ended their access.
CREATE FUNCTION may_hear(which uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT NOT EXISTS (SELECT FROM incident i CROSS JOIN LATERAL (VALUES (i.offender), (i.victim)) AS party (person)
    WHERE i.id = which AND party.person IS NOT NULL AND NOT granted(party.person, 'location')
      AND (i.closed_at IS NULL
        OR NOT EXISTS (SELECT FROM person p WHERE p.id = party.person AND p.agency = current_agency())
        OR EXISTS (SELECT FROM access_grant g WHERE g.subject = party.person AND g.agency = current_agency()
          AND g.ended_by IS NOT NULL AND g.unit IS NULL AND g.account IS NULL
          AND (g.incident = i.id OR g."order" = i."order")))) $$;
REVOKE EXECUTE ON FUNCTION on_own_case(uuid), may_hear(uuid) FROM public;
GRANT EXECUTE ON FUNCTION on_own_case(uuid), may_hear(uuid) TO jikimi_people;
