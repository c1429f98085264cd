// PictureRecords: floor plans and photos on the store, each act with its line of the journal. Writes through the writer
// and waits for the commit (store/write_and_wait.h). Owned by `app`; the writer outlives it. One thread, which may
// wait.
#pragma once

#include "store/tables/pictures.h"
#include "store/writer.h"

namespace firegate::store {

class PictureRecords {
 public:
  static constexpr Millis kPatience{5'000};  // our choice: with the drawing before it below what an answer may take

  explicit PictureRecords(Writer& writer) : writer_(writer) {}

  Result<void> put_plan(FloorPlan plan, JournalEntry line);
  Result<void> drop_plan(FloorPlan plan, JournalEntry line);
  Result<void> add_photo(Photo photo, JournalEntry line);
  Result<void> drop_photo(Photo photo, JournalEntry line);

 private:
  using Act = std::function<Result<void>(Database&)>;
  Result<void> write(Act act, JournalEntry line);

  Writer& writer_;
};

// At start, before the writer has the connection.
Result<PictureRows> load_pictures(Database& database);

}  // namespace firegate::store
