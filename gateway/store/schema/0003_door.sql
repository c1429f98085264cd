R"sql(
-- The journal's chain (journal_chain.h): `hash` is 32 bytes; empty in rows from before a gap that was there before the
-- chain. The rows that are here get theirs from journal::chain_existing, which then puts the trigger back.
DROP TRIGGER journal_is_append_only;
ALTER TABLE journal ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN hash BLOB NOT NULL DEFAULT x'';
CREATE INDEX journal_by_kind ON journal (kind, at);
CREATE INDEX journal_of_people ON journal (who, at) WHERE who <> 'system';
CREATE TRIGGER journal_is_cut_by_retention_only BEFORE DELETE ON journal
WHEN OLD.seq > coalesce((SELECT value FROM meta WHERE key = 'journal_cut'), 0)
BEGIN
  SELECT RAISE(ABORT, 'the journal is cut by retention only');
END;

-- Accounts (core/account.h). `grants`: "role@estate,role@estate"; secrets are hashes.
CREATE TABLE users (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, grants TEXT NOT NULL, password TEXT NOT NULL, pin TEXT NOT NULL,
  disabled INTEGER NOT NULL, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, user TEXT NOT NULL, label TEXT NOT NULL, grants TEXT NOT NULL,
  address TEXT NOT NULL, created_at INTEGER NOT NULL, used_at INTEGER NOT NULL, ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tokens (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, user TEXT NOT NULL, grants TEXT NOT NULL,
  created_at INTEGER NOT NULL, used_at INTEGER NOT NULL, ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE invites (
  hash TEXT PRIMARY KEY, kind TEXT NOT NULL, user TEXT NOT NULL, label TEXT NOT NULL, grants TEXT NOT NULL,
  made_by TEXT NOT NULL, created_at INTEGER NOT NULL, ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql"
