-- The key by which numbers are found is renewed after a destruction.

-- Since when by no key that is kept a number of theirs is found in a dump of before; null: not yet, or no names were destroyed.
ALTER TABLE destruction ADD COLUMN numbers_at timestamptz;
-- Those of before, certified or not.
INSERT INTO due (id, kind, key, queue, at)
SELECT gen_random_uuid(), 'numbers-anew', 'numbers', 'numbers-anew', now()
WHERE EXISTS (SELECT FROM destruction WHERE destroyed_at IS NOT NULL AND 'person' = ANY(data));
