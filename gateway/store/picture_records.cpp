#include "store/picture_records.h"

#include "store/tables/journal.h"
#include "store/write_and_wait.h"

namespace firegate::store {

Result<void> PictureRecords::put_plan(FloorPlan plan, JournalEntry line) {
  return write([plan = std::move(plan)](Database& database) { return pictures::put_plan(database, plan); },
               std::move(line));
}

Result<void> PictureRecords::drop_plan(FloorPlan plan, JournalEntry line) {
  return write(
      [plan = std::move(plan)](Database& database) {
        return pictures::drop_plan(database, plan.estate, plan.building, plan.floor);
      },
      std::move(line));
}

Result<void> PictureRecords::add_photo(Photo photo, JournalEntry line) {
  return write([photo = std::move(photo)](Database& database) { return pictures::add_photo(database, photo); },
               std::move(line));
}

Result<void> PictureRecords::drop_photo(Photo photo, JournalEntry line) {
  return write(
      [photo = std::move(photo)](Database& database) { return pictures::drop_photo(database, photo.device, photo.no); },
      std::move(line));
}

Result<void> PictureRecords::write(Act act, JournalEntry line) {
  auto work = [act = std::move(act), line = std::move(line)](Transaction& transaction) {
    return act(transaction.database()).and_then([&] { return journal::append(transaction.database(), line); });
  };
  return write_and_wait(writer_, std::move(work), kPatience, "recording pictures");
}

Result<PictureRows> load_pictures(Database& database) { return pictures::load(database); }

}  // namespace firegate::store
