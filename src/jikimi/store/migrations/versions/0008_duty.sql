-- Who is on duty, hands over to whom, and is trained for it; accounts that sign in elsewhere.

-- How an organisation's own sign-in names an account; entered by a registrar, never taken from an e-mail address.
CREATE TABLE account_subject (
  issuer text NOT NULL,
  subject text NOT NULL CHECK (subject <> ''),
  account uuid NOT NULL REFERENCES account,
  agency uuid NOT NULL REFERENCES agency,
  recorded_by uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject),
  UNIQUE (issuer, account)
);

-- A sign-in that went to the provider and has not come back: of the browser's secret only the digest, used once.
CREATE TABLE sign_in_try (
  digest bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_try_expires ON sign_in_try (expires_at);

CREATE TABLE shift (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  account uuid NOT NULL REFERENCES account,
  station uuid REFERENCES station,
  lead boolean NOT NULL DEFAULT false,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  begun_at timestamptz,
  ended_at timestamptz,
  withdrawn_at timestamptz,
  planned_by uuid NOT NULL,
  CHECK (ends_at > starts_at),
  CHECK (ended_at IS NULL OR (begun_at IS NOT NULL AND ended_at >= begun_at)),
  CHECK (withdrawn_at IS NULL OR begun_at IS NULL),
  -- Nobody is in two places at once.
  CONSTRAINT shift_one_at_a_time EXCLUDE USING gist (account WITH =, tstzrange(starts_at, ends_at) WITH &&)
    WHERE (withdrawn_at IS NULL AND ended_at IS NULL)
);
CREATE INDEX shift_agency ON shift (agency, ends_at) WHERE withdrawn_at IS NULL;
CREATE UNIQUE INDEX shift_one_begun ON shift (account) WHERE begun_at IS NOT NULL AND ended_at IS NULL;

CREATE TABLE qualification (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  account uuid NOT NULL REFERENCES account,
  kind text NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_until timestamptz NOT NULL,
  recorded_by uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  ended_at timestamptz,
  CHECK (valid_until > valid_from)
);
CREATE INDEX qualification_account ON qualification (account, kind, valid_until) WHERE ended_at IS NULL;

-- What somebody leaving named as open, and who took it; until then it stays theirs.
CREATE TABLE handover (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  shift uuid NOT NULL REFERENCES shift,
  account uuid NOT NULL REFERENCES account,
  incidents uuid[] NOT NULL,
  taskings uuid[] NOT NULL,
  note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
  given_at timestamptz NOT NULL,
  taken_at timestamptz,
  taken_by uuid REFERENCES account,
  withdrawn_at timestamptz,
  CHECK (cardinality(incidents) + cardinality(taskings) > 0),
  CHECK ((taken_at IS NULL) = (taken_by IS NULL)),
  CHECK (taken_at IS NULL OR withdrawn_at IS NULL)
);
CREATE UNIQUE INDEX handover_one_open ON handover (account) WHERE taken_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX handover_agency ON handover (agency) WHERE taken_at IS NULL AND withdrawn_at IS NULL;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['account_subject', 'sign_in_try', 'shift', 'qualification', 'handover'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY service ON %I TO jikimi_service USING (true) WITH CHECK (true)', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['shift', 'qualification'] LOOP
    EXECUTE format('CREATE POLICY own ON %I FOR SELECT TO jikimi_people USING (agency = current_agency())', name);
  END LOOP;
END $$;
-- A hand-over that names somebody's own case is not there for them.
CREATE POLICY own ON handover FOR SELECT TO jikimi_people USING (
  agency = current_agency() AND NOT EXISTS (
    SELECT FROM unnest(incidents) AS named (id) WHERE NOT EXISTS (SELECT FROM incident i WHERE i.id = named.id))
  AND NOT EXISTS (
    SELECT FROM unnest(taskings) AS named (id) WHERE NOT EXISTS (SELECT FROM tasking t WHERE t.id = named.id)));
GRANT SELECT, INSERT, DELETE ON account_subject, sign_in_try TO jikimi_service;
GRANT SELECT, INSERT, UPDATE ON shift, qualification, handover TO jikimi_service;
GRANT SELECT ON shift, qualification, handover TO jikimi_people;
-- Of a colleague's account its name and place are known, never its secret.
GRANT SELECT (id, agency, name, role, unit, disabled_at) ON account TO jikimi_people;
CREATE POLICY colleague ON account FOR SELECT TO jikimi_people USING (agency = current_agency());
