R"sql(
-- Times are milliseconds since 1970 UTC; enums are their words; values are in the form of core/value.h.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alarms (
  id INTEGER PRIMARY KEY,
  rule TEXT NOT NULL, class TEXT NOT NULL,
  device TEXT NOT NULL, port INTEGER NOT NULL, device_name TEXT NOT NULL, kind TEXT NOT NULL, mapped INTEGER NOT NULL,
  estate TEXT NOT NULL, estate_name TEXT NOT NULL, building TEXT NOT NULL, building_name TEXT NOT NULL,
  floor TEXT NOT NULL, floor_name TEXT NOT NULL, zone TEXT NOT NULL, zone_name TEXT NOT NULL,
  location TEXT NOT NULL, location_name TEXT NOT NULL, occupancy INTEGER NOT NULL,
  state TEXT NOT NULL, overlays TEXT NOT NULL, confirmation TEXT NOT NULL,
  late INTEGER NOT NULL, not_recorded INTEGER NOT NULL, evidence TEXT NOT NULL,
  first_raised_at INTEGER NOT NULL, last_raised_at INTEGER NOT NULL, occurrences INTEGER NOT NULL,
  returned_at INTEGER, acknowledged_at INTEGER, acknowledged_by TEXT NOT NULL,
  verdict TEXT, verdict_by TEXT NOT NULL, shelved_until INTEGER,
  changed_at INTEGER NOT NULL, revision INTEGER NOT NULL
) STRICT;
CREATE INDEX alarms_by_time ON alarms (first_raised_at, id);
CREATE INDEX alarms_by_device ON alarms (device, first_raised_at, id);
CREATE INDEX alarms_live ON alarms (id) WHERE state <> 'normal' OR overlays <> '';

-- Append only. AUTOINCREMENT: a number is never given twice, so a missing one shows.
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL, kind TEXT NOT NULL, alarm INTEGER NOT NULL, subject TEXT NOT NULL,
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, who TEXT NOT NULL, post TEXT NOT NULL, why TEXT NOT NULL
) STRICT;
CREATE INDEX journal_by_alarm ON journal (alarm, seq) WHERE alarm <> 0;
CREATE INDEX journal_by_time ON journal (at);
CREATE TRIGGER journal_is_append_only BEFORE UPDATE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the journal is append only');
END;

-- The outbox: what happened, with the alarm as it was then. `routed`: its deliveries are written.
CREATE TABLE notices (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL, notice TEXT NOT NULL, notice_at INTEGER NOT NULL, routed INTEGER NOT NULL DEFAULT 0,
  id INTEGER NOT NULL,
  rule TEXT NOT NULL, class TEXT NOT NULL,
  device TEXT NOT NULL, port INTEGER NOT NULL, device_name TEXT NOT NULL, kind TEXT NOT NULL, mapped INTEGER NOT NULL,
  estate TEXT NOT NULL, estate_name TEXT NOT NULL, building TEXT NOT NULL, building_name TEXT NOT NULL,
  floor TEXT NOT NULL, floor_name TEXT NOT NULL, zone TEXT NOT NULL, zone_name TEXT NOT NULL,
  location TEXT NOT NULL, location_name TEXT NOT NULL, occupancy INTEGER NOT NULL,
  state TEXT NOT NULL, overlays TEXT NOT NULL, confirmation TEXT NOT NULL,
  late INTEGER NOT NULL, not_recorded INTEGER NOT NULL, evidence TEXT NOT NULL,
  first_raised_at INTEGER NOT NULL, last_raised_at INTEGER NOT NULL, occurrences INTEGER NOT NULL,
  returned_at INTEGER, acknowledged_at INTEGER, acknowledged_by TEXT NOT NULL,
  verdict TEXT, verdict_by TEXT NOT NULL, shelved_until INTEGER,
  changed_at INTEGER NOT NULL, revision INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX notices_by_key ON notices (key);
CREATE INDEX notices_by_alarm ON notices (id);
CREATE INDEX notices_not_routed ON notices (seq) WHERE routed = 0;

CREATE TABLE deliveries (
  key TEXT NOT NULL REFERENCES notices (key) ON DELETE CASCADE, channel TEXT NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL, at INTEGER NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (key, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_waiting ON deliveries (key) WHERE state = 'waiting';

-- One row for each (device, port, point): its current value, and where its newest stored reading lies.
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL, port INTEGER NOT NULL, point TEXT NOT NULL,
  value TEXT NOT NULL, quality TEXT NOT NULL,
  changed_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, measured_at INTEGER NOT NULL,
  head_day INTEGER NOT NULL, head INTEGER NOT NULL, previous_day INTEGER NOT NULL, previous INTEGER NOT NULL,
  UNIQUE (device, port, point)
) STRICT;

-- The day tables that exist (tables/readings.h). `kind`: numbers or states; `day`: YYYYMMDD.
CREATE TABLE reading_days (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, day INTEGER NOT NULL,
  UNIQUE (kind, day)
) STRICT;

CREATE TABLE device_states (
  device TEXT PRIMARY KEY, last_heard INTEGER NOT NULL, boot TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_states (
  device TEXT NOT NULL, port INTEGER NOT NULL, rule TEXT NOT NULL, state TEXT NOT NULL,
  PRIMARY KEY (device, port, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE retained_fires (
  subject TEXT NOT NULL, point TEXT NOT NULL,
  PRIMARY KEY (subject, point)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
  source TEXT NOT NULL, key TEXT NOT NULL, bytes TEXT NOT NULL,
  PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE positions (
  building TEXT NOT NULL, source TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (building, source)
) STRICT, WITHOUT ROWID;

-- Places, one row a level: the ids from the estate down, empty below the place's own level. `occupancy`: its own
-- bits and what it inherits.
CREATE TABLE places (
  estate TEXT NOT NULL, building TEXT NOT NULL, floor TEXT NOT NULL, zone TEXT NOT NULL, location TEXT NOT NULL,
  name TEXT NOT NULL, occupancy INTEGER NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (estate, building, floor, zone, location)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL, source TEXT NOT NULL, format TEXT NOT NULL, address TEXT NOT NULL, model TEXT NOT NULL,
  name TEXT NOT NULL, note TEXT NOT NULL, interval_ms INTEGER NOT NULL,
  estate TEXT NOT NULL, building TEXT NOT NULL, floor TEXT NOT NULL, zone TEXT NOT NULL, location TEXT NOT NULL,
  position INTEGER NOT NULL,
  UNIQUE (source, format, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX devices_by_position ON devices (position);

CREATE TABLE disablements (
  device TEXT PRIMARY KEY, until INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql"
