-- Words beside the ledger, and who is told.

-- What an account that was ended had open waits to be taken also where it had begun no shift.
ALTER TABLE handover ALTER COLUMN shift DROP NOT NULL;

-- What an officer wrote belongs to the officer's agency, as a line of a room's log does to the room's.
UPDATE feed_message m SET body = m.body || jsonb_build_object('agency', t.agency::text) FROM tasking t
WHERE m.kind = 'tasking_state' AND m.feed LIKE 'room:%' AND t.id = CAST(m.body->>'tasking' AS uuid) AND NOT m.body ? 'agency';

-- The article two agencies named is what somebody typed: sealed beside, and the purpose's own where it lies open.
ALTER TABLE agreement ADD COLUMN named bytea;

-- Since when nobody is left in its unit to see a tasking through: it counts as under way no more, until somebody takes it up.
ALTER TABLE tasking ADD COLUMN forsaken_at timestamptz;
