#include "simulate/csv.h"

namespace firegate::simulate {
namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  Result<std::vector<CsvRow>> read() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (quoted_) {
        in_quotes(c);
      } else if (c == '"' && cell_.empty()) {
        quoted_ = true;
      } else if (c == ',') {
        end_cell();
      } else if (c == '\n') {
        end_row();
      } else if (c != '\r') {
        cell_.push_back(c);
      }
    }
    if (quoted_) return fail(ErrorCode::bad_input, fmt::format("line {}: a quote is never closed", row_.line));
    end_row();
    return std::move(rows_);
  }

 private:
  void in_quotes(char c) {
    if (c == '\n') ++line_;
    if (c != '"') {
      cell_.push_back(c);
    } else if (at_ < text_.size() && text_[at_] == '"') {
      cell_.push_back('"');
      ++at_;
    } else {
      quoted_ = false;
    }
  }

  void end_cell() { row_.cells.push_back(std::exchange(cell_, {})); }

  void end_row() {
    end_cell();
    const bool blank = row_.cells.size() == 1 && row_.cells.front().empty();
    if (!blank) rows_.push_back(std::move(row_));
    row_ = CsvRow{++line_, {}};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool quoted_ = false;
  std::string cell_;
  CsvRow row_{1, {}};
  std::vector<CsvRow> rows_;
};

}  // namespace

Result<std::vector<CsvRow>> read_csv(std::string_view text) { return CsvReader(text).read(); }

}  // namespace firegate::simulate
