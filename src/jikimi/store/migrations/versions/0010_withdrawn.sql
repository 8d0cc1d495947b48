-- What has ended is asked for every second by whoever holds a line open.
CREATE INDEX access_grant_ended ON access_grant (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX access_grant_ends ON access_grant (ends_at) WHERE ended_at IS NULL AND ends_at IS NOT NULL;
