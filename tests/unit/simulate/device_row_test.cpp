#include "simulate/device_row.h"

#include <gtest/gtest.h>

#include "simulate/csv.h"

namespace firegate::simulate {
namespace {

TEST(Csv, ReadsQuotesLineBreaksAndByteOrderMark) {
  const auto rows = read_csv(
      "\xEF\xBB\xBF"
      "a,b\r\n\"x, \"\"y\"\"\nz\",2\n\n,3\n");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ((*rows)[0].cells, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ((*rows)[1].cells, (std::vector<std::string>{"x, \"y\"\nz", "2"}));
  EXPECT_EQ((*rows)[2].cells, (std::vector<std::string>{"", "3"}));
  EXPECT_EQ((*rows)[2].line, 5);
}

TEST(Csv, RefusesAnOpenQuote) {
  const auto rows = read_csv("a,b\n\"x,2\n");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::bad_input);
}

TEST(DeviceRow, TakesColumnsInAnyOrder) {
  const auto rows =
      parse_devices("kind,id,building,estate,address,format\nsmoke_detector,s1,b1,e1,Küche,zigbee2mqtt\n", "f");
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->front().id, "s1");
  EXPECT_EQ(rows->front().kind, DeviceKind::smoke_detector);
  EXPECT_EQ(rows->front().address, "Küche");
  EXPECT_EQ(rows->front().model, "");
}

TEST(DeviceRow, NamesTheLineOfAnUnknownKind) {
  const auto rows = parse_devices(
      "id,kind,format,address,estate,building\na,smoke_detector,native,a,e,b\nb,toaster,native,b,e,b\n", "x.csv");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().message, "x.csv:3: \"toaster\" is no kind of device");
}

TEST(DeviceRow, RefusesAMissingColumn) {
  const auto rows = parse_devices("id,kind,format,estate,building\na,smoke_detector,native,e,b\n", "x.csv");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().message, "reading x.csv: there is no column \"address\"");
}

TEST(DeviceRow, TellsAFileThatIsNotThere) {
  const auto rows = load_devices("/nonexistent/devices.csv");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace firegate::simulate
