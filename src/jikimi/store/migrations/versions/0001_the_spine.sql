-- The spine: from a registry to two taskings and a sealed record.
-- Ids are UUIDv7 made outside or derived; no key is ever 32 bits. Times are timestamptz, UTC.
-- People's sessions run as jikimi_people with app.agency set, services as jikimi_service.

CREATE EXTENSION IF NOT EXISTS btree_gist;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jikimi_people') THEN CREATE ROLE jikimi_people NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jikimi_service') THEN CREATE ROLE jikimi_service NOLOGIN; END IF;
  EXECUTE format('GRANT jikimi_people, jikimi_service TO %I', current_user);
END $$;

CREATE FUNCTION current_agency() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('app.agency', true), '')::uuid $$;

-- What this database is: one row, an exercise or real.
CREATE TABLE site (
  one boolean PRIMARY KEY CHECK (one),
  exercise boolean NOT NULL
);

-- registry -----------------------------------------------------------------------------------------------------

CREATE TABLE agency (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('police', 'monitoring', 'support')),
  name text NOT NULL
);

CREATE TABLE station (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  name text NOT NULL,
  lon double precision CHECK (lon BETWEEN -180 AND 180),
  lat double precision CHECK (lat BETWEEN -90 AND 90)
);

CREATE TABLE jurisdiction (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  station uuid REFERENCES station,
  name text NOT NULL,
  source text NOT NULL,
  as_of date NOT NULL,
  boundary jsonb NOT NULL,
  west double precision NOT NULL CHECK (west BETWEEN -180 AND 180),
  south double precision NOT NULL CHECK (south BETWEEN -90 AND 90),
  east double precision NOT NULL CHECK (east BETWEEN west AND 180),
  north double precision NOT NULL CHECK (north BETWEEN south AND 90)
);
CREATE INDEX jurisdiction_source ON jurisdiction (agency, source);

CREATE TABLE person (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  label text NOT NULL,
  -- HMAC of a number that names one person, under a key this database does not hold.
  identifier_digest bytea
);
CREATE UNIQUE INDEX person_identifier ON person (agency, identifier_digest) WHERE identifier_digest IS NOT NULL;
CREATE INDEX person_digest ON person (identifier_digest) WHERE identifier_digest IS NOT NULL;

CREATE TABLE device (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  kind text NOT NULL CHECK (kind IN ('tag', 'watch', 'phone', 'beacon')),
  external_id text NOT NULL,
  key_digest bytea NOT NULL,
  interval_s double precision NOT NULL CHECK (interval_s > 0),
  revoked_at timestamptz,
  UNIQUE (external_id)
);

CREATE TABLE carry (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  device uuid NOT NULL REFERENCES device,
  person uuid NOT NULL REFERENCES person,
  since timestamptz NOT NULL,
  until timestamptz,
  CHECK (until IS NULL OR until > since),
  EXCLUDE USING gist (device WITH =, tstzrange(since, until) WITH &&)
);

CREATE TABLE protective_order (
  id uuid PRIMARY KEY,
  version bigint NOT NULL DEFAULT 1,
  police_agency uuid NOT NULL REFERENCES agency,
  monitoring_agency uuid REFERENCES agency,
  regime text NOT NULL,
  article text NOT NULL DEFAULT '',
  arrestable boolean,
  offender uuid NOT NULL REFERENCES person,
  victim uuid REFERENCES person,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz,
  radius_m double precision NOT NULL CHECK (radius_m > 0),
  rings_m jsonb,
  schedule jsonb,
  suspensions jsonb NOT NULL DEFAULT '[]',
  monitored boolean NOT NULL DEFAULT true,
  ended_at timestamptz,
  CHECK (ends_at IS NULL OR ends_at > starts_at),
  CHECK (offender <> victim)
);

CREATE TABLE place (
  id uuid PRIMARY KEY,
  "order" uuid NOT NULL REFERENCES protective_order,
  agency uuid NOT NULL REFERENCES agency,
  kind text NOT NULL,
  secret boolean NOT NULL DEFAULT false,
  lon double precision CHECK (lon BETWEEN -180 AND 180),
  lat double precision CHECK (lat BETWEEN -90 AND 90),
  radius_m double precision CHECK (radius_m > 0),
  polygon jsonb,
  margin_m double precision NOT NULL DEFAULT 0,
  CHECK ((polygon IS NOT NULL) <> (lon IS NOT NULL AND lat IS NOT NULL AND radius_m IS NOT NULL))
);

CREATE TABLE unit (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  station uuid REFERENCES station,
  kind text NOT NULL CHECK (kind IN ('police', 'probation')),
  callsign text NOT NULL,
  status text NOT NULL DEFAULT 'off' CHECK (status IN ('available', 'busy', 'off')),
  lon double precision CHECK (lon BETWEEN -180 AND 180),
  lat double precision CHECK (lat BETWEEN -90 AND 90),
  sigma_m double precision,
  position_at timestamptz
);

-- identity -----------------------------------------------------------------------------------------------------

CREATE TABLE account (
  id uuid PRIMARY KEY,
  agency uuid NOT NULL REFERENCES agency,
  name text NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('registrar', 'dispatcher', 'monitor', 'police_officer', 'probation_officer')),
  unit uuid REFERENCES unit,
  secret text NOT NULL,
  disabled_at timestamptz,
  failures bigint NOT NULL DEFAULT 0,
  locked_until timestamptz,
  CHECK (role NOT IN ('police_officer', 'probation_officer') OR unit IS NOT NULL)
);

CREATE TABLE session (
  id uuid PRIMARY KEY,
  account uuid NOT NULL REFERENCES account,
  agency uuid NOT NULL REFERENCES agency,
  token_digest bytea NOT NULL UNIQUE,
  started_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz
);

-- share --------------------------------------------------------------------------------------------------------

CREATE TABLE access_register (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  account uuid NOT NULL,
  agency uuid NOT NULL,
  purpose text NOT NULL,
  article text NOT NULL,
  action text NOT NULL,
  what text NOT NULL,
  subject text NOT NULL,
  allowed boolean NOT NULL
);

-- respond ------------------------------------------------------------------------------------------------------

CREATE TABLE incident (
  id uuid PRIMARY KEY,
  pair uuid NOT NULL,
  "order" uuid,
  offender uuid,
  victim uuid,
  police_agency uuid NOT NULL REFERENCES agency,
  monitoring_agency uuid REFERENCES agency,
  station uuid,
  priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 4),
  dispatch_code smallint CHECK (dispatch_code BETWEEN 0 AND 4),
  status text NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  cause text,
  response text,
  outcome text,
  CHECK ((closed_at IS NULL) = (status NOT IN ('Closed', 'Cancelled'))),
  CHECK (closed_at IS NULL OR (cause IS NOT NULL AND response IS NOT NULL AND outcome IS NOT NULL))
);
CREATE UNIQUE INDEX incident_one_open_per_pair ON incident (pair) WHERE closed_at IS NULL;

CREATE TABLE alert (
  id uuid PRIMARY KEY,
  incident uuid REFERENCES incident,
  code text NOT NULL,
  pair uuid,
  police_agency uuid,
  monitoring_agency uuid,
  at timestamptz NOT NULL,
  decided_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  cleared_at timestamptz,
  grade text NOT NULL,
  state text NOT NULL,
  body jsonb NOT NULL
);
CREATE INDEX alert_incident ON alert (incident);

CREATE TABLE tasking (
  id uuid PRIMARY KEY,
  incident uuid NOT NULL REFERENCES incident,
  alert uuid NOT NULL REFERENCES alert,
  unit uuid NOT NULL REFERENCES unit,
  agency uuid NOT NULL REFERENCES agency,
  police_agency uuid NOT NULL,
  monitoring_agency uuid,
  toward text NOT NULL CHECK (toward IN ('victim', 'offender', 'place')),
  state text NOT NULL,
  reasons jsonb NOT NULL,
  tasked_at timestamptz NOT NULL,
  answered_at timestamptz,
  ended_at timestamptz,
  reason text,
  UNIQUE (alert, unit)
);
CREATE INDEX tasking_open ON tasking (unit) WHERE ended_at IS NULL;
CREATE INDEX tasking_incident ON tasking (incident);

CREATE TABLE feed (
  id text PRIMARY KEY,
  agency uuid NOT NULL,
  seq bigint NOT NULL
);

CREATE TABLE feed_message (
  feed text NOT NULL REFERENCES feed,
  seq bigint NOT NULL,
  agency uuid NOT NULL,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  incident uuid,
  body jsonb NOT NULL,
  PRIMARY KEY (feed, seq)
);

CREATE TABLE delivery (
  id uuid PRIMARY KEY,
  alert uuid NOT NULL REFERENCES alert,
  recipient text NOT NULL,
  agency uuid NOT NULL,
  tasking uuid REFERENCES tasking,
  feed text,
  seq bigint,
  channel text NOT NULL,
  state text NOT NULL,
  queued_at timestamptz NOT NULL,
  sent_at timestamptz,
  delivered_at timestamptz,
  answered_at timestamptz,
  reason text,
  UNIQUE (alert, recipient)
);
CREATE INDEX delivery_place ON delivery (feed, seq);

CREATE TABLE due (
  id uuid PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  key text NOT NULL,
  queue text,
  at timestamptz NOT NULL,
  attempts bigint NOT NULL DEFAULT 0,
  body jsonb NOT NULL DEFAULT '{}',
  failure text
);
CREATE INDEX due_at ON due (at);
CREATE INDEX due_key ON due (key);
CREATE INDEX due_queue ON due (queue, seq) WHERE queue IS NOT NULL;

CREATE TABLE cursor (
  name text PRIMARY KEY,
  seq bigint NOT NULL
);

CREATE TABLE standing_plan (
  pair uuid PRIMARY KEY,
  police_agency uuid NOT NULL,
  monitoring_agency uuid,
  made_at timestamptz NOT NULL,
  body jsonb NOT NULL,
  gaps jsonb NOT NULL
);

-- ledger -------------------------------------------------------------------------------------------------------

CREATE TABLE ledger_row (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  body text NOT NULL,
  seq bigint UNIQUE CHECK (seq >= 0),
  leaf bytea,
  CHECK ((seq IS NULL) = (leaf IS NULL))
);
CREATE INDEX ledger_unsealed ON ledger_row (id) WHERE seq IS NULL;

CREATE FUNCTION ledger_stands() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'a ledger row is numbered once and never changed' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER ledger_stands BEFORE UPDATE ON ledger_row FOR EACH ROW
  WHEN (OLD.seq IS NOT NULL OR (OLD.id, OLD.at, OLD.body) IS DISTINCT FROM (NEW.id, NEW.at, NEW.body))
  EXECUTE FUNCTION ledger_stands();

CREATE TABLE checkpoint (
  size bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  root bytea NOT NULL,
  frontier bytea NOT NULL,
  key text NOT NULL,
  note text NOT NULL
);

-- archive ------------------------------------------------------------------------------------------------------

CREATE TABLE fix (
  received_at timestamptz NOT NULL,
  device uuid NOT NULL,
  t double precision NOT NULL,
  lon double precision NOT NULL,
  lat double precision NOT NULL,
  sigma_m real NOT NULL,
  source smallint NOT NULL,
  flags smallint NOT NULL,
  speed_mps real,
  course_deg real,
  seq bigint,
  accuracy_m real,
  log_seq bigint NOT NULL
) PARTITION BY RANGE (received_at);
CREATE INDEX fix_device ON fix (device, t);

CREATE TABLE device_event (
  received_at timestamptz NOT NULL,
  device uuid NOT NULL,
  t double precision NOT NULL,
  kind text NOT NULL,
  value text,
  log_seq bigint NOT NULL
) PARTITION BY RANGE (received_at);

-- Only a table's owner may add a partition, and services own nothing: this is the one thing they may add.
CREATE FUNCTION open_day(day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE parent text; part text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['fix', 'device_event'] LOOP
    part := parent || '_' || to_char(day, 'YYYYMMDD');
    IF to_regclass(part) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, parent,
        day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
    END IF;
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION open_day(date) FROM public;
GRANT EXECUTE ON FUNCTION open_day(date) TO jikimi_service;

-- who sees which rows ------------------------------------------------------------------------------------------

GRANT USAGE ON SCHEMA public TO jikimi_people, jikimi_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO jikimi_service;
REVOKE UPDATE, DELETE ON access_register, checkpoint FROM jikimi_service;
REVOKE DELETE ON ledger_row, alert, incident, tasking, delivery, account FROM jikimi_service;
GRANT SELECT ON agency, station, jurisdiction, protective_order, place, unit, incident, alert, tasking, feed,
  feed_message, delivery, standing_plan TO jikimi_people;
GRANT SELECT (id, agency, label) ON person TO jikimi_people;
GRANT SELECT (id, agency, kind, external_id, interval_s, revoked_at) ON device TO jikimi_people;
GRANT SELECT ON carry TO jikimi_people;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['site', 'agency', 'station', 'jurisdiction', 'person', 'device', 'carry', 'protective_order',
    'place', 'unit', 'account', 'session', 'access_register', 'incident', 'alert', 'tasking', 'feed', 'feed_message', 'delivery',
    'due', 'cursor', 'standing_plan', 'ledger_row', 'checkpoint', 'fix', 'device_event'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY service ON %I TO jikimi_service USING (true) WITH CHECK (true)', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['device', 'carry', 'feed', 'feed_message'] LOOP
    EXECUTE format('CREATE POLICY own ON %I FOR SELECT TO jikimi_people USING (agency = current_agency())', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['protective_order', 'incident', 'alert', 'tasking', 'standing_plan'] LOOP
    EXECUTE format('CREATE POLICY either_side ON %I FOR SELECT TO jikimi_people
      USING (current_agency() IN (police_agency, monitoring_agency))', name);
  END LOOP;
  -- Where agencies, stations and boundaries are is public knowledge.
  FOREACH name IN ARRAY ARRAY['agency', 'station', 'jurisdiction'] LOOP
    EXECUTE format('CREATE POLICY anyone ON %I FOR SELECT TO jikimi_people USING (current_agency() IS NOT NULL)', name);
  END LOOP;
END $$;

-- Whether the other side's officer got the order is part of the one picture.
CREATE POLICY with_its_alert ON delivery FOR SELECT TO jikimi_people USING (
  EXISTS (SELECT FROM alert WHERE alert.id = delivery.alert));
-- A unit is its own agency's, and the other side's while both work the same incident.
CREATE POLICY own_or_together ON unit FOR SELECT TO jikimi_people USING (
  agency = current_agency() OR EXISTS (
    SELECT FROM tasking WHERE tasking.unit = unit.id AND tasking.ended_at IS NULL));
-- A party to an order is known to both agencies of that order; everybody else only to the agency that entered them.
CREATE POLICY own_or_party ON person FOR SELECT TO jikimi_people USING (
  agency = current_agency() OR EXISTS (
    SELECT FROM protective_order o WHERE person.id IN (o.offender, o.victim)));
-- Secret places are the entering agency's alone.
CREATE POLICY own_or_open ON place FOR SELECT TO jikimi_people USING (
  agency = current_agency() OR (NOT secret AND EXISTS (SELECT FROM protective_order o WHERE o.id = place."order")));
