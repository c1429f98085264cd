#include "store/journal_keeper.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.h"
#include "store/tables/journal.h"
#include "store/tables/state.h"

namespace firegate::store {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::minutes kTryAgain{1};   // after a checkpoint that could not be written; our choice
constexpr std::chrono::minutes kOpenAgain{1};  // the writer may have put a damaged file aside and begun another
constexpr std::chrono::hours kCutEvery{24};
constexpr std::string_view kChain = "chain", kCheckpoint = "checkpoint", kCopy = "copy";

std::string first_of(const JournalReport& report) {
  const std::uint64_t others = report.findings.size() - 1 + report.more_findings;
  return others == 0 ? report.findings.front().text
                     : fmt::format("{}; {} more, see firegate audit verify", report.findings.front().text, others);
}

}  // namespace

JournalKeeper::Settings JournalKeeper::Settings::parse(const ConfigNode* node, Problems& problems) {
  Settings settings;
  if (!node) return settings;
  MapReader reader(*node, problems);
  settings.copy_to = reader.text("copy_to", "");
  if (!settings.copy_to.empty() && settings.copy_to.is_relative()) {
    reader.wrong("copy_to", ProblemCode::E117_not_allowed,
                 fmt::format("found \"{}\", expected an absolute path", settings.copy_to.string()));
  }
  reader.finish();
  return settings;
}

JournalKeeper::JournalKeeper(const fs::path& database, Settings settings, Writer& writer, const Clock& clock,
                             SelfFault& faults)
    : files_(JournalFiles::beside(database)),
      key_file_(database.parent_path() / "journal.key"),
      settings_(std::move(settings)),
      writer_(writer),
      clock_(clock),
      faults_(faults) {}

JournalKeeper::~JournalKeeper() { stop(); }

void JournalKeeper::start() {
  thread_ = std::thread([this] { run_thread(); });
}

void JournalKeeper::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  wake_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  next_sign_ = Steady{};
  sign_if_due(clock_.now(), clock_.steady_now());
}

bool JournalKeeper::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void JournalKeeper::run_thread() noexcept {
  while (!stopping()) {
    tick(clock_.now(), clock_.steady_now());
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kTick, [this] { return stopping_; });
  }
}

void JournalKeeper::tick(Instant now, Steady steady) {
  if (steady >= next_check_) {
    next_check_ = steady + settings_.check_every;
    check();
  }
  sign_if_due(now, steady);
  if (sound_ && key_ && database_ && steady >= next_cut_) {
    next_cut_ = steady + kCutEvery;
    report(kCheckpoint, plan_cut(now));
  }
  if (!to_cut_.empty()) cut_one();
}

// ---- signing ----

// The key is made once, when there is neither key nor checkpoint. Checkpoints begin with it, whatever the record knows
// of earlier ones.
Result<void> JournalKeeper::open_key() {
  std::error_code ignored;
  const bool begins = !fs::exists(key_file_, ignored) && !fs::exists(files_.checkpoints, ignored);
  if (begins && fs::exists(files_.public_key, ignored)) {
    return fail(ErrorCode::refused, fmt::format("making {}: found {} of an earlier key, expected none",
                                                key_file_.string(), files_.public_key.string()));
  }
  auto key = begins ? SigningKey::make(key_file_) : SigningKey::load(key_file_);
  if (!key) return tl::unexpected(key.error());
  if (begins) numbered_ = 0;
  const auto published = load_public_key(files_.public_key);
  if (!published && published.error().code == ErrorCode::not_found) {
    if (auto saved = save_public_key(files_.public_key, key->public_key()); !saved) return saved;
  } else if (!published) {
    return tl::unexpected(published.error());
  } else if (*published != key->public_key()) {
    return fail(ErrorCode::corrupt, fmt::format("opening {}: found that {} is of another key", key_file_.string(),
                                                files_.public_key.string()));
  }
  key_.emplace(std::move(*key));
  return {};
}

Result<void> JournalKeeper::open() {
  if (!database_) {
    auto database = Database::open(files_.database, Database::Mode::read_only);
    if (!database) return tl::unexpected(database.error());
    database_.emplace(std::move(*database));
  }
  if (key_) return {};
  auto read = read_checkpoints(files_.checkpoints, nullptr);
  if (!read) return tl::unexpected(read.error());
  const auto ends = journal::ends(*database_);
  if (!ends) return tl::unexpected(ends.error());
  last_ = std::move(read->last);
  numbered_ = std::max(last_.checkpoint.number, ends->checkpoints);
  if (auto opened = open_key(); !opened) return opened;
  if (ends->checkpoints != numbered_) note_number();  // the last one before a stop
  return {};
}

// The record knows how many there are, so that a shortened file shows.
void JournalKeeper::note_number() {
  auto work = [number = numbered_](Transaction& transaction) {
    return state::set_fact(transaction.database(), journal::kCheckpoints, number);
  };
  writer_.run(std::move(work), false, nullptr);
}

void JournalKeeper::sign_if_due(Instant now, Steady steady) {
  if (steady >= next_open_) {
    database_.reset();
    next_open_ = steady + kOpenAgain;
  }
  const bool due = steady >= next_sign_;
  if (!due && (!key_ || !database_)) return;  // could not be opened: again in a minute
  const auto ends = open().and_then([this] { return journal::ends(*database_); });
  if (!ends) {
    database_.reset();
    next_sign_ = steady + kTryAgain;
    return report(kCheckpoint, tl::unexpected(ends.error()));
  }
  const std::uint64_t signed_to = last_.checkpoint.seq;
  if (ends->last == 0 || ends->last == signed_to) return report(kCheckpoint, {});
  const bool many = ends->last > signed_to && ends->last - signed_to >= settings_.rows;
  if (!due && !many) return;
  const auto done = sign(now);
  report(kCheckpoint, done);
  next_sign_ = steady + (done ? settings_.every : kTryAgain);
}

// `first`: rows before it are let go; none: as the last checkpoint says.
Result<void> JournalKeeper::sign(Instant now, std::optional<std::uint64_t> first) {
  const auto ends = journal::ends(*database_);
  if (!ends) return tl::unexpected(ends.error());
  const auto hash = journal::hash_of(*database_, ends->last);
  if (!hash) return tl::unexpected(hash.error());
  if (!*hash) return fail(ErrorCode::corrupt, fmt::format("signing the journal: found no hash in row {}", ends->last));
  const std::uint64_t first_before = last_.checkpoint.number == 0 ? ends->first : last_.checkpoint.first;
  const Checkpoint point{numbered_ + 1, now, ends->last, **hash, first.value_or(first_before)};
  const std::string line = sign_line(point, last_.signature, *key_);
  if (auto added = append_line(files_.checkpoints, line); !added) return added;
  last_ = *line_from_text(line);
  numbered_ = point.number;
  note_number();
  copy();
  return {};
}

void JournalKeeper::copy() {
  if (settings_.copy_to.empty()) return;
  auto copied = extend_copy(files_.checkpoints, settings_.copy_to / files_.checkpoints.filename()).and_then([this] {
    return extend_copy(files_.public_key, settings_.copy_to / files_.public_key.filename());
  });
  report(kCopy, copied);
}

// Clears only what it has raised: most of the time there is nothing to say.
void JournalKeeper::report(std::string_view part, const Result<void>& done) {
  if (!done) {
    log::error("journal_not_kept", {{"part", part}, {"reason", done.error().message}});
    faults_.raise(SelfFaultCode::journal_broken, part, done.error().message);
    raised_.insert(part);
  } else if (raised_.erase(part) > 0) {
    faults_.clear(SelfFaultCode::journal_broken, part);
  }
}

// ---- checking ----

void JournalKeeper::check() {
  const auto report = check_journal(files_, [this] { return stopping(); });
  sound_ = report && report->ok();
  if (!report) {
    if (report.error().code == ErrorCode::refused) return;
    log::error("journal_not_checked", {{"reason", report.error().message}});
    faults_.raise(SelfFaultCode::journal_broken, kChain, report.error().message);
    return;
  }
  for (const JournalFinding& finding : report->findings) log::error("journal_broken", {{"finding", finding.text}});
  if (!report->ok()) faults_.raise(SelfFaultCode::journal_broken, kChain, first_of(*report));
  else log::info("journal_checked", {{"rows", report->rows}, {"checkpoints", report->checkpoints}});
}

// ---- letting go ----

// A checkpoint is as old as the newest time that it or one before it bears: a clock that was wrong for a while makes
// nothing older. It must be of the journal as it is, and the last row stays: the next one is chained to it.
Result<void> JournalKeeper::plan_cut(Instant now) {
  const auto read = read_checkpoints(files_.checkpoints, nullptr);
  if (!read) return tl::unexpected(read.error());
  const auto ends = journal::ends(*database_);
  if (!ends) return tl::unexpected(ends.error());
  const Instant limit = now - std::chrono::days{settings_.keep_days};
  Instant newest{};
  to_cut_.clear();
  for (const Checkpoint& point : read->good) {
    newest = std::max(newest, point.at);
    if (newest >= limit) break;
    if (point.seq < ends->first) continue;
    const auto may = may_go(point, ends->last);
    if (!may) return tl::unexpected(may.error());
    if (!*may) break;
    to_cut_.push_back(point.seq);
  }
  if (to_cut_.empty() || to_cut_.back() < last_.checkpoint.first) return {};
  auto done = sign(now, to_cut_.back() + 1);
  if (!done) to_cut_.clear();
  return done;
}

Result<bool> JournalKeeper::may_go(const Checkpoint& point, std::uint64_t last) {
  if (point.seq >= last) return false;
  const auto hash = journal::hash_of(*database_, point.seq);
  if (!hash) return tl::unexpected(hash.error());
  return hash->has_value() && **hash == point.hash;
}

void JournalKeeper::cut_one() {
  const std::uint64_t seq = to_cut_.front();
  to_cut_.pop_front();
  log::info("journal_cut", {{"up_to", seq}});
  writer_.run([seq](Transaction& transaction) { return journal::remove_through(transaction.database(), seq); }, false,
              [](const Result<void>& done) {
                if (!done) log::warning("journal_not_cut", {{"reason", done.error().message}});
              });
}

}  // namespace firegate::store
