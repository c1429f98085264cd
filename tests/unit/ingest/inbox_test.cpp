#include "ingest/inbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <deque>
#include <fstream>
#include <random>

#include "ingest/segment.h"
#include "unit/ingest/fixtures.h"

namespace firegate::ingest {
namespace {

struct Kept {
  InboxSeq seq = 0;
  std::string topic, payload;
  bool retained = false, duplicate = false;
  Instant arrived_at{};
  bool operator==(const Kept&) const = default;
};

Kept kept(const RawMessage& m) {
  return {m.seq, std::string(m.topic), std::string(m.payload), m.retained, m.duplicate, m.arrived_at};
}

class InboxTest : public testing::Test {
 protected:
  InboxTest() {
    settings_.folder = folder_.path() / "inbox";
    settings_.segment_bytes = 64 * 1024;
    settings_.retry_every = Millis{20};
  }

  void open(InboxSeq committed = 0) {
    inbox_.reset();
    auto opened = Inbox::open(settings_, committed, clock_, metrics_, faults_);
    ASSERT_TRUE(opened) << opened.error().message;
    inbox_ = std::move(*opened);
  }
  InboxSeq append(std::string_view payload, std::string_view topic = "fg/v1/e/d/up") {
    const auto seq = inbox_->append(topic, payload, false, false, clock_.now());
    EXPECT_TRUE(seq) << seq.error().message;
    return seq.value_or(0);
  }
  std::vector<Kept> read_all(InboxSeq from) {
    InboxReader reader(*inbox_, from);
    InboxBatch batch;
    std::vector<Kept> all;
    do {
      EXPECT_TRUE(reader.next(batch, Millis{0}));
      for (const auto& message : batch.messages()) all.push_back(kept(message));
    } while (!batch.empty());
    return all;
  }
  std::vector<InboxSeq> numbers(InboxSeq from) {
    std::vector<InboxSeq> numbers;
    for (const auto& message : read_all(from)) numbers.push_back(message.seq);
    return numbers;
  }
  std::vector<std::filesystem::path> segments() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(settings_.folder)) {
      if (entry.path().extension() == ".inbox") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  // The segment in use that holds the first message of a fresh inbox.
  std::filesystem::path segment_in_use() const {
    for (const auto& file : segments()) {
      const auto segment = Segment::load(file);
      if (segment && !(*segment)->spare()) return file;
    }
    return {};
  }

  TestFolder folder_;
  InboxSettings settings_;
  TestClock clock_;
  metrics::Metrics metrics_;
  FaultList faults_;
  std::unique_ptr<Inbox> inbox_;
};

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

TEST_F(InboxTest, GivesBackWhatWasAppended) {
  open();
  const auto seq = inbox_->append("a/b", std::string_view("x\0y", 3), true, true, Instant{Millis{42}});
  ASSERT_TRUE(seq);
  append("", "empty/payload");
  const auto all = read_all(1);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], (Kept{1, "a/b", std::string("x\0y", 3), true, true, Instant{Millis{42}}}));
  EXPECT_EQ(all[1].payload, "");
}

TEST_F(InboxTest, BytesBehindEachPayloadMayBeRead) {
  open();
  append("last");
  InboxReader reader(*inbox_, 1);
  InboxBatch batch;
  ASSERT_TRUE(reader.next(batch, Millis{0}));
  ASSERT_EQ(batch.messages().size(), 1U);
  const auto payload = batch.messages()[0].payload;
  int sum = 0;
  for (std::size_t i = 0; i < kReadAhead; ++i) sum += payload.data()[payload.size() + i] != 0;
  EXPECT_GE(sum, 0);  // a read outside the buffer ends the sanitized test
}

TEST_F(InboxTest, ReadsAcrossSegments) {
  open();
  const std::string payload(1000, 'p');
  for (int i = 0; i < 500; ++i) append(payload);
  EXPECT_GE(segments().size(), 8U);
  const auto read = numbers(1);
  ASSERT_EQ(read.size(), 500U);
  for (std::size_t i = 0; i < read.size(); ++i) EXPECT_EQ(read[i], i + 1);
  EXPECT_EQ(numbers(321).front(), 321U);
}

TEST_F(InboxTest, ContinuesTheSequenceAfterReopening) {
  open();
  for (int i = 0; i < 3; ++i) append("one");
  open();
  EXPECT_EQ(append("two"), 4U);
  EXPECT_EQ(numbers(1), (std::vector<InboxSeq>{1, 2, 3, 4}));
  EXPECT_EQ(faults_.raised(SelfFaultCode::inbox_torn), 0);
  EXPECT_EQ(metrics_.inbox_torn_bytes.value(), 0U);
}

TEST_F(InboxTest, ContinuesBehindTheStoresPositionWhenItsFilesAreGone) {
  open(100);
  EXPECT_EQ(append("x"), 101U);
  EXPECT_EQ(numbers(101), (std::vector<InboxSeq>{101}));
}

TEST_F(InboxTest, TakesTheLargestMessage) {
  settings_.segment_bytes = 16 * 1024 * 1024;
  open();
  const std::string topic(kMaxTopic, 't');
  std::string payload(kMaxPayload, 'p');
  for (char c = 'a'; c < 'd'; ++c) {
    payload.back() = c;
    append(payload, topic);
  }
  const auto all = read_all(1);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[2].payload, payload);
  EXPECT_EQ(all[2].topic, topic);
}

TEST_F(InboxTest, RefusesWhatIsTooLargeAndGoesOn) {
  open();
  const auto refused = inbox_->append("t", std::string(kMaxPayload + 1, 'p'), false, false, clock_.now());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_input);
  EXPECT_EQ(metrics_.inbox_refused.value(), 1U);
  EXPECT_EQ(append("next"), 1U);
}

TEST_F(InboxTest, IsTakenByOneProcessAtATime) {
  open();
  const auto second = Inbox::open(settings_, 0, clock_, metrics_, faults_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::refused);
}

TEST_F(InboxTest, RefusesAnotherVersion) {
  open();
  append("x");
  inbox_.reset();
  const auto file = segment_in_use();
  auto bytes = read_file(file);
  bytes[8] = 99;
  write_file(file, bytes);
  const auto opened = Inbox::open(settings_, 0, clock_, metrics_, faults_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::unsupported);
  EXPECT_NE(opened.error().message.find("found version 99, expected 1"), std::string::npos) << opened.error().message;
}

// The file cut at every byte of its last two records: what was whole stays, the rest is counted, the sequence goes on.
TEST_F(InboxTest, CutsATornTailAtAnyByte) {
  open();
  const std::vector<std::string> payloads{"first", "the second", "the third one"};
  std::vector<std::size_t> ends{kSegmentHeader};
  for (const auto& payload : payloads) {
    append(payload, "t");
    ends.push_back(ends.back() + record_size(1, payload.size()));
  }
  const auto file = segment_in_use();
  inbox_.reset();
  const auto whole = read_file(file);
  const auto folder = settings_.folder;
  for (std::size_t cut = ends[1]; cut <= ends[3]; ++cut) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    write_file(folder / file.filename(), std::string_view(whole).substr(0, cut));
    metrics::Metrics metrics;
    FaultList faults;
    auto opened = Inbox::open(settings_, 0, clock_, metrics, faults);
    ASSERT_TRUE(opened) << opened.error().message;
    inbox_ = std::move(*opened);
    // Padding behind a record is zeros: a cut there takes nothing away.
    const std::size_t second = kRecordHeader + 1 + payloads[1].size(), third = kRecordHeader + 1 + payloads[2].size();
    const InboxSeq expected = cut >= ends[2] + third ? 3 : cut >= ends[1] + second ? 2 : 1;
    ASSERT_EQ(inbox_->last(), expected) << "cut at " << cut;
    const bool torn = cut != ends[expected] && cut > ends[expected];
    EXPECT_EQ(metrics.inbox_torn_bytes.value() > 0, torn) << "cut at " << cut;
    EXPECT_EQ(faults.raised(SelfFaultCode::inbox_torn) > 0, torn) << "cut at " << cut;
    EXPECT_EQ(append("next"), expected + 1);
    EXPECT_EQ(read_all(1).size(), expected + 1);
    inbox_.reset();
  }
}

// Any one byte of a record changed: that record is passed over and reported, its neighbours are read.
TEST_F(InboxTest, PassesOverADamagedRecord) {
  open();
  for (const char* payload : {"first", "second", "third"}) append(payload, "t");
  const auto file = segment_in_use();
  inbox_.reset();
  const auto whole = read_file(file);
  const std::size_t begin = kSegmentHeader + record_size(1, 5);
  for (std::size_t at = begin; at < begin + kRecordHeader + 1 + 6; ++at) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    write_file(file, damaged);
    metrics::Metrics metrics;
    FaultList faults;
    auto opened = Inbox::open(settings_, 0, clock_, metrics, faults);
    ASSERT_TRUE(opened);
    inbox_ = std::move(*opened);
    EXPECT_EQ(numbers(1), (std::vector<InboxSeq>{1, 3})) << "byte " << at;
    EXPECT_GT(metrics.inbox_torn_bytes.value(), 0U);
    EXPECT_TRUE(faults.active(SelfFaultCode::inbox_torn));
    inbox_.reset();
  }
}

// A payload that looks like a record must not become one when the record around it is damaged.
TEST_F(InboxTest, NeverTakesAPayloadForARecord) {
  open();
  append("seed", "t");
  const auto file = segment_in_use();
  inbox_.reset();
  const std::string forged = read_file(file).substr(kSegmentHeader, record_size(1, 4));
  settings_.folder = folder_.path() / "other";
  open();
  append(forged + forged, "1234567");
  const auto target = segment_in_use();
  inbox_.reset();
  auto bytes = read_file(target);
  bytes[kSegmentHeader] = 0;
  write_file(target, bytes);
  open();
  EXPECT_TRUE(read_all(1).empty());
}

TEST_F(InboxTest, SetsASegmentWithADamagedHeaderAside) {
  open();
  append("x");
  const auto file = segment_in_use();
  inbox_.reset();
  auto bytes = read_file(file);
  bytes[20] = static_cast<char>(bytes[20] ^ 1);
  write_file(file, bytes);
  open();
  EXPECT_TRUE(std::filesystem::exists(file.string() + ".damaged"));
  EXPECT_TRUE(faults_.active(SelfFaultCode::inbox_torn));
  append("y");
}

TEST_F(InboxTest, ReadsFromTheCommittedPositionOn) {
  open();
  for (int i = 0; i < 10; ++i) append("x");
  inbox_->commit(7);
  EXPECT_EQ(inbox_->committed(), 7U);
  inbox_->commit(5);
  EXPECT_EQ(inbox_->committed(), 7U);
  open(7);
  EXPECT_EQ(numbers(inbox_->committed() + 1), (std::vector<InboxSeq>{8, 9, 10}));
}

TEST_F(InboxTest, SyncsWithinItsTimeAndSaysSo) {
  open();
  std::atomic<int> done{0};
  const InboxSeq seq = append("x");
  inbox_->when_synced(seq, [&done] { ++done; });
  inbox_->when_synced(seq + 1, [&done] { done += 100; });
  ASSERT_TRUE(eventually([&done] { return done == 1; }));
  EXPECT_GE(inbox_->synced_up_to(), seq);
  inbox_->when_synced(seq, [&done] { ++done; });
  EXPECT_EQ(done, 2);
  append("y");
  EXPECT_TRUE(eventually([&done] { return done == 102; }));
}

TEST_F(InboxTest, WakesTheReaderForTheFirstMessage) {
  open();
  InboxReader reader(*inbox_, 1);
  InboxBatch batch;
  std::thread writer([this] { append("x"); });
  const auto began = std::chrono::steady_clock::now();
  while (batch.empty() && std::chrono::steady_clock::now() - began < std::chrono::seconds{10}) {
    ASSERT_TRUE(reader.next(batch, Millis{5'000}));
  }
  writer.join();
  EXPECT_EQ(batch.messages().size(), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{4});
}

TEST_F(InboxTest, StopEndsTheReadersWait) {
  open();
  InboxReader reader(*inbox_, 1);
  InboxBatch batch;
  const auto began = std::chrono::steady_clock::now();
  std::thread stopper([this] { inbox_->stop_reading(); });
  ASSERT_TRUE(reader.next(batch, Millis{0}));
  ASSERT_TRUE(reader.next(batch, Millis{60'000}));
  stopper.join();
  EXPECT_TRUE(batch.empty());
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{30});
}

TEST_F(InboxTest, FindsOneMessageByItsNumber) {
  open();
  for (int i = 1; i <= 300; ++i) append(std::string(1000, 'p') + std::to_string(i));
  InboxBatch batch;
  ASSERT_TRUE(inbox_->read_at(217, batch));
  EXPECT_TRUE(batch.messages()[0].payload.ends_with("p217"));
  const auto missing = inbox_->read_at(301, batch);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
}

TEST_F(InboxTest, RemovesFinishedSegmentsBySize) {
  settings_.keep_bytes = 3 * settings_.segment_bytes;
  open();
  for (int i = 0; i < 600; ++i) append(std::string(1000, 'p'));
  EXPECT_TRUE(eventually([&] { return inbox_->synced_up_to() == 600; }));
  inbox_->commit(300);
  InboxBatch batch;
  EXPECT_TRUE(eventually([&] { return !inbox_->read_at(1, batch); }));
  EXPECT_TRUE(inbox_->read_at(300, batch));
  inbox_->commit(600);
  EXPECT_TRUE(eventually([&] { return segments().size() <= 3 + 1 + 2; })) << segments().size();
  EXPECT_EQ(numbers(600), (std::vector<InboxSeq>{600}));
}

TEST_F(InboxTest, RemovesFinishedSegmentsByAgeAndNeverUnfinishedOnes) {
  settings_.keep_for = std::chrono::hours{24};
  open();
  for (int i = 0; i < 300; ++i) append(std::string(1000, 'p'));
  EXPECT_TRUE(eventually([&] { return inbox_->synced_up_to() == 300; }));
  inbox_->commit(150);
  clock_.advance(std::chrono::hours{25});
  InboxBatch batch;
  EXPECT_TRUE(eventually([&] { return !inbox_->read_at(1, batch); }));
  EXPECT_TRUE(inbox_->read_at(151, batch));
  EXPECT_EQ(numbers(151).size(), 150U);
}

// Random acts against a model: append, read, commit, reopen.
TEST_F(InboxTest, AgreesWithAModelOverRandomActs) {
  std::mt19937 random(20261122);
  open();
  std::deque<Kept> model;  // unfinished
  InboxSeq committed = 0;
  for (int act = 0; act < 4000; ++act) {
    const auto dice = random() % 100;
    if (dice < 85) {
      Kept message{0,
                   "t/" + std::to_string(random() % 10),
                   std::string(random() % (random() % 50 == 0 ? 60'000 : 300), 'x'),
                   random() % 2 == 0,
                   random() % 2 == 0,
                   clock_.now()};
      const auto seq =
          inbox_->append(message.topic, message.payload, message.retained, message.duplicate, message.arrived_at);
      ASSERT_TRUE(seq);
      message.seq = *seq;
      model.push_back(std::move(message));
    } else if (dice < 95 && !model.empty()) {
      committed = model[random() % model.size()].seq;
      inbox_->commit(committed);
      while (!model.empty() && model.front().seq <= committed) model.pop_front();
    } else if (dice < 97) {
      open(committed);
    } else {
      const auto all = read_all(committed + 1);
      ASSERT_TRUE(std::equal(all.begin(), all.end(), model.begin(), model.end())) << "act " << act;
    }
    clock_.advance(Millis{1});
  }
}

// kill -9 in mid-append: every message whose append returned is there after a restart, in order, whole.
TEST_F(InboxTest, LosesNothingToKill) {
  std::mt19937 random(7);
  InboxSeq reported = 0;
  for (int round = 0; round < 15; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto opened = Inbox::open(settings_, 0, clock_, metrics_, faults_);
      if (!opened) ::_exit(1);
      for (;;) {
        const InboxSeq next = (*opened)->last() + 1;
        const auto seq = (*opened)->append("t", "message " + std::to_string(next), false, false, clock_.now());
        if (!seq || ::write(pipe_ends[1], &*seq, sizeof *seq) != sizeof *seq) ::_exit(2);
      }
    }
    ::close(pipe_ends[1]);
    const auto quota = 200 + random() % 2000;
    InboxSeq seq = 0;
    for (std::size_t i = 0; i < quota && ::read(pipe_ends[0], &seq, sizeof seq) == sizeof seq; ++i) reported = seq;
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
    while (::read(pipe_ends[0], &seq, sizeof seq) == sizeof seq) reported = seq;
    ::close(pipe_ends[0]);
  }
  open();
  const auto all = read_all(1);
  ASSERT_GE(all.size(), reported);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i].seq, i + 1);
    ASSERT_EQ(all[i].payload, "message " + std::to_string(i + 1));
  }
}

// A file system of its own, of 2 MiB; skipped where this user may not mount.
class FullDiskTest : public InboxTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(disk_);
    mounted_ = ::mount("tmpfs", disk_.c_str(), "tmpfs", 0, "size=2m") == 0;
    if (!mounted_) GTEST_SKIP() << "mounting a small file system needs root";
    settings_.folder = disk_ / "inbox";
    settings_.segment_bytes = 256 * 1024;
  }
  void TearDown() override {
    inbox_.reset();
    if (mounted_) ::umount(disk_.c_str());
  }
  void fill_disk() {
    const File file{::open((disk_ / "filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    std::error_code ignored;
    for (std::uintmax_t room; (room = std::filesystem::space(disk_, ignored).free) >= 4096;) {
      if (::posix_fallocate(file.get(), 0, static_cast<off_t>(std::filesystem::file_size(disk_ / "filler") + 4096)) !=
          0)
        break;
    }
  }
  std::filesystem::path disk_ = folder_.path() / "disk";
  bool mounted_ = false;
};

TEST_F(FullDiskTest, UsesTheReserveThenFailsThenRecovers) {
  open();
  fill_disk();
  const std::string payload(4000, 'p');
  std::size_t taken = 0;
  Result<InboxSeq> last;
  while ((last = inbox_->append("t", payload, false, false, clock_.now()))) ++taken;
  EXPECT_EQ(last.error().code, ErrorCode::io_failed);
  EXPECT_GT(metrics_.inbox_refused.value(), 0U);
  const std::size_t in_a_segment = (settings_.segment_bytes - kSegmentHeader) / record_size(1, payload.size());
  EXPECT_EQ(taken, 2 * in_a_segment);  // the spare and the reserve
  EXPECT_TRUE(eventually([this] { return faults_.active(SelfFaultCode::inbox_failed, "space"); }));
  EXPECT_EQ(read_all(1).size(), taken);

  std::filesystem::remove(disk_ / "filler");
  EXPECT_TRUE(eventually([this] { return !faults_.active(SelfFaultCode::inbox_failed, "space"); }));
  EXPECT_EQ(append("again"), taken + 1);
}

TEST_F(FullDiskTest, GivesUpHistoryForNewMessages) {
  open();
  const std::string payload(4000, 'p');
  InboxSeq last = 0;
  for (int i = 0; i < 2000; ++i) {  // four times what the disk holds
    last = append(payload);
    inbox_->commit(last);
    if (i % 20 != 0) continue;
    ASSERT_TRUE(eventually([&] { return inbox_->synced_up_to() >= last; }));
  }
  EXPECT_EQ(last, 2000U);
}

}  // namespace
}  // namespace firegate::ingest
