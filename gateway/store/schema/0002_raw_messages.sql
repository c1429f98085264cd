R"sql(
-- The last messages of each device as they came (tables/raw_messages.h). `number`: within the device, rising; `bytes`: of
-- the payload as it came, which may be longer than what is kept of it.
CREATE TABLE raw_messages (
  device TEXT NOT NULL, number INTEGER NOT NULL,
  at INTEGER NOT NULL, source TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL, bytes INTEGER NOT NULL,
  retained INTEGER NOT NULL,
  PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;
)sql"
