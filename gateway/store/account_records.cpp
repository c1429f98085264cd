#include "store/account_records.h"

#include <memory>

#include "core/log.h"
#include "store/tables/accounts.h"
#include "store/tables/journal.h"

namespace firegate::store {
namespace {

Result<void> write(Database& database, const AccountChange& change) {
  auto written = accounts::save(database, change.put).and_then([&] { return accounts::drop(database, change); });
  for (const JournalEntry& entry : change.journal) {
    if (!written) break;
    written = journal::append(database, entry);
  }
  return written;
}

}  // namespace

void AccountRecords::save(AccountChange change, std::function<void(Result<void>)> done) noexcept {
  // On the writer's thread only; a stopped writer answers at once and runs nothing.
  const auto told = std::make_shared<bool>(false);
  auto work = [change = std::move(change), told](Transaction& transaction) -> Result<void> {
    if (*told) return fail(ErrorCode::refused, "changing accounts: found the change given up");
    return write(transaction.database(), change);
  };
  writer_.run(std::move(work), true, [told, done = std::move(done)](Result<void> written) {
    if (std::exchange(*told, true)) {
      if (written) log::warning("account_change_late");
      return;
    }
    if (done) done(std::move(written));
  });
}

Result<AccountRows> load_accounts(Database& database) { return accounts::load(database); }

}  // namespace firegate::store
