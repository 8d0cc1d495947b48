-- Whom a list named is known beside the register.

-- Each set of ids that lists have named, once however often it was read: a page that asks again adds a row to the register and
-- none here. Ids only, as in the register, which say nothing of anybody once a file is destroyed. Who keeps their files is kept
-- beside them: a reviewer is shown whoever looked at the own agency's.
CREATE TABLE access_named (
  digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
  ids uuid[] NOT NULL,
  keepers uuid[] NOT NULL
);
CREATE INDEX access_named_whom ON access_named USING gin (ids);
ALTER TABLE access_register ADD COLUMN named text REFERENCES access_named;
CREATE INDEX access_register_named ON access_register (named) WHERE named IS NOT NULL;
ALTER TABLE access_named ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON access_named TO jikimi_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON access_named TO jikimi_service;

-- For reviewers, who read nothing of it but by these: whether a list named a file of the own agency's (and nobody of the own
-- case), which lists named somebody, whom or what one named, and which people several did.
CREATE FUNCTION named_ours(list text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM access_named n WHERE n.digest = list AND current_agency() = ANY (n.keepers)
    AND NOT n.ids::text[] && tied_ids()) $$;
CREATE FUNCTION lists_naming(whom text) RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT n.digest FROM access_named n WHERE reviewing() AND n.ids @> ARRAY[whom::uuid] AND NOT ARRAY[whom] && tied_ids() $$;
CREATE FUNCTION ids_of_list(list text) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT unnest(n.ids) FROM access_named n WHERE reviewing() AND n.digest = list $$;
CREATE FUNCTION people_of_lists(lists text[]) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id FROM person p WHERE reviewing() AND p.id IN (SELECT unnest(n.ids) FROM access_named n WHERE n.digest = ANY (lists)) $$;
REVOKE EXECUTE ON FUNCTION named_ours(text), lists_naming(text), ids_of_list(text), people_of_lists(text[]) FROM public;
GRANT EXECUTE ON FUNCTION named_ours(text), lists_naming(text), ids_of_list(text), people_of_lists(text[]) TO jikimi_people;

DROP POLICY own_staff_or_file ON access_register;
CREATE POLICY own_staff_or_file ON access_register FOR SELECT TO jikimi_people USING (
  reviewing() AND NOT ARRAY[subject] && (SELECT tied_ids()) AND (agency = current_agency() OR EXISTS (
    SELECT FROM person p WHERE p.id::text = access_register.subject AND p.agency = current_agency())
    OR named IS NOT NULL AND named_ours(named)));
