R"sql(
-- What people ordered devices to do, and what became of it (core/commands.h). `key`: empty: none.
CREATE TABLE commands (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL, estate TEXT NOT NULL, source TEXT NOT NULL, address TEXT NOT NULL,
  kind TEXT NOT NULL, port INTEGER NOT NULL, until INTEGER, state TEXT NOT NULL, why TEXT NOT NULL,
  at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
  by TEXT NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL, key TEXT NOT NULL
) STRICT;
CREATE INDEX commands_by_device ON commands (device, seq);
CREATE UNIQUE INDEX commands_by_key ON commands (who, key) WHERE key <> '';
CREATE INDEX commands_open ON commands (state) WHERE state IN ('requested', 'sent', 'accepted');
)sql"
