#include "decode/reader.h"

#include <gtest/gtest.h>

#include <deque>

#include "unit/decode/lane_fixture.h"

namespace firegate::decode {
namespace {

constexpr Millis kPatience{20'000};  // a test that waits so long has failed

class SteadyClock final : public Clock {
 public:
  Instant now() const noexcept override { return Instant{Millis{1'000'000}}; }
  Steady steady_now() const noexcept override { return std::chrono::steady_clock::now(); }
  Millis drift() const noexcept override { return Millis{0}; }
  void re_anchor() noexcept override {}
};

class FakeInbox final : public MessageSource {
 public:
  // Adds one pull of `count` messages of the topics in turn.
  void add(std::vector<std::string> topics, std::size_t count) { add(std::move(topics), count, false); }
  void add_raw(std::vector<std::string> topics, std::size_t count) {
    add(std::move(topics), count, false, "codec=codecs/a.js");
  }
  void add_redelivered(std::vector<std::string> topics, std::size_t count) { add(std::move(topics), count, true); }
  Result<Pulled> pull(Millis wait) override {
    std::unique_lock lock(mutex_);
    if (pulls_.empty()) {
      added_.wait_for(lock, std::min(wait, Millis{5}));
      return Pulled{};
    }
    Pulled first = std::move(pulls_.front());
    pulls_.pop_front();
    ++pulled;
    return first;
  }
  std::atomic<std::size_t> pulled{0};

 private:
  void add(std::vector<std::string> topics, std::size_t count, bool duplicate,
           std::string_view payload = "smoke=1") {
    auto bytes = std::make_shared<std::deque<std::pair<std::string, RawMessage>>>();
    auto messages = std::make_shared<std::vector<RawMessage>>();
    for (std::size_t i = 0; i < count; ++i) {
      bytes->emplace_back(topics[i % topics.size()], RawMessage{});
      messages->push_back({bytes->back().first, payload, Instant{Millis{1'000'000}}, false, duplicate, ++seq_});
    }
    auto owner = std::make_shared<std::pair<decltype(bytes), decltype(messages)>>(bytes, messages);
    const std::lock_guard lock(mutex_);
    pulls_.push_back({*messages, owner});
  }

  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<Pulled> pulls_;
  InboxSeq seq_ = 0;
};

class FakePartitions final : public PartitionSink {
 public:
  bool deliver(std::string_view building, std::vector<ToPartition>& items, const InboxHold& hold) noexcept override {
    const std::lock_guard lock(mutex_);
    if (building == full_) return false;
    for (ToPartition& item : items) taken_[std::string(building)].push_back(item.seq);
    total_ += items.size();
    if (keep_holds_) holds_.push_back(hold);
    changed_.notify_all();
    return true;
  }
  void make_full(std::string building) {
    const std::lock_guard lock(mutex_);
    full_ = std::move(building);
  }
  void keep_holds(bool keep) {
    const std::lock_guard lock(mutex_);
    keep_holds_ = keep;
    if (!keep) holds_.clear();
  }
  bool wait_for(std::size_t total) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [this, total] { return total_ >= total; });
  }
  std::vector<InboxSeq> taken(const std::string& building) {
    const std::lock_guard lock(mutex_);
    return taken_[building];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string full_;
  bool keep_holds_ = false;
  std::vector<InboxHold> holds_;
  std::map<std::string, std::vector<InboxSeq>> taken_;
  std::size_t total_ = 0;
};

class FakeJournal final : public Journal {
 public:
  void write(Batch, std::function<void(Result<void>)> done) noexcept override { done({}); }
};

// Keeps every request until it is told to answer.
class HeldCodecs final : public Codecs {
 public:
  void run(CodecRequest, std::function<void(CodecAnswer)> done) noexcept override {
    const std::lock_guard lock(mutex_);
    held_.push_back(std::move(done));
    changed_.notify_all();
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return held_.size() >= count; });
  }
  void answer_all() {
    const std::lock_guard lock(mutex_);
    for (const auto& done : held_) {
      CodecAnswer answer;
      answer.outcome = CodecOutcome::data;
      answer.data = "1";
      done(std::move(answer));
    }
    held_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void(CodecAnswer)>> held_;
};

class ReaderTest : public testing::Test {
 protected:
  void start(ReaderSettings reader_settings = {}) {
    Settings settings;
    settings.limits.device_burst = 1e6;  // floods have tests of their own
    settings.sources = {{"scripted", &driver_, "t", {"t/#"}}, {"other", &other_, "o", {"o/#"}}};
    reader_ = std::make_unique<Reader>(
        inbox_, settings, reader_settings, LaneParts{models_, unmapped_, rejected_, faults_, metrics_},
        LaneSeams{partitions_, journal_, clock_, [this] { return map_; }, [](InboxSeq, Outgoing) {}, &codecs_},
        [this](InboxSeq seq) { finished_.store(seq); });
    reader_->start();
  }

  FakeInbox inbox_;
  FakePartitions partitions_;
  HeldCodecs codecs_;
  FakeJournal journal_;
  SteadyClock clock_;
  support::ScriptedDriver driver_;
  support::ScriptedDriver other_{"other", "o"};
  Models models_;
  OneUnmapped unmapped_;
  RejectedSamples rejected_;
  RecordedFaults faults_;
  metrics::Metrics metrics_;
  DeviceMapPtr map_ = ten_devices();
  std::atomic<InboxSeq> finished_{0};
  std::unique_ptr<Reader> reader_;
};

// What waits for a codec is unfinished in the inbox; everybody else's goes on.
TEST_F(ReaderTest, APayloadThatWaitsForItsCodecHoldsUpNobodyAndIsNotFinished) {
  inbox_.add_raw({"t/d1", "t/d2"}, 6);
  inbox_.add({"t/d3", "t/d4"}, 100);
  start();
  ASSERT_TRUE(partitions_.wait_for(100));
  ASSERT_TRUE(codecs_.wait_for(6));
  EXPECT_EQ(finished_.load(), 0u);
  codecs_.answer_all();
  ASSERT_TRUE(partitions_.wait_for(106));
  reader_->stop(kPatience);
  EXPECT_EQ(finished_.load(), 106u);
  EXPECT_EQ(reader_->in_flight(), 0);
}

TEST_F(ReaderTest, EveryMessageReachesItsBuildingInOrderAndIsFinished) {
  for (int i = 0; i < 50; ++i) inbox_.add({"t/d1", "t/d2", "o/x"}, 300);
  start();
  ASSERT_TRUE(partitions_.wait_for(15'000));
  reader_->stop(kPatience);
  for (const char* building : {"e/b1", "e/b2"}) {
    const auto taken = partitions_.taken(building);
    EXPECT_EQ(taken.size(), 5000u);
    EXPECT_TRUE(std::ranges::is_sorted(taken)) << building;
  }
  EXPECT_EQ(finished_.load(), 15'000u);
}

TEST_F(ReaderTest, AFullBuildingHoldsUpNobodyElse) {
  partitions_.make_full("e/b1");
  for (int i = 0; i < 10; ++i) inbox_.add({"t/d1", "t/d2"}, 100);
  start();
  ASSERT_TRUE(partitions_.wait_for(500));
  EXPECT_EQ(partitions_.taken("e/b2").size(), 500u);
  EXPECT_EQ(finished_.load(), 0u);
  partitions_.make_full("");
  ASSERT_TRUE(partitions_.wait_for(1000));
  reader_->stop(kPatience);
  EXPECT_TRUE(std::ranges::is_sorted(partitions_.taken("e/b1")));
  EXPECT_EQ(finished_.load(), 1000u);
}

TEST_F(ReaderTest, WhatMustWaitStaysInTheInbox) {
  partitions_.make_full("e/b1");
  for (int i = 0; i < 100; ++i) inbox_.add({"t/d1"}, 100);
  inbox_.add({"t/d2"}, 1);
  start({.most_in_flight = 500, .finished_before = 0});
  while (reader_->in_flight() < 500) std::this_thread::yield();
  EXPECT_LE(inbox_.pulled.load(), 6u);
  partitions_.make_full("");
  ASSERT_TRUE(partitions_.wait_for(10'001));
}

TEST_F(ReaderTest, AStopWithWorkLeftFinishesNothingOfIt) {
  partitions_.make_full("e/b1");
  inbox_.add({"t/d2"}, 10);
  inbox_.add({"t/d1"}, 10);
  inbox_.add({"t/d2"}, 10);
  start();
  ASSERT_TRUE(partitions_.wait_for(20));
  reader_->stop(Millis{0});
  reader_.reset();
  EXPECT_EQ(finished_.load(), 10u) << "11 to 20 were thrown away and must be read again";
}

TEST_F(ReaderTest, WhatThePartitionHoldsIsNotFinished) {
  partitions_.keep_holds(true);
  inbox_.add({"t/d1"}, 10);
  start();
  ASSERT_TRUE(partitions_.wait_for(10));
  reader_->stop(kPatience);
  EXPECT_EQ(finished_.load(), 0u);
  partitions_.keep_holds(false);
  EXPECT_EQ(finished_.load(), 10u);
}

TEST_F(ReaderTest, TopicsOfNobodyAreCountedAndKept) {
  inbox_.add({"x/y", "t/d1", "$SYS/a", "t/#"}, 4);
  start();
  ASSERT_TRUE(partitions_.wait_for(1));
  reader_->stop(kPatience);
  EXPECT_EQ(metrics_.messages_rejected[RejectReason::unknown_topic].value(), 2u);
  EXPECT_EQ(metrics_.messages_rejected[RejectReason::bad_encoding].value(), 1u);
  EXPECT_EQ(rejected_.list().size(), 3u);
  EXPECT_EQ(finished_.load(), 4u);
}

TEST_F(ReaderTest, WhatWasFinishedBeforeTheStartIsOnlyRemembered) {
  inbox_.add({"t/d1"}, 10);
  inbox_.add({"t/d1"}, 5);
  start({.most_in_flight = 8192, .finished_before = 10});
  ASSERT_TRUE(partitions_.wait_for(5));
  reader_->stop(kPatience);
  EXPECT_EQ(partitions_.taken("e/b1"), (std::vector<InboxSeq>{11, 12, 13, 14, 15}));
}

// The pull in which the finished ones end brings both: those are remembered, the others decided.
TEST_F(ReaderTest, ARedeliveryOfWhatWasFinishedBeforeTheStartIsKnown) {
  inbox_.add({"t/d1", "t/d2"}, 3);
  inbox_.add_redelivered({"t/d1", "t/d3"}, 2);
  inbox_.add({"t/d4"}, 1);
  start({.most_in_flight = 8192, .finished_before = 2});
  ASSERT_TRUE(partitions_.wait_for(3));
  reader_->stop(kPatience);
  EXPECT_EQ(metrics_.duplicates_collapsed.value(), 1u);
  EXPECT_EQ(partitions_.taken("e/b1"), std::vector<InboxSeq>{3});
  EXPECT_EQ(partitions_.taken("e/b3"), std::vector<InboxSeq>{5}) << "flagged, and never seen";
  EXPECT_EQ(finished_.load(), 6u);
}

TEST(ReadFrom, StartsWithTheLastFinishedOnesThatMayComeAgain) {
  EXPECT_EQ(read_from(0), 1u);
  EXPECT_EQ(read_from(kRemembered), 1u);
  EXPECT_EQ(read_from(kRemembered + 1), 2u);
  EXPECT_EQ(read_from(50'000), 50'001 - kRemembered);
}

}  // namespace
}  // namespace firegate::decode
