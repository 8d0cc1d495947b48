"""The room's questions to its own tables. They must never read another room's rows but an account's name and place."""

from sqlalchemy import text

_SHIFT = """
s.id, s.agency, s.account, s.station, s.lead, CAST(extract(epoch FROM s.starts_at) AS float8) AS starts_at,
CAST(extract(epoch FROM s.ends_at) AS float8) AS ends_at, CAST(extract(epoch FROM s.begun_at) AS float8) AS begun_at,
CAST(extract(epoch FROM s.ended_at) AS float8) AS ended_at
"""
PLAN = text("""
INSERT INTO shift (id, agency, account, station, lead, starts_at, ends_at, planned_by)
SELECT id, :agency, account, station, lead, starts_at, ends_at, :by FROM unnest(CAST(:ids AS uuid[]),
  CAST(:accounts AS uuid[]), CAST(:stations AS uuid[]), CAST(:leads AS boolean[]), CAST(:starts AS timestamptz[]),
  CAST(:ends AS timestamptz[])) AS s (id, account, station, lead, starts_at, ends_at)
""")
STAFF_OF = text("""
SELECT id, role FROM account WHERE agency = :agency AND disabled_at IS NULL AND id = ANY(CAST(:ids AS uuid[]))
""")
STATIONS_OF = text("SELECT id FROM station WHERE agency = :agency AND id = ANY(CAST(:ids AS uuid[]))")
SHIFT = text(f"SELECT {_SHIFT} FROM shift s WHERE s.id = :id AND s.withdrawn_at IS NULL FOR UPDATE")  # noqa: S608 - our columns
BEGUN = text(f"""
SELECT {_SHIFT} FROM shift s WHERE s.account = :account AND s.begun_at IS NOT NULL AND s.ended_at IS NULL
""")  # noqa: S608 - the same
BEGIN = text("UPDATE shift SET begun_at = :now WHERE id = :id")
FINISH = text("UPDATE shift SET ended_at = :now WHERE id = :id AND ended_at IS NULL")
WITHDRAW = text("UPDATE shift SET withdrawn_at = :now WHERE id = :id")
KEPT = text("SELECT EXISTS (SELECT FROM shift WHERE agency = :agency AND withdrawn_at IS NULL)")
PRESENT = text(f"""
SELECT {_SHIFT} FROM shift s WHERE s.account = :account AND s.withdrawn_at IS NULL AND s.ended_at IS NULL
  AND (s.begun_at IS NOT NULL OR s.ends_at > :now)
ORDER BY s.begun_at IS NULL, s.starts_at LIMIT 1
""")  # noqa: S608 - the same
# A kind has lapsed when its latest paper has; what begins later is no paper yet.
LATEST = text("""
SELECT account, kind, CAST(extract(epoch FROM max(valid_until)) AS float8) AS until FROM qualification
WHERE account = ANY(CAST(:accounts AS uuid[])) AND ended_at IS NULL AND valid_from <= :now GROUP BY account, kind
ORDER BY account, kind
""")
# A unit's training is that of whoever of it is on duty; of everybody, where nobody has begun.
LAPSED_UNITS = text("""
WITH lapsed AS (SELECT DISTINCT account FROM (
  SELECT account FROM qualification WHERE ended_at IS NULL AND valid_from <= :now
  GROUP BY account, kind HAVING max(valid_until) <= :now) AS of_a_kind),
crew AS (SELECT a.unit, l.account IS NOT NULL AS lapsed, EXISTS (SELECT FROM shift s
    WHERE s.account = a.id AND s.begun_at IS NOT NULL AND s.ended_at IS NULL) AS present
  FROM account a LEFT JOIN lapsed l ON l.account = a.id WHERE a.unit IS NOT NULL AND a.disabled_at IS NULL)
SELECT unit FROM crew GROUP BY unit
HAVING CASE WHEN bool_or(present) THEN bool_and(lapsed OR NOT present) ELSE bool_and(lapsed) END
""")
ROSTER = text(f"""
SELECT {_SHIFT}, a.name, a.role, a.unit, u.callsign, t.name AS station_name
FROM shift s JOIN account a ON a.id = s.account LEFT JOIN unit u ON u.id = a.unit LEFT JOIN station t ON t.id = s.station
WHERE s.withdrawn_at IS NULL AND s.ended_at IS NULL AND (s.begun_at IS NOT NULL OR s.ends_at > :now)
ORDER BY s.begun_at IS NULL, s.starts_at, a.name, s.id LIMIT 500
""")  # noqa: S608 - the same
STAFF = text("""
SELECT a.id AS account, a.name, a.role, a.unit, u.callsign FROM account a LEFT JOIN unit u ON u.id = a.unit
WHERE a.disabled_at IS NULL ORDER BY a.role, a.name LIMIT 2000
""")
PAPERS = text("""
SELECT id, account, kind, CAST(extract(epoch FROM valid_from) AS float8) AS valid_from,
  CAST(extract(epoch FROM valid_until) AS float8) AS valid_until
FROM qualification WHERE ended_at IS NULL ORDER BY account, kind, valid_until DESC LIMIT 5000
""")
STATIONS = text("SELECT id, name FROM station WHERE agency = current_agency() ORDER BY name LIMIT 500")
CHANGED = text("""
SELECT r.what, a.id AS account, a.name, a.role, b.name AS by, CAST(extract(epoch FROM r.at) AS float8) AS at
FROM access_register r JOIN account a ON CAST(a.id AS text) = r.subject LEFT JOIN account b ON b.id = r.account
WHERE r.agency = :agency AND a.agency = :agency AND r.allowed AND r.what IN ('account_ended', 'account_restored') AND r.at > :since
ORDER BY r.at DESC, r.id DESC LIMIT 100
""")
RECORDED = text("SELECT account FROM account_subject WHERE agency = :agency AND issuer = :issuer")
QUALIFY = text("""
INSERT INTO qualification (id, agency, account, kind, valid_from, valid_until, recorded_by, recorded_at)
VALUES (:id, :agency, :account, :kind, :valid_from, :valid_until, :by, :now)
""")
UNQUALIFY = text("""
UPDATE qualification SET ended_at = :now WHERE id = :id AND agency = :agency AND ended_at IS NULL RETURNING account, kind
""")
FORGET = text("DELETE FROM account_subject WHERE issuer = :issuer AND account = :account")
RECORD = text("""
INSERT INTO account_subject (issuer, subject, account, agency, recorded_by, recorded_at)
VALUES (:issuer, :subject, :account, :agency, :by, :now)
""")
