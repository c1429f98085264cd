#include "store/store.h"
#include "store/tables/pictures.h"
#include "unit/store/support.h"

namespace firegate::store {
namespace {

using namespace store_test;

class PictureTables : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open(dir_.file());
    ASSERT_TRUE(opened) << opened.error().message;
    database_.emplace(std::move(*opened));
  }
  PictureRows load() {
    auto rows = pictures::load(*database_);
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? std::move(*rows) : PictureRows{};
  }
  static FloorPlan plan(std::string floor, std::string hash) {
    FloorPlan made;
    made.estate = "jinxiu";
    made.building = "b1";
    made.floor = std::move(floor);
    made.picture = {std::move(hash), PictureType::jpeg, 4096, 2730, 170'000};
    made.at = at(5);
    made.by = "王芳";
    return made;
  }
  static Photo photo(std::uint32_t no, std::uint32_t test) {
    Photo made;
    made.device = "garage-03";
    made.no = no;
    made.test = test;
    made.picture = {"aa", PictureType::jpeg, 20, 10, 300};
    made.at = at(6);
    made.by = "李强";
    return made;
  }

  TempDir dir_;
  std::optional<Database> database_;
};

TEST_F(PictureTables, APlanComesBackAndIsReplaced) {
  ASSERT_TRUE(pictures::put_plan(*database_, plan("f3", "old")));
  ASSERT_TRUE(pictures::put_plan(*database_, plan("f4", "other")));
  ASSERT_TRUE(pictures::put_plan(*database_, plan("f3", "new")));
  const PictureRows rows = load();
  ASSERT_EQ(rows.plans.size(), 2u);
  const FloorPlan& found = rows.plans.front();
  EXPECT_EQ(found.floor, "f3");
  EXPECT_EQ(found.picture.hash, "new");
  EXPECT_EQ(found.picture.type, PictureType::jpeg);
  EXPECT_EQ(found.picture.width, 4096u);
  EXPECT_EQ(found.picture.height, 2730u);
  EXPECT_EQ(found.picture.bytes, 170'000u);
  EXPECT_EQ(found.at, at(5));
  EXPECT_EQ(found.by, "王芳");
  ASSERT_TRUE(pictures::drop_plan(*database_, "jinxiu", "b1", "f3"));
  EXPECT_EQ(load().plans.size(), 1u);
}

TEST_F(PictureTables, APhotoThatWasTakenAwayKeepsItsNumber) {
  ASSERT_TRUE(pictures::add_photo(*database_, photo(1, 0)));
  ASSERT_TRUE(pictures::add_photo(*database_, photo(2, 4)));
  EXPECT_FALSE(pictures::add_photo(*database_, photo(2, 4)));
  ASSERT_TRUE(pictures::drop_photo(*database_, "garage-03", 2));
  const PictureRows rows = load();
  ASSERT_EQ(rows.photos.size(), 1u);
  EXPECT_EQ(rows.photos.front().no, 1u);
  EXPECT_EQ(rows.photos.front().by, "李强");
  ASSERT_EQ(rows.dropped.size(), 1u);
  EXPECT_EQ(rows.dropped.front().no, 2u);
  EXPECT_EQ(rows.dropped.front().test, 4u);
}

}  // namespace
}  // namespace firegate::store
