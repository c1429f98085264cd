#include "store/write_and_wait.h"

#include <fmt/format.h>

#include <atomic>
#include <future>
#include <memory>
#include <utility>

namespace firegate::store {

Result<void> write_and_wait(Writer& writer, Writer::Work work, Millis patience, std::string_view doing) {
  // What is given up must not be written by a later attempt of the writer.
  const auto given_up = std::make_shared<std::atomic<bool>>(false);
  const auto promise = std::make_shared<std::promise<Result<void>>>();
  auto committed = promise->get_future();
  writer.run(
      [given_up, work = std::move(work), doing = std::string(doing)](Transaction& transaction) -> Result<void> {
        if (given_up->load()) return fail(ErrorCode::refused, doing + ": the change was given up");
        return work(transaction);
      },
      true,
      [given_up, promise](Result<void> written) {
        if (!given_up->exchange(true)) promise->set_value(std::move(written));
      });
  if (committed.wait_for(patience) == std::future_status::ready) return committed.get();
  if (given_up->exchange(true)) return committed.get();  // just then
  return fail(ErrorCode::timed_out, fmt::format("{}: found no commit within {} s", doing, patience.count() / 1000));
}

}  // namespace firegate::store
