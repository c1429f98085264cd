R"sql(
-- What is known of a device beside its entry (core/device_record.h).
CREATE TABLE device_facts (
  device TEXT PRIMARY KEY, revision INTEGER NOT NULL, x REAL, y REAL, adopted_at INTEGER, calibrated_at INTEGER,
  expected_life_years INTEGER
) STRICT, WITHOUT ROWID;

-- Every change of an entry, before and after: one "name=value" a line. `import`: 0: by none.
CREATE TABLE device_changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL, before TEXT NOT NULL,
  after TEXT NOT NULL, reason TEXT NOT NULL, revision INTEGER NOT NULL, import INTEGER NOT NULL
) STRICT;
CREATE INDEX device_changes_by_device ON device_changes (device, seq);
CREATE INDEX device_changes_by_import ON device_changes (import) WHERE import <> 0;

CREATE TABLE device_imports (
  no INTEGER PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, undone INTEGER NOT NULL
) STRICT;

-- Walk tests. One lasts while ended_at is null.
CREATE TABLE device_tests (
  device TEXT NOT NULL, no INTEGER NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL, by TEXT NOT NULL,
  needs_flag INTEGER NOT NULL, ended_at INTEGER, message_at INTEGER, payload BLOB, signal_dbm REAL,
  passed INTEGER NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY (device, no)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_tests_open ON device_tests (device) WHERE ended_at IS NULL;

CREATE TABLE ignored_devices (
  source TEXT NOT NULL, format TEXT NOT NULL, address TEXT NOT NULL,
  by TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (source, format, address)
) STRICT, WITHOUT ROWID;
)sql"
