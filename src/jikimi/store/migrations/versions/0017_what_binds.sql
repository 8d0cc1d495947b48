-- What a purpose binds: whatever a grant lets somebody know is read for the purpose it was given for, or for a use that the law
-- counts to it for that side. A reader who names another purpose, or none, has no grant.

-- For whoever holds a grant of this kind as an agency of this side, given for this purpose: what else it serves, and by what law.
-- An agency's own files, which nobody let it know, are not asked: those it reads for its own lawful purposes, as the policies say.
CREATE TABLE grant_serves (
  kind text NOT NULL CHECK (kind IN ('standing', 'incident', 'tasking', 'glass')),
  side text NOT NULL CHECK (side IN ('police', 'monitoring')),
  purpose text NOT NULL,
  serves text NOT NULL CHECK (serves <> purpose),
  article text NOT NULL,
  PRIMARY KEY (kind, side, purpose, serves)
);
ALTER TABLE grant_serves ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON grant_serves TO jikimi_service USING (true) WITH CHECK (true);
CREATE POLICY anybody ON grant_serves FOR SELECT TO jikimi_people USING (true);
GRANT SELECT ON grant_serves TO jikimi_service, jikimi_people;

INSERT INTO grant_serves (kind, side, purpose, serves, article) VALUES
  -- The police keep the order's record and tell the other side at once what changes of it.
  ('standing', 'police', 'APPROACH_RESPONSE', 'SUPERVISION', '전자장치 부착 등에 관한 법률 제16조의2, 같은 법 시행령 제23조의13'),
  ('standing', 'police', 'APPROACH_RESPONSE', 'ACCESS_REVIEW', '개인정보 보호법 제29조, 제31조'),
  -- The uses the law leaves to whoever receives what a device sends.
  ('standing', 'monitoring', 'SUPERVISION', 'APPROACH_RESPONSE', '전자장치 부착 등에 관한 법률 제31조의6'),
  ('standing', 'monitoring', 'SUPERVISION', 'VICTIM_NOTICE', '전자장치 부착 등에 관한 법률 제15조의2, 제31조의6, 같은 법 시행령 제13조의3'),
  ('standing', 'monitoring', 'SUPERVISION', 'COMPLIANCE_CHECK', '전자장치 부착 등에 관한 법률 제31조의8'),
  ('standing', 'monitoring', 'SUPERVISION', 'INVESTIGATION_COURT', '전자장치 부착 등에 관한 법률 제16조'),
  ('standing', 'monitoring', 'SUPERVISION', 'TRIAL', '전자장치 부착 등에 관한 법률 제31조의8'),
  ('standing', 'monitoring', 'SUPERVISION', 'EXTENSION_CLAIM', '전자장치 부착 등에 관한 법률 제31조의8'),
  ('standing', 'monitoring', 'SUPERVISION', 'VIOLATION_OFFENCE', '전자장치 부착 등에 관한 법률 제16조, 제31조의8'),
  ('standing', 'monitoring', 'SUPERVISION', 'ACCESS_REVIEW', '개인정보 보호법 제29조, 제31조'),
  -- The centre responds as it supervises: it sends an officer to the wearer at the same time.
  ('incident', 'monitoring', 'APPROACH_RESPONSE', 'SUPERVISION', '전자장치 부착 등에 관한 법률 제16조, 제31조의6'),
  ('incident', 'police', 'APPROACH_RESPONSE', 'ACCESS_REVIEW', '개인정보 보호법 제29조, 제31조'),
  ('incident', 'monitoring', 'APPROACH_RESPONSE', 'ACCESS_REVIEW', '개인정보 보호법 제29조, 제31조'),
  -- An emergency is opened for what the room was doing when it came, and for nothing else it does.
  ('glass', 'police', 'INVESTIGATION_EMERGENCY', 'APPROACH_RESPONSE', '전자장치 부착 등에 관한 법률 제16조, 같은 법 시행령 제14조의3'),
  ('glass', 'monitoring', 'INVESTIGATION_EMERGENCY', 'SUPERVISION', '전자장치 부착 등에 관한 법률 제16조, 같은 법 시행령 제14조의3');

-- What is given, agreed on or said yes to has no row: it serves its own purpose alone. So does a tasking.
CREATE OR REPLACE FUNCTION given_for(how text, why text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT why = nullif(current_setting('app.purpose', true), '') OR EXISTS (
    SELECT FROM grant_serves s JOIN agency a ON a.id = current_agency() AND a.kind = s.side
    WHERE s.kind = how AND s.purpose = why AND s.serves = current_setting('app.purpose', true)) $$;

-- What a device calls itself is its agency's own: another's that calls itself the same is another device, and its key says so.
ALTER TABLE device DROP CONSTRAINT device_external_id_key, ADD CONSTRAINT device_external_id UNIQUE (external_id, agency);
