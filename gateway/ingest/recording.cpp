#include "ingest/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace firegate::ingest {
namespace {

constexpr std::size_t kMessagesAtOnce = 1024;  // our choice

}  // namespace

Result<Recording> Recording::open(const std::filesystem::path& folder) {
  std::error_code error;
  Recording recording;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".inbox") continue;
    auto segment = Segment::load(at->path());
    if (!segment && (segment.error().code == ErrorCode::corrupt || !std::filesystem::exists(at->path()))) continue;
    if (!segment) return tl::unexpected(std::move(segment.error()));
    if (!(*segment)->spare()) recording.segments_.push_back(std::move(*segment));
  }
  if (error) {
    const auto code = error == std::errc::no_such_file_or_directory ? ErrorCode::not_found : ErrorCode::io_failed;
    return fail(code, fmt::format("listing the inbox {}: {}", folder.string(), error.message()));
  }
  std::ranges::sort(recording.segments_, {}, [](const auto& segment) { return segment->ordinal(); });
  return recording;
}

Result<std::size_t> Recording::each(const std::function<bool(const RawMessage&)>& take) const {
  std::size_t damaged = 0;
  std::vector<std::byte> bytes;
  std::vector<RawMessage> messages;
  for (const auto& segment : segments_) {
    for (std::size_t offset = kSegmentHeader; offset < segment->size();) {
      messages.clear();
      const ReadOutcome outcome = segment->read(offset, segment->size(), 0, kMessagesAtOnce, bytes, messages);
      if (outcome.error != 0) {
        return fail(ErrorCode::io_failed,
                    fmt::format("reading {}: {}", segment->file().string(), std::strerror(outcome.error)));
      }
      for (const RawMessage& message : messages) {
        if (!take(message)) return damaged;
      }
      damaged += outcome.damaged;
      if (outcome.offset == offset) break;
      offset = outcome.offset;
    }
  }
  return damaged;
}

}  // namespace firegate::ingest
