-- An order brings only what its reader may know: never itself by another order's grant, a party by the other's, or where by who.

-- Asked of every row of a page, one by another: in a language that keeps what it planned.
-- As granted(), but what an order armed, or an incident of it gave, is for that order alone: another order against the same man
-- is another case, and whom it protects is nobody's who has no part in it.
CREATE FUNCTION granted_of(whose uuid, what text, which uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  BEGIN RETURN EXISTS (SELECT FROM access_grant g
    WHERE g.subject = whose AND g.agency = current_agency() AND g.ended_at IS NULL AND (g."order" IS NULL OR g."order" = which)
      AND g.starts_at <= current_moment() AND (g.ends_at IS NULL OR g.ends_at > current_moment()) AND what = ANY (g.data)
      AND (g.account IS NULL OR g.account = current_account()) AND given_for(g.kind, g.purpose)
      AND (g.unit IS NULL OR g.unit = (SELECT a.unit FROM account a WHERE a.id = current_account()))); END $$;
CREATE FUNCTION order_granted(which uuid, keeper uuid, him uuid, her uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  BEGIN RETURN keeper = current_agency() OR granted_of(him, 'order', which)
    OR (her IS NOT NULL AND granted_of(her, 'order', which)); END $$;
CREATE FUNCTION order_open(which uuid, keeper uuid, him uuid, her uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  BEGIN RETURN NOT tied(him) AND (her IS NULL OR NOT tied(her)) AND order_granted(which, keeper, him, her); END $$;
-- A party is named by their own agency's file or by a grant on them, and by nothing the reader has of the other party.
CREATE FUNCTION party_named(whose uuid, which uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  BEGIN RETURN EXISTS (SELECT FROM person p WHERE p.id = whose AND p.agency = current_agency())
    OR granted_of(whose, 'order', which) OR granted(whose, 'person'); END $$;
-- Whom an order is about, as far as its reader may know, and whether where he is may be told: people's sessions ask this instead
-- of reading the columns. What is not theirs to know is null, and an order that is not open has no row.
CREATE FUNCTION order_parties(which uuid) RETURNS TABLE (offender uuid, victim uuid, followed boolean)
  LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN party_named(o.offender, o.id) THEN o.offender END, CASE WHEN party_named(o.victim, o.id) THEN o.victim END,
    o.police_agency = current_agency() OR granted_of(o.offender, 'location', o.id)
  FROM protective_order o WHERE o.id = which AND order_open(o.id, o.police_agency, o.offender, o.victim) $$;
CREATE FUNCTION orders_naming(whom uuid) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.id FROM protective_order o WHERE whom IN (o.offender, o.victim) AND party_named(whom, o.id)
    AND order_open(o.id, o.police_agency, o.offender, o.victim) $$;
-- Where an order guards is where she is to be found: for whoever may follow her by that order. Where he has to be is his. An
-- agency that entered a place keeps it with its file, unless a person ended what it may know of whom it is about.
CREATE FUNCTION place_open(which uuid, what text, keeper uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  BEGIN RETURN EXISTS (SELECT FROM protective_order o CROSS JOIN LATERAL (SELECT
      CASE WHEN what IN ('curfew', 'residence', 'travel') THEN o.offender ELSE coalesce(o.victim, o.offender) END) AS w (person)
    WHERE o.id = which AND (granted_of(w.person, 'location', which)
      OR keeper = current_agency() AND NOT EXISTS (SELECT FROM access_grant g
        WHERE g.subject = w.person AND g.agency = current_agency() AND g."order" = which AND g.ended_by IS NOT NULL
          AND g.kind = 'standing'))); END $$;
REVOKE EXECUTE ON FUNCTION granted_of(uuid, text, uuid), order_granted(uuid, uuid, uuid, uuid),
  order_open(uuid, uuid, uuid, uuid), party_named(uuid, uuid), order_parties(uuid), orders_naming(uuid),
  place_open(uuid, text, uuid) FROM public;
GRANT EXECUTE ON FUNCTION order_granted(uuid, uuid, uuid, uuid), order_parties(uuid), orders_naming(uuid),
  place_open(uuid, text, uuid) TO jikimi_people;

REVOKE SELECT ON protective_order FROM jikimi_people;
GRANT SELECT (id, version, police_agency, monitoring_agency, regime, article, arrestable, starts_at, ends_at, radius_m, rings_m,
  suspensions, sealed, schedule, monitored, ended_at) ON protective_order TO jikimi_people;
DROP POLICY kept_or_granted ON protective_order;
CREATE POLICY kept_or_granted ON protective_order FOR SELECT TO jikimi_people USING (
  NOT tied(offender) AND (victim IS NULL OR NOT tied(victim)) AND order_granted(id, police_agency, offender, victim));
DROP POLICY own_or_open ON place;
CREATE POLICY own_or_followed ON place FOR SELECT TO jikimi_people USING (
  (agency = current_agency() OR NOT secret) AND EXISTS (SELECT FROM protective_order o WHERE o.id = place."order")
  AND place_open("order", kind, agency));
