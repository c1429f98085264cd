// AccountRecords: the AccountStore on the store. Owned by `app`; the writer outlives it. A change and its lines of the
// journal are one transaction, committed at once.
//
// `done` runs once. After a failure was told the change is given up: when the writer tries its group again, nothing of
// it is written. One case is left: the commit that seemed to fail had reached the disk. Then the change is in the
// record, is logged, and holds from the next start on.
#pragma once

#include "core/account_store.h"
#include "store/writer.h"

namespace firegate::store {

class AccountRecords final : public AccountStore {
 public:
  explicit AccountRecords(Writer& writer) noexcept : writer_(writer) {}
  void save(AccountChange change, std::function<void(Result<void>)> done) noexcept override;

 private:
  Writer& writer_;
};

// At start, before the writer has the connection.
Result<AccountRows> load_accounts(Database& database);

}  // namespace firegate::store
