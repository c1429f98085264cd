// With the real worker in its real cage.
#include "picture/recoder.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "unit/picture/files.h"

namespace firegate::picture {
namespace {

using namespace picture_test;

constexpr Millis kLong{120'000};  // on a loaded machine

using Drawn = tl::expected<Drawing, PictureProblem>;

Drawn draw(std::string_view bytes, PictureType type = PictureType::png, PictureUse use = PictureUse::plan) {
  return Recoder(FIREGATE_PICTURE_WORKER, system_clock(), kLong).draw(bytes, type, use);
}

std::string svg(std::string_view inside, std::string_view attributes = R"(width="200" height="100")") {
  return R"(<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" )" +
         std::string(attributes) + ">" + std::string(inside) + "</svg>";
}

void expect_refused(const Drawn& drawn, PictureRefusal why) {
  ASSERT_FALSE(drawn);
  EXPECT_EQ(drawn.error().why, why) << drawn.error().message;
  EXPECT_FALSE(drawn.error().message.empty());
}

TEST(Recoder, DrawsAPlanAnewWithoutLoss) {
  const std::string sent = png(40, 20);
  const auto drawn = draw(sent);
  ASSERT_TRUE(drawn) << drawn.error().message;
  EXPECT_EQ(drawn->type, PictureType::png);
  EXPECT_EQ(drawn->width, 40u);
  EXPECT_EQ(drawn->height, 20u);
  EXPECT_NE(drawn->bytes, sent);
  const auto again = draw(drawn->bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->bytes, drawn->bytes) << "the same points give the same picture";
}

TEST(Recoder, MakesAPhotoSmallerAndAJpeg) {
  const auto drawn = draw(png(3000, 30), PictureType::png, PictureUse::photo);
  ASSERT_TRUE(drawn) << drawn.error().message;
  EXPECT_EQ(drawn->type, PictureType::jpeg);
  EXPECT_EQ(drawn->width, 2048u);
  EXPECT_EQ(drawn->height, 20u);
}

TEST(Recoder, DrawsSvgAsPoints) {
  const auto drawn =
      draw(svg(R"(<rect width="200" height="100" fill="#eef"/><text y="50">3层 Room</text>)"), PictureType::svg);
  ASSERT_TRUE(drawn) << drawn.error().message;
  EXPECT_EQ(drawn->type, PictureType::png);
  EXPECT_EQ(drawn->width, kMaxPictureSide);
  EXPECT_EQ(drawn->height, kMaxPictureSide / 2);
}

TEST(Recoder, DrawsTextsInsideTheCage) {
  const std::string frame = R"(<rect width="200" height="100" fill="#fff"/>)";
  const auto without = draw(svg(frame), PictureType::svg);
  const auto with =
      draw(svg(frame + R"(<text x="9" y="60" font-size="40" font-family="Arial">Room</text>)"), PictureType::svg);
  ASSERT_TRUE(without && with);
  EXPECT_NE(with->bytes, without->bytes);
}

TEST(Recoder, TurnsAPhotoUprightAndLeavesOutWhereItWasTaken) {
  const auto lying = draw(png(64, 32), PictureType::png, PictureUse::photo);
  ASSERT_TRUE(lying);
  const std::string sent = with_exif(lying->bytes, 6);
  ASSERT_NE(sent.find("GPS"), std::string::npos);
  const auto upright = draw(sent, PictureType::jpeg, PictureUse::photo);
  ASSERT_TRUE(upright) << upright.error().message;
  EXPECT_EQ(upright->width, 32u);
  EXPECT_EQ(upright->height, 64u);
  EXPECT_EQ(upright->bytes.find("GPS"), std::string::npos);
}

TEST(Recoder, LeavesOutWhatStandsBehindThePicture) {
  const auto drawn = draw(png(4, 4) + "<script>alert(1)</script>PK\x03\x04");
  ASSERT_TRUE(drawn) << drawn.error().message;
  EXPECT_EQ(drawn->bytes.find("script"), std::string::npos);
}

TEST(Recoder, RefusesTooManyPointsByTheHeader) {
  expect_refused(draw(png_with(50'000, 50'000, "")), PictureRefusal::too_many_pixels);
  expect_refused(draw(png_with(8'000, 5'001, "")), PictureRefusal::too_many_pixels);
}

TEST(Recoder, RefusesTooManyBytes) {
  expect_refused(draw(std::string(kMaxPictureBytes + 1, 'x')), PictureRefusal::too_large);
}

TEST(Recoder, RefusesWhatIsCutShort) {
  const std::string whole = png(64, 64);
  for (const std::size_t size : {std::size_t{9}, std::size_t{30}, whole.size() / 2}) {
    expect_refused(draw(whole.substr(0, size)), PictureRefusal::damaged);
  }
  const auto jpeg = draw(whole, PictureType::png, PictureUse::photo);
  ASSERT_TRUE(jpeg);
  expect_refused(draw(jpeg->bytes.substr(0, jpeg->bytes.size() - 20), PictureType::jpeg), PictureRefusal::damaged);
  expect_refused(draw("", PictureType::png), PictureRefusal::unknown_type);
}

TEST(Recoder, RefusesWhatIsNotWhatItsTypeSays) {
  expect_refused(draw(png(4, 4), PictureType::jpeg), PictureRefusal::unknown_type);
  expect_refused(draw("GIF89a/*" + png(4, 4), PictureType::png), PictureRefusal::unknown_type);
  expect_refused(draw(png(4, 4), PictureType::svg), PictureRefusal::unknown_type);
  expect_refused(draw("<html><body/></html>", PictureType::svg), PictureRefusal::unknown_type);
}

class HostileSvg : public testing::TestWithParam<const char*> {};

TEST_P(HostileSvg, IsRefused) { expect_refused(draw(svg(GetParam()), PictureType::svg), PictureRefusal::unsafe_svg); }
INSTANTIATE_TEST_SUITE_P(
    Recoder, HostileSvg,
    testing::Values("<script>alert(1)</script>", "<SCRIPT href='#x'/>", "<g onload='alert(1)'/>",
                    "<foreignObject><b/></foreignObject>", "<image xlink:href='file:///etc/passwd'/>",
                    "<image href='http://127.0.0.1/x.png'/>", "<image href='../../firegate.db'/>",
                    "<a href=' java&#115;cript:alert(1)'/>", "<use xlink:href='other.svg#a'/>",
                    "<image href='data:image/svg+xml;base64,PHN2Zy8+'/>", "<style>@import 'http://x/a.css';</style>",
                    "<style>rect{fill:url( \"http://x\")}</style>", "<rect style='fill:url(//x/y#z)'/>",
                    "<?xml-stylesheet href='http://x/a.css'?>"));

TEST(Recoder, RefusesEntities) {
  const std::string bomb =
      R"(<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>)" + svg("<text>&b;</text>");
  expect_refused(draw(bomb, PictureType::svg), PictureRefusal::unsafe_svg);
}

TEST(Recoder, EndsAWorkerThatTakesTooLong) {
  std::string filters;
  for (int i = 0; i < 2000; ++i) filters += "<feGaussianBlur stdDeviation='50'/>";
  const std::string slow =
      svg("<filter id='f'>" + filters + "</filter><rect width='200' height='100' filter='url(#f)'/>");
  const Recoder hasty(FIREGATE_PICTURE_WORKER, system_clock(), Millis{1500});
  expect_refused(hasty.draw(slow, PictureType::svg, PictureUse::plan), PictureRefusal::too_costly);
}

TEST(Recoder, SaysThatThereIsNoWorker) {
  const Recoder lost("/nowhere/firegate-picture-worker", system_clock());
  expect_refused(lost.draw(png(4, 4), PictureType::png, PictureUse::plan), PictureRefusal::unavailable);
}

}  // namespace
}  // namespace firegate::picture
