-- Accounts end; who made one is known; a look that found somebody unknown to the looker names nobody.

-- Null: the installation's operator.
ALTER TABLE account ADD COLUMN made_by uuid, ADD COLUMN ended_by uuid,
  ADD CONSTRAINT account_ended CHECK (ended_by IS NULL OR disabled_at IS NOT NULL);
CREATE INDEX session_of_account ON session (account) WHERE ended_at IS NULL;
-- Signing in locks the row that says whose account it is, so that taking it back ends what it opened.
GRANT UPDATE (recorded_at) ON account_subject TO jikimi_service;

-- What a provider said is over stays over for whoever is on the way in: whose, which session there, said when and heard when.
ALTER TABLE sign_out_word ADD COLUMN issuer text, ADD COLUMN subject text, ADD COLUMN sid text, ADD COLUMN said_at float8,
  ADD COLUMN heard_at float8;
CREATE INDEX sign_out_word_whose ON sign_out_word (issuer) WHERE issuer IS NOT NULL;

-- Whether this id is a person whom the own agency neither keeps nor ever had a grant on: by it their existence would be told.
CREATE FUNCTION unheard_of(whom text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM person p WHERE p.id::text = whom AND p.agency <> current_agency()
    AND NOT EXISTS (SELECT FROM access_grant g WHERE g.subject = p.id AND g.agency = current_agency())) $$;
REVOKE EXECUTE ON FUNCTION unheard_of(text) FROM public;
GRANT EXECUTE ON FUNCTION unheard_of(text) TO jikimi_people;
CREATE INDEX person_as_text ON person ((id::text));
