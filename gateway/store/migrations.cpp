#include "store/migrations.h"

#include <fmt/format.h>

#include <array>

#include "store/tables/journal.h"

namespace firegate::store {
namespace {

constexpr std::array kMigrations{
    Migration{
        1,
        "core",
#include "store/schema/0001_core.sql"
    },
    Migration{
        2,
        "raw_messages",
#include "store/schema/0002_raw_messages.sql"
    },
    Migration{
        3,
        "door",
#include "store/schema/0003_door.sql"
        ,
        journal::chain_existing,
    },
    Migration{
        4,
        "alarms_at_scale",
#include "store/schema/0004_alarms_at_scale.sql"
    },
    Migration{
        5,
        "rules",
#include "store/schema/0005_rules.sql"
    },
    Migration{
        6,
        "devices",
#include "store/schema/0006_devices.sql"
    },
    Migration{
        7,
        "pictures",
#include "store/schema/0007_pictures.sql"
    },
    Migration{
        8,
        "commands",
#include "store/schema/0008_commands.sql"
    },
};

Result<void> apply(Database& database, const Migration& step) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  // Read again under the lock: another process may have been faster.
  const auto version = schema_version(database);
  if (!version) return tl::unexpected(version.error());
  if (*version >= step.version) return {};
  if (auto applied = database.execute(std::string(step.sql)); !applied) return applied;
  if (step.then) {
    if (auto done = step.then(database); !done) return done;
  }
  if (auto set = database.execute(fmt::format("PRAGMA user_version = {}", step.version)); !set) return set;
  return transaction->commit();
}

}  // namespace

std::span<const Migration> migrations() noexcept { return kMigrations; }

Result<int> schema_version(Database& database) {
  return database.read_integer("PRAGMA user_version").map([](std::int64_t version) {
    return static_cast<int>(version);
  });
}

Result<void> migrate(Database& database, std::span<const Migration> steps) {
  const auto found = schema_version(database);
  if (!found) return tl::unexpected(found.error());
  const int newest = steps.empty() ? 0 : steps.back().version;
  if (*found > newest) {
    return fail(ErrorCode::unsupported,
                fmt::format("opening store {}: found schema {}, expected at most {}: it was written by a newer version "
                            "of firegate; run that version, or restore a backup",
                            database.path().string(), *found, newest));
  }
  for (const Migration& step : steps) {
    if (step.version <= *found) continue;
    if (auto applied = apply(database, step); !applied) return applied;
  }
  return {};
}

}  // namespace firegate::store
