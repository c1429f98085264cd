#include "unit/api/rig.h"

namespace firegate::api {
namespace {

class Pictures : public Rig {
 protected:
  Pictures() {
    auto floor = std::make_shared<Place>();
    floor->estate = {"north", "北苑"};
    floor->building = {"b1", "1号楼"};
    floor->floor = {"f3", "3层"};
    places = {floor};
  }
  Response send(std::string method, std::string path, std::string type, std::string body = "points") {
    return ask(std::move(method), std::move(path), std::move(body), {{"Content-Type", std::move(type)}});
  }
  static constexpr const char* kPlan = "/api/v1/floors/north/b1/f3/plan";
};

TEST_F(Pictures, APlanIsPutAndServedAsNoPage) {
  const Response put = send("PUT", kPlan, "image/svg+xml");
  EXPECT_EQ(put.status, 201) << put.body;
  EXPECT_EQ(parse(put).at("width").as_int64(), 640);
  ASSERT_EQ(picture_desk.journal.size(), 1u);
  EXPECT_EQ(picture_desk.journal.front().kind, "plan_put");
  EXPECT_EQ(picture_desk.journal.front().subject, "floor:north/b1/f3");
  picture_desk.kept_plans.front().picture.type = PictureType::png;
  const Response got = get(kPlan);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.content_type, "image/png");
  EXPECT_EQ(got.body, "picture points");
  EXPECT_EQ(find_header(got.headers, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(find_header(got.headers, "Content-Security-Policy"), "default-src 'none'; sandbox");
  EXPECT_EQ(find_header(got.headers, "Cache-Control"), "private, no-cache");
  EXPECT_EQ(find_header(got.headers, "ETag"), "\"points\"");
  EXPECT_EQ(ask("GET", kPlan, {}, {{"If-None-Match", "\"points\""}}).status, 304);
  EXPECT_EQ(parse(get("/api/v1/plans")).at("plans").as_array().size(), 1u);
  EXPECT_EQ(ask("DELETE", kPlan).status, 204);
  expect_problem(get(kPlan), 404, "not_found");
}

TEST_F(Pictures, OnlyPicturesAreTakenForPictures) {
  expect_problem(send("PUT", kPlan, "text/html"), 415, "unsupported_media_type");
  expect_problem(send("PUT", kPlan, "application/json"), 415, "unsupported_media_type");
  expect_problem(send("POST", "/api/v1/devices/a-1/photos", "image/gif"), 415, "unsupported_media_type");
}

TEST_F(Pictures, NoPathButThatOfAFloorIsAFloor) {
  for (const char* path : {"/api/v1/floors/north/b1/f9/plan", "/api/v1/floors/north/b1/..%2Ff3/plan",
                           "/api/v1/floors/north/%2e%2e/f3/plan", "/api/v1/floors//etc/passwd/plan"}) {
    EXPECT_EQ(send("PUT", path, "image/png").status, 404) << path;
  }
  EXPECT_TRUE(picture_desk.kept_plans.empty());
}

TEST_F(Pictures, EachRefusalSaysWhy) {
  const std::pair<PictureRefusal, int> kAll[] = {
      {PictureRefusal::unknown_type, 415}, {PictureRefusal::too_large, 413},  {PictureRefusal::too_many_pixels, 422},
      {PictureRefusal::damaged, 422},      {PictureRefusal::unsafe_svg, 422}, {PictureRefusal::too_costly, 422},
      {PictureRefusal::unavailable, 503}};
  for (const auto& [why, status] : kAll) {
    picture_desk.refusal = why;
    expect_problem(send("PUT", kPlan, "image/png"), status, "picture_" + std::string(label(why)));
  }
  picture_desk.full = true;
  expect_problem(send("PUT", kPlan, "image/png"), 503, "overloaded");
}

TEST_F(Pictures, PhotosBelongToADeviceOrOneOfItsTests) {
  device_desk.open(devices.devices, {});
  expect_problem(send("POST", "/api/v1/devices/a-1/photos?test=1", "image/jpeg"), 404, "not_found");
  registry::Order order;
  order.at = clock.now();
  ASSERT_TRUE(device_desk.registry().begin_test("a-1", Millis{60'000}, order));
  EXPECT_EQ(send("POST", "/api/v1/devices/a-1/photos?test=1", "image/jpeg").status, 201);
  EXPECT_EQ(send("POST", "/api/v1/devices/a-1/photos", "image/jpeg", "other").status, 201);
  const auto photos = parse(get("/api/v1/devices/a-1/photos")).at("photos");
  ASSERT_EQ(photos.as_array().size(), 2u);
  EXPECT_EQ(photos.at(0).at("test").as_int64(), 1);
  EXPECT_TRUE(photos.at(1).at("test").is_null());
  EXPECT_EQ(get("/api/v1/devices/a-1/photos/2").body, "picture other");
  for (const char* no : {"3", "0", "-1", "x", "2%2F..%2F1"}) {
    EXPECT_EQ(get("/api/v1/devices/a-1/photos/" + std::string(no)).status, 404) << no;
  }
  EXPECT_EQ(ask("DELETE", "/api/v1/devices/a-1/photos/1", "").status, 204);
  EXPECT_EQ(picture_desk.journal.back().kind, "photo_dropped");
}

TEST_F(Pictures, ADeviceKeepsNoMoreThanTwenty) {
  for (std::size_t i = 0; i < kMostPhotos; ++i) {
    ASSERT_EQ(send("POST", "/api/v1/devices/a-1/photos", "image/jpeg").status, 201);
  }
  expect_problem(send("POST", "/api/v1/devices/a-1/photos", "image/jpeg"), 409, "refused");
}

TEST(TakesPicture, OnlyWhereOneIsPut) {
  EXPECT_TRUE(takes_picture("PUT", "/api/v1/floors/a/b/c/plan"));
  EXPECT_TRUE(takes_picture("POST", "/api/v1/devices/a/photos?test=1"));
  EXPECT_FALSE(takes_picture("GET", "/api/v1/floors/a/b/c/plan"));
  EXPECT_FALSE(takes_picture("POST", "/api/v1/devices/a/test"));
}

}  // namespace
}  // namespace firegate::api
