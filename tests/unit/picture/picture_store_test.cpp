#include "picture/picture_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "picture/frame.h"

namespace firegate::picture {
namespace {

namespace fs = std::filesystem;

class Pictures : public testing::Test {
 protected:
  Pictures() {
    std::string pattern = (fs::temp_directory_path() / "fg-pictures-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Pictures() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  PictureStore store() { return *PictureStore::open(folder_ / "pictures"); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_ / "pictures"), {}));
  }

  fs::path folder_;
};

TEST_F(Pictures, AreNamedByTheirContent) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  PictureStore pictures = store();
  const auto hash = pictures.put("abc");
  ASSERT_EQ(hash, sha256("abc"));
  EXPECT_EQ(pictures.get(*hash), "abc");
  ASSERT_TRUE(pictures.put("abc"));
  EXPECT_EQ(files(), 1u);
}

TEST_F(Pictures, NoNameLeadsOut) {
  PictureStore pictures = store();
  std::ofstream(folder_ / "secret") << "x";
  for (const char* name : {"../secret", "..", "", "secret", "/etc/passwd", "%2e%2e/secret"}) {
    EXPECT_EQ(pictures.get(name).error().code, ErrorCode::not_found) << name;
  }
}

TEST_F(Pictures, ALinkInTheFolderIsNotFollowed) {
  PictureStore pictures = store();
  std::ofstream(folder_ / "secret") << "abc";
  fs::create_symlink(folder_ / "secret", folder_ / "pictures" / sha256("abc"));
  EXPECT_FALSE(pictures.get(sha256("abc")));
}

TEST_F(Pictures, OtherBytesAreCorruptAndWrittenAgain) {
  PictureStore pictures = store();
  const auto hash = pictures.put("abc");
  std::ofstream(folder_ / "pictures" / *hash) << "abd";
  EXPECT_EQ(pictures.get(*hash).error().code, ErrorCode::corrupt);
  ASSERT_TRUE(pictures.put("abc"));
  EXPECT_EQ(pictures.get(*hash), "abc");
}

TEST_F(Pictures, WhatNobodyNamesGoes) {
  PictureStore pictures = store();
  const auto kept = pictures.put("kept"), gone = pictures.put("gone");
  std::ofstream(folder_ / "pictures" / "new") << "half";
  pictures.keep_only({*kept});
  EXPECT_TRUE(pictures.get(*kept));
  EXPECT_FALSE(pictures.get(*gone));
  EXPECT_EQ(files(), 1u);
}

TEST_F(Pictures, AFolderThatCannotBeMadeIsSaid) {
  std::ofstream(folder_ / "pictures") << "a file";
  EXPECT_FALSE(PictureStore::open(folder_ / "pictures" / "below"));
}

// --- what the two programs say to each other ---

template <std::size_t kSize>
std::string_view view(const std::array<char, kSize>& bytes) {
  return {bytes.data(), bytes.size()};
}

TEST(PictureFrame, HeadersComeBack) {
  const auto request = request_header(view(to_bytes(RequestHeader{PictureUse::photo, PictureType::svg, 70'000})));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->use, PictureUse::photo);
  EXPECT_EQ(request->type, PictureType::svg);
  EXPECT_EQ(request->size, 70'000u);
  const auto answer = answer_header(view(to_bytes(AnswerHeader{false, 1, 640, 480, 99})));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->width, 640u);
  EXPECT_EQ(answer->height, 480u);
  EXPECT_EQ(answer->size, 99u);
}

TEST(PictureFrame, AWorkerThatWasTakenOverCannotSayMoreThanItMay) {
  for (const AnswerHeader& wrong :
       {AnswerHeader{false, 2, 10, 10, 9}, AnswerHeader{false, 0, 5000, 10, 9}, AnswerHeader{false, 0, 10, 0, 9},
        AnswerHeader{false, 0, 10, 10, 0xFFFFFFFF}, AnswerHeader{true, 7, 0, 0, 0}}) {
    EXPECT_FALSE(answer_header(view(to_bytes(wrong))));
  }
  EXPECT_FALSE(answer_header("short"));
  EXPECT_FALSE(request_header(view(to_bytes(RequestHeader{PictureUse::plan, PictureType::png, 9u << 20}))));
}

}  // namespace
}  // namespace firegate::picture
