// Recording: what an inbox folder holds, read without taking the folder: for a replay of recorded days, also beside the
// gateway that writes it. Segments that retention removes meanwhile are passed over. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "core/raw_message.h"
#include "core/result.h"
#include "ingest/segment.h"

namespace firegate::ingest {

class Recording {
 public:
  // Errors: not_found (no such folder); io_failed; unsupported (written by another version).
  static Result<Recording> open(const std::filesystem::path& folder);

  // Every message in order of its number; `take` returns false to end. The views are valid during the call.
  // Returns how many bytes were passed over because they do not check. Errors: io_failed.
  Result<std::size_t> each(const std::function<bool(const RawMessage&)>& take) const;

  bool empty() const noexcept { return segments_.empty(); }

 private:
  std::vector<std::shared_ptr<Segment>> segments_;  // by ordinal
};

}  // namespace firegate::ingest
