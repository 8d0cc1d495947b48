-- What a victim said yes to, in which words, until when; each yes carries its grants, and ends them when it ends.

ALTER TABLE account DROP CONSTRAINT account_role_check;
ALTER TABLE account ADD CONSTRAINT account_role_check CHECK (role IN (
  'registrar', 'dispatcher', 'monitor', 'police_officer', 'probation_officer', 'reviewer', 'supporter'));
ALTER TABLE access_grant DROP CONSTRAINT access_grant_kind_check;
ALTER TABLE access_grant ADD CONSTRAINT access_grant_kind_check CHECK (
  kind IN ('standing', 'incident', 'tasking', 'given', 'glass', 'consent'));
ALTER TABLE access_grant ADD COLUMN consent uuid;
CREATE INDEX access_grant_consent ON access_grant (consent) WHERE ended_at IS NULL AND consent IS NOT NULL;

CREATE TABLE consent (
  id uuid PRIMARY KEY,
  person uuid NOT NULL REFERENCES person,
  -- Who asked her and wrote it down, and whom it lets know.
  agency uuid NOT NULL REFERENCES agency,
  recipient uuid NOT NULL REFERENCES agency,
  data text[] NOT NULL CHECK (cardinality(data) > 0),
  -- The edition of the plain words she was read, and in which language.
  words text NOT NULL,
  language text NOT NULL CHECK (language IN ('ko', 'en')),
  version bigint NOT NULL DEFAULT 1,
  state text NOT NULL CHECK (state IN ('given', 'narrowed', 'paused', 'withdrawn')),
  given_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > given_at),
  changed_at timestamptz NOT NULL,
  recorded_by uuid NOT NULL
);
CREATE INDEX consent_person ON consent (person);
ALTER TABLE consent ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON consent TO jikimi_service USING (true) WITH CHECK (true);
-- Each side sees what the other may see of her, and nobody else that she was asked at all.
CREATE POLICY either_end ON consent FOR SELECT TO jikimi_people USING (
  NOT tied(person) AND current_agency() IN (agency, recipient));
GRANT SELECT, INSERT, UPDATE ON consent TO jikimi_service;
GRANT SELECT ON consent TO jikimi_people;
