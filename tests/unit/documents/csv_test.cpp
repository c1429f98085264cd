#include "documents/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firegate::documents {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts(const CsvRow& row) {
  std::vector<std::string> list;
  for (const CsvCell& cell : row.cells) list.push_back(cell.text);
  return list;
}

std::vector<std::string> problems_of(std::string_view text) {
  Problems problems;
  parse_csv(text, "d.csv", problems);
  std::vector<std::string> list;
  for (const Problem& problem : problems.list()) list.push_back(to_text(problem));
  return list;
}

Csv good(std::string_view text) {
  Problems problems;
  auto csv = parse_csv(text, "d.csv", problems);
  EXPECT_TRUE(problems.empty()) << to_text(problems.list().front());
  return csv.value_or(Csv{});
}

TEST(Csv, ReadsRowsWithLineFeeds) {
  const Csv csv = good("a,b\n1,2\n3,4\n");
  EXPECT_THAT(texts(csv.header), ElementsAre("a", "b"));
  ASSERT_EQ(csv.rows.size(), 2u);
  EXPECT_THAT(texts(csv.rows[1]), ElementsAre("3", "4"));
  EXPECT_EQ(csv.rows[1].line, 3);
}

TEST(Csv, ReadsCarriageReturnsAndAFileWithoutALastLineEnd) {
  const Csv csv = good("a,b\r\n1,2\r\n3,4");
  ASSERT_EQ(csv.rows.size(), 2u);
  EXPECT_THAT(texts(csv.rows[0]), ElementsAre("1", "2"));
  EXPECT_THAT(texts(csv.rows[1]), ElementsAre("3", "4"));
}

TEST(Csv, SkipsTheByteOrderMarkThatSpreadsheetsWrite) {
  EXPECT_THAT(texts(good("\xEF\xBB\xBFid,kind\nx,y\n").header), ElementsAre("id", "kind"));
}

TEST(Csv, ReadsQuotedCellsWithCommasQuotesAndLineBreaks) {
  const Csv csv = good("a,b\n\"x,\"\"y\"\"\r\nz\",2\nlast,row\n");
  EXPECT_THAT(texts(csv.rows[0]), ElementsAre("x,\"y\"\r\nz", "2"));
  EXPECT_EQ(csv.rows[1].line, 4) << "the line break inside quotes counts";
}

TEST(Csv, CountsColumnsInCharacters) {
  const Csv csv = good("名称,编号\n门厅烟感,7\n");
  EXPECT_EQ(csv.rows[0].cells[1].column, 6);
  EXPECT_EQ(csv.rows[0].cells[1].line, 2);
}

TEST(Csv, LeavesOutBlankLinesAndLinesOfBareCommas) { EXPECT_EQ(good("a,b\n\n1,2\n,\n\r\n").rows.size(), 1u); }

TEST(Csv, KeepsSpacesAndEmptyCells) {
  EXPECT_THAT(texts(good("a,b,c\n x ,,\"\"\n").rows[0]), ElementsAre(" x ", "", ""));
}

TEST(Csv, KeepsALoneCarriageReturnInsideACell) {
  EXPECT_THAT(texts(good("a,b\nx\ry,2\n").rows[0]), ElementsAre("x\ry", "2"));
}

TEST(Csv, ReportsRowsOfTheWrongWidthAndGoesOn) {
  Problems problems;
  const auto csv = parse_csv("a,b\n1\n1,2,3\n4,5\n", "d.csv", problems);
  ASSERT_EQ(problems.list().size(), 2u);
  EXPECT_EQ(to_text(problems.list()[0]),
            "d.csv:2:1: error[E102]: reading CSV: found 1 cells, expected 2 as in the header");
  ASSERT_EQ(csv->rows.size(), 1u);
  EXPECT_THAT(texts(csv->rows[0]), ElementsAre("4", "5"));
}

TEST(Csv, PointsAtAQuoteInsideAPlainCell) {
  EXPECT_THAT(problems_of("a,b\n1,x\"y\n"), ElementsAre(HasSubstr("d.csv:2:4: error[E102]")));
}

TEST(Csv, PointsAtTextBehindAClosingQuote) {
  EXPECT_THAT(problems_of("a,b\n\"x\"y,2\n"), ElementsAre(HasSubstr("d.csv:2:4: error[E102]")));
}

TEST(Csv, PointsAtTheQuoteThatIsNeverClosed) {
  EXPECT_THAT(problems_of("a,b\n1,\"x\n2,3\n"), ElementsAre(HasSubstr("d.csv:2:3: error[E102]")));
}

TEST(Csv, SaysHowToSaveAFileThatIsNotUtf8) {
  EXPECT_THAT(problems_of("id,name\nx,\xC3\xC5\xCC\xFC\n"),
              ElementsAre(testing::AllOf(HasSubstr("d.csv:2:3: error[E102]"), HasSubstr("CSV UTF-8"))));
}

TEST(Csv, RefusesZeroBytesOverlongFormsAndSurrogates) {
  for (const std::string_view bad :
       {std::string_view("a\n\0", 3), std::string_view("a\n\xC0\xAF"), std::string_view("a\n\xED\xA0\x80"),
        std::string_view("a\n\xF8\x88\x80\x80\x80")}) {
    EXPECT_THAT(problems_of(bad), ElementsAre(HasSubstr("not UTF-8")));
  }
}

TEST(Csv, RefusesAFileWithoutAHeader) {
  EXPECT_THAT(problems_of(""), ElementsAre(HasSubstr("no header row")));
  EXPECT_THAT(problems_of("\n\n"), ElementsAre(HasSubstr("no header row")));
}

TEST(Csv, TakesNoRowForAHeaderThatCannotBeRead) {
  EXPECT_THAT(problems_of("i\"d,kind\nx,y\n"), ElementsAre(HasSubstr("d.csv:1:2:")));
}

TEST(Csv, EveryCutOfAGoodFileIsReadOrReported) {
  const std::string_view whole = "id,名\r\n\"a\"\"b\",\"c\nd\"\r\nx,y\r\n";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    Problems problems;
    const auto csv = parse_csv(whole.substr(0, length), "d.csv", problems);
    EXPECT_TRUE(csv || !problems.empty()) << length;
  }
}

}  // namespace
}  // namespace firegate::documents
