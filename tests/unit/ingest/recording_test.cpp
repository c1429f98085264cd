#include "ingest/recording.h"

#include <gtest/gtest.h>

#include <fstream>

#include "ingest/inbox.h"
#include "unit/ingest/fixtures.h"

namespace firegate::ingest {
namespace {

class RecordingTest : public testing::Test {
 protected:
  RecordingTest() {
    settings_.folder = folder_.path() / "inbox";
    settings_.segment_bytes = 64 * 1024;
    auto opened = Inbox::open(settings_, 0, clock_, metrics_, faults_);
    if (!opened) throw std::runtime_error(opened.error().message);
    inbox_ = std::move(*opened);
  }

  void append(int count) {
    for (int i = 0; i < count; ++i) {
      const auto seq = inbox_->append("t/" + std::to_string(i), std::string(1000, 'x'), i % 2 == 0, false, clock_.now());
      ASSERT_TRUE(seq) << seq.error().message;
    }
  }
  std::vector<InboxSeq> numbers() {
    const auto recording = Recording::open(settings_.folder);
    EXPECT_TRUE(recording) << recording.error().message;
    std::vector<InboxSeq> found;
    const auto damaged = recording->each([&found](const RawMessage& message) {
      found.push_back(message.seq);
      return true;
    });
    EXPECT_TRUE(damaged);
    damaged_ = damaged.value_or(0);
    return found;
  }

  TestFolder folder_;
  InboxSettings settings_;
  TestClock clock_;
  metrics::Metrics metrics_;
  FaultList faults_;
  std::unique_ptr<Inbox> inbox_;
  std::size_t damaged_ = 0;
};

TEST_F(RecordingTest, ReadsEverySegmentInOrderBesideTheInboxThatWritesIt) {
  append(300);
  const auto found = numbers();
  ASSERT_EQ(found.size(), 300u);
  EXPECT_EQ(found.front(), 1u);
  EXPECT_TRUE(std::ranges::is_sorted(found));
  EXPECT_EQ(damaged_, 0u);
  append(1);
  EXPECT_EQ(numbers().size(), 301u);
}

TEST_F(RecordingTest, GivesWhatWasReceived) {
  append(2);
  const auto recording = Recording::open(settings_.folder);
  ASSERT_TRUE(recording);
  std::vector<std::tuple<std::string, std::size_t, bool>> found;
  ASSERT_TRUE(recording->each([&found](const RawMessage& message) {
    found.emplace_back(message.topic, message.payload.size(), message.retained);
    return true;
  }));
  EXPECT_EQ(found, (std::vector<std::tuple<std::string, std::size_t, bool>>{{"t/0", 1000, true}, {"t/1", 1000, false}}));
}

TEST_F(RecordingTest, EndsWhenItIsTold) {
  append(10);
  const auto recording = Recording::open(settings_.folder);
  ASSERT_TRUE(recording);
  int taken = 0;
  ASSERT_TRUE(recording->each([&taken](const RawMessage&) { return ++taken < 3; }));
  EXPECT_EQ(taken, 3);
}

TEST_F(RecordingTest, PassesOverDamageAndSaysHowMuch) {
  append(20);
  inbox_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(settings_.folder)) {
    if (entry.path().extension() != ".inbox") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(5000);
    file << "damage";
  }
  EXPECT_EQ(numbers().size(), 19u);
  EXPECT_GT(damaged_, 0u);
}

TEST_F(RecordingTest, AFolderThatIsNotThereIsNotFound) {
  const auto missing = Recording::open(folder_.path() / "nowhere");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace firegate::ingest
