#include "store/checkpoints.h"

#include <fstream>

#include "unit/store/support.h"

namespace firegate::store {
namespace {

using namespace store_test;
namespace fs = std::filesystem;

class Checkpoints : public ::testing::Test {
 protected:
  void SetUp() override {
    auto key = SigningKey::make(dir_.path / "journal.key");
    ASSERT_TRUE(key) << key.error().message;
    key_.emplace(std::move(*key));
  }
  // Lines that follow one another.
  std::string lines(int count) {
    std::string text, previous;
    for (int i = 1; i <= count; ++i) {
      const auto number = static_cast<std::uint64_t>(i);
      const Checkpoint point{number, at(i), 10 * number, chain_hash(kBeforeTheFirst, number, JournalEntry{}), 1};
      const std::string line = sign_line(point, previous, *key_);
      previous = line_from_text(line)->signature;
      text += line + "\n";
    }
    return text;
  }
  CheckpointsRead read(const std::string& text) {
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << text;
    const PublicKey key = key_->public_key();
    auto read = read_checkpoints(file_, &key);
    EXPECT_TRUE(read) << read.error().message;
    return read.value_or(CheckpointsRead{});
  }

  TempDir dir_;
  fs::path file_ = dir_.path / "journal.checkpoints";
  std::optional<SigningKey> key_;
};

TEST_F(Checkpoints, LineIsReadBack) {
  const CheckpointsRead all = read(lines(2));
  ASSERT_EQ(all.good.size(), 2u);
  EXPECT_TRUE(all.findings.empty());
  EXPECT_EQ(all.good[1].number, 2u);
  EXPECT_EQ(all.good[1].at, at(2));
  EXPECT_EQ(all.good[1].seq, 20u);
  EXPECT_EQ(all.good[1].hash, chain_hash(kBeforeTheFirst, 2, JournalEntry{}));
  EXPECT_EQ(all.good[1].first, 1u);
}

TEST_F(Checkpoints, EveryChangedBitIsFound) {
  std::string text = lines(2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      text[i] = static_cast<char>(text[i] ^ (1 << bit));
      EXPECT_FALSE(read(text).findings.empty()) << "byte " << i << ", bit " << bit;
      text[i] = static_cast<char>(text[i] ^ (1 << bit));
    }
  }
  EXPECT_TRUE(read(text).findings.empty());
}

TEST_F(Checkpoints, EveryCutIsAWholeFileOrIsFound) {
  const std::string text = lines(2);
  for (std::size_t length = 0; length < text.size(); ++length) {
    const CheckpointsRead cut = read(text.substr(0, length));
    const bool whole_lines = length == 0 || text[length - 1] == '\n';
    EXPECT_EQ(cut.findings.empty(), whole_lines) << length;
    EXPECT_EQ(cut.torn, !whole_lines) << length;
  }
}

TEST_F(Checkpoints, LongFileIsReadInPieces) {
  EXPECT_EQ(read(lines(500)).good.size(), 500u);  // over the 64 KiB that are read at once
}

TEST_F(Checkpoints, KeyIsNeverOverwritten) {
  const auto again = SigningKey::make(dir_.path / "journal.key");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::refused);
  EXPECT_EQ(SigningKey::load(dir_.path / "journal.key")->public_key(), key_->public_key());
}

TEST_F(Checkpoints, FileThatHoldsNoKeyIsCorrupt) {
  for (const char* text : {"", "00", "no key\n"}) {
    std::ofstream(dir_.path / "bad", std::ios::trunc) << text;
    EXPECT_EQ(SigningKey::load(dir_.path / "bad").error().code, ErrorCode::corrupt);
    EXPECT_EQ(load_public_key(dir_.path / "bad").error().code, ErrorCode::corrupt);
  }
  EXPECT_EQ(load_public_key(dir_.path / "none").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace firegate::store
