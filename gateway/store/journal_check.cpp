#include "store/journal_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "store/checkpoints.h"
#include "store/database.h"
#include "store/tables/journal.h"

namespace firegate::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 2000;  // rows of one reading; our choice: about a megabyte

// Walks the rows once, oldest first, beside the checkpoints in the order of their rows.
class JournalWalk {
 public:
  // `first_kept`: from which row on everything has to be there, asked for a gap that ends before this row.
  using FirstKept = std::function<std::uint64_t(std::uint64_t next)>;

  JournalWalk(JournalReport& report, std::vector<Checkpoint> checkpoints, FirstKept first_kept)
      : report_(report), first_kept_(std::move(first_kept)), points_(std::move(checkpoints)) {
    std::ranges::stable_sort(points_, {}, &Checkpoint::seq);
  }

  void take(const JournalRow& row) {
    ++report_.rows;
    if (static_cast<std::int64_t>(row.seq) < 1) {
      return report(JournalFault::changed_row, 0, 0, 0,
                    fmt::format("row {} was never given a number by us", static_cast<std::int64_t>(row.seq)));
    }
    if (report_.first == 0) report_.first = row.seq;
    const bool before_the_chain = row.hash.empty() && !chained_;
    if (before_the_chain) {
      ++report_.unchained;
    } else {
      check(row);
    }
    last_ = row.seq;
  }

  void finish() {
    if (different_ == 0) return;
    report(
        JournalFault::replaced, different_from_, 0, different_first_,
        fmt::format("row {} has another hash than checkpoint {} signed ({} checkpoints differ): it, or rows before it, "
                    "were written anew",
                    different_from_, different_first_, different_));
  }

  void report(JournalFault fault, std::uint64_t from, std::uint64_t to, std::uint64_t checkpoint, std::string text) {
    if (report_.findings.size() < kMostFindings) {
      report_.findings.push_back({fault, from, to, checkpoint, std::move(text)});
    } else {
      ++report_.more_findings;
    }
  }
  std::uint64_t last() const noexcept { return last_; }
  std::uint64_t rows() const noexcept { return report_.rows; }

 private:
  void check(const JournalRow& row) {
    const bool follows = chained_ && row.seq == last_ + 1;
    const bool begins_after_unchained = !chained_ && report_.unchained > 0;
    if (row.seq != last_ + 1 && !begins_after_unchained) report_gap(last_ + 1, row.seq);
    const auto stored = chain_hash_from_hex(row.hash);
    const auto computed = follows ? hash_after(row) : hash_at_start(row);
    if (!stored || stored != computed) {
      report(JournalFault::changed_row, row.seq, row.seq, 0, fmt::format("row {} is not what was written", row.seq));
    }
    computed_ = computed.value_or(kBeforeTheFirst);
    stored_ = stored.value_or(computed_);
    compare_with_checkpoints(row.seq);
    chained_ = true;
  }

  // With the hash of the row before as it stands there. Where only that was altered, with what it should be, so that
  // one change is one finding.
  ChainHash hash_after(const JournalRow& row) const {
    const ChainHash with_stored = chain_hash(stored_, row.seq, row.entry);
    if (stored_ == computed_ || with_stored == chain_hash_from_hex(row.hash)) return with_stored;
    const ChainHash with_computed = chain_hash(computed_, row.seq, row.entry);
    return with_computed == chain_hash_from_hex(row.hash) ? with_computed : with_stored;
  }

  // The first row that is there, or the first after a gap: what came before it is known where a checkpoint signed it,
  // and where a chain begins. Else its own hash has to be taken as it stands; what follows is bound to it.
  std::optional<ChainHash> hash_at_start(const JournalRow& row) const {
    const auto before = std::ranges::lower_bound(points_, row.seq - 1, {}, &Checkpoint::seq);
    if (before != points_.end() && before->seq == row.seq - 1) return chain_hash(before->hash, row.seq, row.entry);
    const bool begins = !chained_ && (row.seq == 1 || report_.unchained > 0);
    return begins ? chain_hash(kBeforeTheFirst, row.seq, row.entry) : chain_hash_from_hex(row.hash);
  }

  // Rows that went by age are no finding; they may go while we walk.
  void report_gap(std::uint64_t from, std::uint64_t next) {
    from = std::max(from, first_kept_(next));
    if (from >= next) return;
    report(JournalFault::missing_rows, from, next - 1, 0,
           from == next - 1 ? fmt::format("row {} is missing", from)
                            : fmt::format("rows {} to {} are missing", from, next - 1));
  }

  void compare_with_checkpoints(std::uint64_t seq) {
    while (next_point_ < points_.size() && points_[next_point_].seq < seq) ++next_point_;
    for (; next_point_ < points_.size() && points_[next_point_].seq == seq; ++next_point_) {
      if (points_[next_point_].hash == stored_) continue;
      if (different_++ > 0) continue;
      different_from_ = seq;
      different_first_ = points_[next_point_].number;
    }
  }

  JournalReport& report_;
  const FirstKept first_kept_;
  std::vector<Checkpoint> points_;  // by row
  std::size_t next_point_ = 0;
  bool chained_ = false;
  std::uint64_t last_ = 0;
  ChainHash stored_{}, computed_{};  // of the row before
  std::uint64_t different_ = 0, different_from_ = 0, different_first_ = 0;
};

// The end of the journal against what was signed, and against the numbers that were given.
void check_tail(JournalWalk& walk, const journal::Ends& ends, const std::vector<Checkpoint>& points) {
  const auto highest = std::ranges::max_element(points, {}, &Checkpoint::seq);
  const std::uint64_t last = walk.last();
  if (highest != points.end() && highest->seq > last) {
    const bool cut = ends.given >= highest->seq;
    walk.report(cut ? JournalFault::tail_cut : JournalFault::rolled_back, last + 1, highest->seq, highest->number,
                fmt::format("checkpoint {} says row {}, the last is {}: {}", highest->number, highest->seq, last,
                            cut ? "the end was cut off" : "an older copy of the record stands here"));
    return;
  }
  if (ends.given > last) {
    walk.report(JournalFault::tail_cut, last + 1, ends.given, 0,
                fmt::format("numbers up to {} were given, the last row is {}: the end was cut off", ends.given, last));
  }
}

// Who watches a check: may end it, and is told how far it has come.
struct Watched {
  const std::function<bool()>& stop;
  const JournalProgress& progress;
};

Result<void> walk_rows(Database& database, const journal::Ends& ends, JournalWalk& walk, const Watched& watched) {
  const std::uint64_t in_all = ends.last < ends.first || ends.first == 0 ? 0 : ends.last - ends.first + 1;
  for (std::int64_t after = std::numeric_limits<std::int64_t>::min();;) {
    if (watched.stop && watched.stop()) {
      return fail(ErrorCode::refused, "checking the journal: found that we are stopping");
    }
    if (watched.progress) watched.progress(walk.rows(), in_all);
    const auto rows = journal::rows_after(database, after, kPiece);
    if (!rows) return tl::unexpected(rows.error());
    for (const JournalRow& row : *rows) {
      if (static_cast<std::int64_t>(row.seq) > static_cast<std::int64_t>(ends.last)) return {};
      walk.take(row);
      after = static_cast<std::int64_t>(row.seq);
    }
    if (rows->size() < kPiece) return {};
  }
}

Result<CheckpointsRead> read_signed(const JournalFiles& files) {
  std::error_code ignored;
  if (!fs::exists(files.checkpoints, ignored)) return CheckpointsRead{};
  const auto key = load_public_key(files.public_key);
  if (!key) return tl::unexpected(key.error());
  return read_checkpoints(files.checkpoints, &*key);
}

// From which row on everything has to be there. Retention takes the lowest rows away while we walk: then the database
// begins with `next` now, and a newer checkpoint allows it.
std::uint64_t first_kept(const JournalFiles& files, Database& database, const std::vector<Checkpoint>& points,
                         std::uint64_t next) {
  const auto ends = journal::ends(database);
  if (!ends || ends->first != next) return points.empty() ? 0 : points.back().first;
  const auto now = read_signed(files);
  // Before there was a checkpoint, rows were removed by age without one.
  if (!now || now->good.empty()) return next;
  return now->good.back().first;
}

// The findings of the walk over the rows.
Result<void> check_rows(const JournalFiles& files, Database& database, const std::vector<Checkpoint>& points,
                        JournalWalk& walk, const Watched& watched) {
  const auto ends = journal::ends(database);
  if (!ends) return tl::unexpected(ends.error());
  const auto walked = walk_rows(database, *ends, walk, watched);
  walk.finish();
  if (walked) {
    check_tail(walk, *ends, points);
  } else if (walked.error().code == ErrorCode::corrupt) {
    walk.report(JournalFault::changed_row, walk.last() + 1, 0, 0,
                fmt::format("the rows after {} cannot be read: {}", walk.last(), walked.error().message));
  } else {
    return walked;
  }
  // Again: what was written since the first reading is in it.
  const auto again = read_signed(files);
  if (!again) return tl::unexpected(again.error());
  const std::uint64_t newest = again->last.checkpoint.number;
  if (ends->checkpoints > newest) {
    walk.report(JournalFault::checkpoints_short, 0, 0, newest,
                fmt::format("the file of checkpoints ends with {}, the record knows of {}", newest, ends->checkpoints));
  }
  return {};
}

}  // namespace

JournalFiles JournalFiles::beside(const fs::path& database) {
  return {database, database.parent_path() / "journal.checkpoints", database.parent_path() / "journal.pub"};
}

Result<JournalReport> check_journal(const JournalFiles& files, const std::function<bool()>& stop,
                                    const JournalProgress& progress) {
  std::error_code ignored;
  if (!fs::exists(files.database, ignored)) {
    return fail(ErrorCode::not_found, fmt::format("checking the journal: found no {}", files.database.string()));
  }
  // Checkpoints first: a row that they speak of is then in the database, or is missing.
  const auto read = read_signed(files);
  if (!read) return tl::unexpected(read.error());
  auto database = Database::open(files.database, Database::Mode::read_only);
  if (!database) return tl::unexpected(database.error());

  JournalReport report;
  report.checkpoints = read->good.size();
  JournalWalk walk(report, read->good,
                   [&](std::uint64_t next) { return first_kept(files, *database, read->good, next); });
  for (const JournalFinding& finding : read->findings) {
    walk.report(finding.fault, finding.from, finding.to, finding.checkpoint, finding.text);
  }
  if (auto checked = check_rows(files, *database, read->good, walk, {stop, progress}); !checked)
    return tl::unexpected(checked.error());
  report.last = walk.last();
  return report;
}

}  // namespace firegate::store
