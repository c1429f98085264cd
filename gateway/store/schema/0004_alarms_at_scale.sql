R"sql(
-- The rest of core/alarm.h: who shelved and why, what explains an alarm, what chatters. `cause`: id of an alarm, 0: none.
ALTER TABLE alarms ADD COLUMN shelved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE alarms ADD COLUMN shelved_why TEXT NOT NULL DEFAULT '';
ALTER TABLE alarms ADD COLUMN suppressed_why TEXT NOT NULL DEFAULT '';
ALTER TABLE alarms ADD COLUMN cause INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alarms ADD COLUMN consequences INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alarms ADD COLUMN line TEXT NOT NULL DEFAULT '';
ALTER TABLE alarms ADD COLUMN chattering INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alarms ADD COLUMN end_announced INTEGER NOT NULL DEFAULT 0;

ALTER TABLE notices ADD COLUMN shelved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN shelved_why TEXT NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN suppressed_why TEXT NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN cause INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notices ADD COLUMN consequences INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notices ADD COLUMN line TEXT NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN chattering INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notices ADD COLUMN end_announced INTEGER NOT NULL DEFAULT 0;
-- How many announcements a notice stands for.
ALTER TABLE notices ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
)sql"
