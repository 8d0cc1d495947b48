-- A network from which an account was signed in to, and the wrong passwords from there since.
CREATE TABLE account_origin (
  account uuid NOT NULL REFERENCES account,
  origin text NOT NULL,
  known_at timestamptz NOT NULL,
  failures bigint NOT NULL DEFAULT 0,
  locked_until timestamptz,
  PRIMARY KEY (account, origin)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON account_origin TO jikimi_service;
ALTER TABLE account_origin ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON account_origin TO jikimi_service USING (true) WITH CHECK (true);
