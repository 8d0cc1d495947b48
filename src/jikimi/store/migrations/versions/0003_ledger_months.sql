-- Rows keep one numbering through all months, and ``size`` goes on counting all rows under a checkpoint; ``before`` of them
-- are of earlier months, so that the signed note of a month's tree says size - before. What was sealed until now stays one
-- log under the site's bare name, signed as it is, and the next month's first row says how it ended.
ALTER TABLE checkpoint ADD COLUMN before bigint NOT NULL DEFAULT 0 CHECK (before >= 0 AND before < size);
ALTER TABLE checkpoint ALTER COLUMN before DROP DEFAULT;
CREATE INDEX checkpoint_month ON checkpoint (before, size);

-- What makes a ledger row's commitment one to these facts stands with the facts and is destroyed with them.
ALTER TABLE alert ADD COLUMN opening bytea;
ALTER TABLE tasking ADD COLUMN opening bytea;
