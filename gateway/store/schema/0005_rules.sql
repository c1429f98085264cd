R"sql(
-- Published versions of the rules (core/rule_version.h). Ids of rules are separated by commas. `rollback_of`: 0: none.
CREATE TABLE rule_versions (
  number INTEGER PRIMARY KEY,
  author TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, note TEXT NOT NULL, rollback_of INTEGER NOT NULL,
  added TEXT NOT NULL, removed TEXT NOT NULL, changed TEXT NOT NULL
) STRICT;

CREATE TABLE rule_version_files (
  version INTEGER NOT NULL REFERENCES rule_versions (number) ON DELETE CASCADE, name TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (version, name)
) STRICT, WITHOUT ROWID;

-- The rules that are judged beside those in force: one row, or none.
CREATE TABLE rule_shadow (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  author TEXT NOT NULL, name TEXT NOT NULL, since INTEGER NOT NULL, first_message INTEGER NOT NULL, note TEXT NOT NULL
) STRICT;

CREATE TABLE rule_shadow_files (
  name TEXT PRIMARY KEY, text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql"
