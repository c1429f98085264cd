#include "store/rule_records.h"

#include <fmt/format.h>

#include <memory>

#include "store/tables/journal.h"
#include "store/tables/rule_versions.h"
#include "store/tables/state.h"
#include "store/write_and_wait.h"

namespace firegate::store {

// Opened when first needed, and again after it could not be read.
template <typename Read>
auto RuleRecords::reading(Read read) -> decltype(read(std::declval<Database&>())) {
  if (!database_) {
    auto opened = Database::open(path_, Database::Mode::read_only);
    if (!opened) return tl::unexpected(opened.error());
    database_.emplace(std::move(*opened));
  }
  auto result = read(*database_);
  if (!result && result.error().code != ErrorCode::not_found) database_.reset();
  return result;
}

Result<std::vector<RuleVersion>> RuleRecords::versions(std::size_t limit) {
  return reading([limit](Database& database) { return rule_versions::list(database, limit); });
}

Result<std::pair<RuleVersion, RuleFiles>> RuleRecords::version(std::uint32_t number) {
  return reading([number](Database& database) { return rule_versions::load(database, number); });
}

Result<std::vector<RuleHits>> RuleRecords::hits(const Scope& scope, Instant now) {
  return reading([&scope, now](Database& database) { return rule_versions::hits(database, scope, now); });
}

Result<std::optional<ShadowRecord>> RuleRecords::shadow() {
  return reading([](Database& database) { return rule_versions::load_shadow(database); });
}

Result<std::vector<LinkRow>> RuleRecords::links() const {
  auto database = Database::open(path_, Database::Mode::read_only);
  if (!database) return tl::unexpected(database.error());
  return state::load_links(*database);
}

Result<std::uint32_t> RuleRecords::publish(RuleVersion version, RuleFiles files, std::optional<JournalEntry> line) {
  const auto given = std::make_shared<std::uint32_t>(0);
  auto written = write([given, version = std::move(version), files = std::move(files),
                        line = std::move(line)](Transaction& transaction) mutable -> Result<void> {
    Database& database = transaction.database();
    const auto newest = rule_versions::newest(database);
    if (!newest) return tl::unexpected(newest.error());
    *given = version.number = *newest + 1;
    if (auto inserted = rule_versions::insert(database, version, files); !inserted || !line) return inserted;
    line->to = fmt::format("{}", version.number);
    return journal::append(database, *line);
  });
  return written.map([&given] { return *given; });
}

Result<void> RuleRecords::keep_shadow(std::optional<ShadowRecord> shadow, JournalEntry line) {
  return write([shadow = std::move(shadow), line = std::move(line)](Transaction& transaction) {
    return rule_versions::save_shadow(transaction.database(), shadow).and_then([&] {
      return journal::append(transaction.database(), line);
    });
  });
}

Result<void> RuleRecords::write(Writer::Work work) {
  return write_and_wait(writer_, std::move(work), kPatience, "recording rules");
}

}  // namespace firegate::store
