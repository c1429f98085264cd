#include "documents/qr.h"

#include <gtest/gtest.h>

namespace firegate::documents {
namespace {

TEST(Qr, DrawsASquareWithItsQuietZone) {
  const auto svg = qr_svg("https://192.168.1.7:8443/ca");  // 27 bytes at level M: version 3, 29 modules
  ASSERT_TRUE(svg) << svg.error().message;
  EXPECT_TRUE(svg->starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 37 37\"")) << *svg;
  EXPECT_NE(svg->find("M4 4h7v1h-7z"), std::string::npos);  // the finder at the upper left begins after four
  EXPECT_EQ(svg->find("<script"), std::string::npos);
  EXPECT_EQ(svg->find("style"), std::string::npos);
}

TEST(Qr, DiffersWithItsText) { EXPECT_NE(*qr_svg("a"), *qr_svg("b")); }

TEST(Qr, RefusesWhatAPhoneCouldNotRead) {
  EXPECT_FALSE(qr_svg(""));
  EXPECT_FALSE(qr_svg(std::string_view("a\0b", 3)));
  EXPECT_TRUE(qr_svg(std::string(kMaxQrBytes, 'x')));
  const auto refused = qr_svg(std::string(kMaxQrBytes + 1, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_input);
}

}  // namespace
}  // namespace firegate::documents
