// Cursors of the history and of the journal, as anybody may send them: read by a real archive of a small store.
#include <unistd.h>

#include <filesystem>

#include "fuzz/fuzz.h"
#include "store/queries.h"
#include "store/store.h"

namespace firegate::fuzz {
namespace {

// A store with nothing in it, for as long as the program runs.
class EmptyStore {
 public:
  EmptyStore() {
    std::string pattern = (std::filesystem::temp_directory_path() / "firegate-fuzz-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const auto file = folder_ / "firegate.db";
    must(store::open(file).has_value(), "a store can be made");
    auto opened = store::SqliteArchive::open(file);
    must(opened.has_value(), "an archive opens");
    archive_ = std::move(*opened);
  }
  ~EmptyStore() {
    archive_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  EmptyStore(const EmptyStore&) = delete;
  EmptyStore& operator=(const EmptyStore&) = delete;
  Archive& archive() const noexcept { return *archive_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<Archive> archive_;
};

template <typename Page>
void judge(const Result<Page>& page) {
  if (!page) return must(page.error().code == ErrorCode::bad_input, "a cursor that no page gave is bad input");
  must(page->next_cursor.empty(), "an empty store has one page");
}

}  // namespace
}  // namespace firegate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firegate;
  static const fuzz::EmptyStore kStore;
  AlarmQuery alarms;
  alarms.cursor = fuzz::text_of(data, size);
  alarms.scope.every = true;
  fuzz::judge(kStore.archive().alarms(alarms));
  JournalQuery journal;
  journal.cursor = alarms.cursor;
  journal.scope.every = true;
  fuzz::judge(kStore.archive().journal(journal));
  return 0;
}
