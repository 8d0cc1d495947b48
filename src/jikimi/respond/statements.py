"""The response's SQL, named. It must never hold a decision."""

from sqlalchemy import text

NEW_ALERT = text("""
INSERT INTO alert
  (id, incident, code, pair, police_agency, monitoring_agency, at, decided_at, recorded_at, grade, state, sealed)
VALUES (:id, :incident, :code, :pair, :police, :monitoring, to_timestamp(:at), to_timestamp(:decided_at), to_timestamp(:now),
  :grade, :state, :sealed)
ON CONFLICT (id) DO NOTHING RETURNING id
""")
CLEAR_ALERT = text("UPDATE alert SET cleared_at = to_timestamp(:at) WHERE id = :id AND cleared_at IS NULL")
OPEN_INCIDENT = text("""
SELECT id, priority, dispatch_code, status, police_agency, monitoring_agency FROM incident
WHERE pair = :pair AND closed_at IS NULL FOR UPDATE
""")
NEW_INCIDENT = text("""
INSERT INTO incident (id, pair, "order", offender, victim, police_agency, monitoring_agency, priority, dispatch_code, status,
  opened_at, station)
SELECT :id, :pair, :order, :offender, :victim, :police, :monitoring, :priority, :code, 'Active', to_timestamp(:now), :station
WHERE NOT EXISTS (SELECT FROM alert WHERE id = :alert) ON CONFLICT (id) DO NOTHING RETURNING id
""")
"""Not by an alert that was recorded before, whatever became of its incident."""
RAISE_INCIDENT = text("""
UPDATE incident SET priority = least(priority, :priority),
  dispatch_code = least(dispatch_code, CAST(:code AS smallint)) WHERE id = :id
""")
OPEN_TASKINGS = text("""
SELECT t.id, t.unit, t.agency, u.kind, u.callsign, t.toward, t.state, t.reasons, t.sealed, t.forsaken_at,
  CAST(extract(epoch FROM t.tasked_at) AS float8) AS tasked_at
FROM tasking t JOIN unit u ON u.id = t.unit WHERE t.incident = :incident AND t.ended_at IS NULL ORDER BY t.tasked_at, t.id
""")
ASKED_UNITS = text("SELECT unit FROM tasking WHERE incident = :incident")
# All rows as one parameter: binding a list a column, or a statement a row, costs more than the rows themselves do.
NEW_TASKINGS = text("""
INSERT INTO tasking
  (id, incident, alert, unit, agency, police_agency, monitoring_agency, toward, state, reasons, sealed, tasked_at)
SELECT id, incident, alert, unit, agency, police, monitoring, toward, 'tasked', '{}', decode(sealed, 'base64'), to_timestamp(now)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS t (id uuid, incident uuid, alert uuid, unit uuid, agency uuid, police uuid,
  monitoring uuid, toward text, sealed text, now float8)
ON CONFLICT DO NOTHING
""")
NEW_DELIVERIES = text("""
INSERT INTO delivery (id, alert, recipient, agency, tasking, feed, seq, channel, state, queued_at)
SELECT id, alert, feed, agency, tasking, feed, seq, 'terminal', 'queued', to_timestamp(now)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS d (id uuid, alert uuid, agency uuid, tasking uuid, feed text, seq int8,
  now float8)
ON CONFLICT DO NOTHING
""")
MOVE_CURSOR = text("""
INSERT INTO cursor (name, seq) VALUES ('alerts', :seq) ON CONFLICT (name) DO UPDATE SET seq = greatest(cursor.seq, excluded.seq)
""")
CURSOR = text("SELECT seq FROM cursor WHERE name = 'alerts'")
AGENCIES = text("SELECT id FROM agency WHERE kind IN ('police', 'monitoring')")
TASKING = text("""
SELECT t.id, t.incident, t.alert, t.unit, t.agency, t.police_agency, t.monitoring_agency, t.toward, t.state, t.ended_at,
  u.kind, u.callsign, i.closed_at, i.status, i.offender, i.victim, coalesce(i."order", i.victim, i.offender) AS whose
FROM tasking t JOIN unit u ON u.id = t.unit JOIN incident i ON i.id = t.incident
WHERE t.id = :id FOR NO KEY UPDATE OF t
""")
# The order of locks is incident, tasking, feed, everywhere. Receipts are written without it, and look at a tasking's key:
# hence no lock on that.
LOCK_INCIDENT_OF = text("""
SELECT i.id FROM incident i WHERE i.id = (SELECT incident FROM tasking WHERE id = :tasking) FOR UPDATE
""")
MOVE_TASKING = text("""
UPDATE tasking SET state = :state, forsaken_at = NULL, answered_at = coalesce(answered_at, to_timestamp(:now)),
  ended_at = CASE WHEN :ended THEN to_timestamp(:now) ELSE ended_at END
WHERE id = :id
""")
ANSWER_DELIVERY = text("""
UPDATE delivery SET state = :state, answered_at = to_timestamp(:now),
  delivered_at = coalesce(delivered_at, to_timestamp(:now)), sent_at = coalesce(sent_at, to_timestamp(:now))
WHERE tasking = :tasking AND alert = (SELECT alert FROM tasking WHERE id = :tasking)
""")
"""Of the order itself: what raised it later is confirmed on its own."""
MOVE_INCIDENT = text("UPDATE incident SET status = :status WHERE id = :id AND closed_at IS NULL")
INCIDENT = text("""
SELECT id, pair, "order", offender, victim, police_agency, monitoring_agency, priority, dispatch_code, status, closed_at
FROM incident WHERE id = :id FOR UPDATE
""")
UNCLEARED = text("""
SELECT code FROM alert WHERE incident = :incident AND cleared_at IS NULL AND grade = 'live' AND code = ANY(:codes)
""")
SOMEBODY_CAME = text("""
SELECT EXISTS (SELECT FROM tasking WHERE incident = :incident AND state IN ('on_scene', 'cleared'))
""")
"""Whether an officer of an open incident is or was on scene."""
OPEN_OF_PERSON = text("SELECT 1 FROM incident WHERE :person IN (offender, victim) AND closed_at IS NULL")
INCIDENTS_OF = text("""
SELECT p.person, CAST(extract(epoch FROM i.opened_at) AS float8) AS since, CAST(extract(epoch FROM i.closed_at) AS float8) AS until
FROM incident i CROSS JOIN LATERAL (VALUES (i.offender), (i.victim)) AS p (person)
WHERE p.person = ANY(CAST(:people AS uuid[]))
""")
CLOSE_INCIDENT = text("""
UPDATE incident SET status = 'Closed', closed_at = to_timestamp(:now), cause = :cause, response = :response, outcome = :outcome
WHERE id = :id
""")
END_TASKINGS = text("""
UPDATE tasking SET ended_at = to_timestamp(:now), state = CASE WHEN state = 'tasked' THEN 'superseded' ELSE 'cleared' END
WHERE incident = :incident AND ended_at IS NULL RETURNING id, unit, agency
""")
MARK_SENT = text("""
UPDATE delivery SET state = 'sent', sent_at = to_timestamp(:at) WHERE feed = :feed AND seq = :seq AND state = 'queued'
""")
MARK_DELIVERED = text("""
UPDATE delivery SET state = 'delivered', delivered_at = to_timestamp(:at), sent_at = coalesce(sent_at, to_timestamp(:at))
WHERE feed = :feed AND seq = :seq AND state IN ('queued', 'sent') RETURNING id, alert
""")
DELIVERY_OF = text("SELECT state, delivered_at FROM delivery WHERE tasking = :tasking AND alert = :alert FOR UPDATE")
OWN_INCIDENT = text("""
SELECT EXISTS (SELECT FROM delivery d JOIN alert a ON a.id = d.alert
  WHERE a.incident = :incident AND d.recipient = :room AND d.answered_at IS NOT NULL)
""")
"""Whether somebody of that room has taken the incident."""
TAKE_INCIDENT = text("""
UPDATE delivery d SET state = 'accepted', answered_at = to_timestamp(:now) FROM alert a
WHERE a.id = d.alert AND a.incident = :incident AND d.recipient = :room AND d.answered_at IS NULL
""")
