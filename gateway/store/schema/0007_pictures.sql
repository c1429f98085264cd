R"sql(
-- Floor plans and photos (core/picture.h). The pictures themselves are files, named by `hash`.
CREATE TABLE plans (
  estate TEXT NOT NULL, building TEXT NOT NULL, floor TEXT NOT NULL,
  hash TEXT NOT NULL, type TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, bytes INTEGER NOT NULL,
  at INTEGER NOT NULL, by TEXT NOT NULL,
  PRIMARY KEY (estate, building, floor)
) STRICT, WITHOUT ROWID;

-- `test`: the walk test of which it is evidence; 0: of the device. The row of a photo that was taken away stays, so that
-- its number is not given again.
CREATE TABLE photos (
  device TEXT NOT NULL, no INTEGER NOT NULL, test INTEGER NOT NULL,
  hash TEXT NOT NULL, type TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, bytes INTEGER NOT NULL,
  at INTEGER NOT NULL, by TEXT NOT NULL, dropped INTEGER NOT NULL,
  PRIMARY KEY (device, no)
) STRICT, WITHOUT ROWID;
)sql"
