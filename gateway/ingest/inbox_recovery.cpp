// Opening the inbox: whose it is, what lies in it, what of it checks.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/log.h"
#include "ingest/inbox_files.h"

namespace firegate::ingest {
namespace {

constexpr std::string_view kPrefix = "segment-", kSuffix = ".inbox";

// The number in "segment-000000000012.inbox"; none when the file is called otherwise.
std::optional<std::uint64_t> file_number(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  const char* begin = name.data() + kPrefix.size();
  const char* end = name.data() + name.size() - kSuffix.size();
  std::uint64_t number = 0;
  const auto read = std::from_chars(begin, end, number);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(number) : std::nullopt;
}

}  // namespace

Result<void> InboxFiles::open(InboxSeq committed_before) {
  std::error_code error;
  std::filesystem::create_directories(settings_.folder, error);
  if (error) {
    return fail(ErrorCode::io_failed,
                fmt::format("creating the inbox folder {}: {}", settings_.folder.string(), error.message()));
  }
  if (auto locked = lock_folder(); !locked) return locked;
  if (auto found = find_segments(); !found) return found;
  committed = committed_before;
  last = committed_before;
  synced = committed_before;
  check_unfinished();
  next_seq_ = last.load() + 1;
  if (!segments_.empty()) next_ordinal_ = segments_.back()->ordinal() + 1;
  keep_spares();
  show_state();
  syncer_ = std::thread(&InboxFiles::run_syncer, this);
  log::info("inbox_opened", {{"folder", settings_.folder.string()},
                             {"segments", segments_.size()},
                             {"last", last.load()},
                             {"waiting", last.load() - committed_before}});
  return {};
}

Result<void> InboxFiles::lock_folder() {
  const auto file = settings_.folder / "lock";
  lock_ = File{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock_) {
    return fail(ErrorCode::io_failed, fmt::format("opening {}: {}", file.string(), std::strerror(errno)));
  }
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return fail(ErrorCode::refused,
              fmt::format("locking the inbox {}: another process has it", settings_.folder.string()));
}

Result<void> InboxFiles::find_segments() {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator at(settings_.folder, error), end; !error && at != end; at.increment(error)) {
    const auto number = file_number(at->path());
    if (!number) continue;
    next_file_ = std::max(next_file_.load(), *number + 1);
    files.push_back(at->path());
  }
  if (error) {
    return fail(ErrorCode::io_failed,
                fmt::format("listing the inbox {}: {}", settings_.folder.string(), error.message()));
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    if (auto kept = keep_or_remove(file); !kept) return kept;
  }
  std::sort(segments_.begin(), segments_.end(),
            [](const auto& a, const auto& b) { return a->ordinal() < b->ordinal(); });
  return {};
}

// A segment is kept, a spare is used again, one that was being prepared is removed, a damaged one is set aside.
Result<void> InboxFiles::keep_or_remove(const std::filesystem::path& file) {
  auto loaded = Segment::load(file);
  if (!loaded && loaded.error().code == ErrorCode::corrupt) {
    set_aside(file, loaded.error());
    return {};
  }
  if (!loaded) return tl::unexpected(std::move(loaded.error()));
  auto segment = std::move(*loaded);
  if (!segment->spare()) {
    segments_.push_back(std::move(segment));
    return {};
  }
  segment->recovered = false;
  const bool fits = segment->size() == settings_.segment_bytes;
  if (fits && !reserve_) {
    reserve_ = std::move(segment);
  } else if (fits && !spare_) {
    spare_ = std::move(segment);
  } else {
    ::unlink(file.c_str());
  }
  return {};
}

void InboxFiles::set_aside(const std::filesystem::path& file, const Error& why) {
  std::array<char, kSegmentHeader> header{};
  {
    const File handle{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    const ssize_t got = ::pread(handle.get(), header.data(), header.size(), 0);
    const bool empty = got >= 0 && std::all_of(header.begin(), header.end(), [](char c) { return c == 0; });
    if (empty) {  // the process ended while it prepared this one
      ::unlink(file.c_str());
      return;
    }
  }
  auto aside = file;
  aside += ".damaged";
  std::error_code error;
  const std::uint64_t bytes = std::filesystem::file_size(file, error);
  std::filesystem::rename(file, aside, error);
  metrics_.inbox_torn_bytes.add(bytes);
  log::error("inbox_torn", {{"file", aside.string()}, {"bytes", bytes}, {"reason", why.message}});
  faults_.raise(SelfFaultCode::inbox_torn, "", fmt::format("{}; set aside as {}", why.message, aside.string()));
}

// Checks every message behind the committed position, and syncs the segments it finds them in: the process may have
// ended between writing and syncing.
void InboxFiles::check_unfinished() {
  const InboxSeq finished = committed.load();
  std::size_t begin = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i]->first() <= finished + 1) begin = i;
  }
  // Segments before are finished: they end where the next one begins.
  for (std::size_t i = 0; i < begin; ++i) {
    segments_[i]->close_recovered(segments_[i]->size(), segments_[i + 1]->first() - 1);
  }
  InboxSeq last_found = segments_.empty() ? finished : std::min(finished, segments_[begin]->first() - 1);
  for (std::size_t i = begin; i < segments_.size(); ++i) check_segment(*segments_[i], last_found);
  last = std::max(finished, last_found);
  synced = fault_sync_ ? finished : last.load();
  if (!segments_.empty() && !fault_sync_) clean_up_to_ = segments_.back()->ordinal();
}

void InboxFiles::check_segment(Segment& segment, InboxSeq& last_found) {
  std::vector<std::byte> bytes;
  std::vector<RawMessage> messages;
  std::size_t offset = kSegmentHeader, end = kSegmentHeader, damaged = 0;
  InboxSeq missing = 0, expected = std::max(last_found + 1, segment.first());
  missing += expected - last_found - 1;
  InboxSeq last_here = expected - 1;
  while (offset < segment.size()) {
    messages.clear();
    const ReadOutcome outcome = segment.read(offset, segment.size(), 0, SIZE_MAX, bytes, messages);
    if (outcome.error != 0) {
      faults_.raise(SelfFaultCode::inbox_failed, "read",
                    fmt::format("checking {}: {}", segment.file().string(), std::strerror(outcome.error)));
      segment.close_recovered(segment.size(), last_here);
      last_found = std::max(last_found, last_here);
      return;
    }
    for (const RawMessage& message : messages) {
      const InboxSeq before = std::max(last_here, committed.load());
      if (message.seq > before + 1) missing += message.seq - before - 1;
      last_here = std::max(last_here, message.seq);
    }
    if (outcome.valid_end != 0) end = outcome.valid_end;
    if (last_here >= committed.load()) damaged += outcome.damaged;  // what is finished was reported before
    offset = outcome.offset;
  }
  segment.close_recovered(end, last_here);
  segment.trim();
  sync_segment(segment);
  last_found = std::max(last_found, last_here);
  if (damaged > 0 || missing > 0) report_damage(segment, damaged, missing);
}

}  // namespace firegate::ingest
