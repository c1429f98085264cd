#include "documents/csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/utf8.h"

namespace firegate::documents {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Walks the text once, character by character, and knows where it is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const noexcept { return at_ >= text_.size(); }
  int line() const noexcept { return line_; }
  int column() const noexcept { return column_; }
  bool at_line_end() const noexcept {
    return at_end() || text_[at_] == '\n' || (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
  }
  char peek() const noexcept { return at_end() ? '\0' : text_[at_]; }
  char peek_second() const noexcept { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

  void take(std::string& into) {
    into += text_[at_];
    skip();
  }
  void skip() noexcept {
    const auto byte = static_cast<unsigned char>(text_[at_++]);
    if (byte == '\n') {
      ++line_;
      column_ = 1;
    } else if ((byte & 0xC0u) != 0x80u) {
      ++column_;
    }
  }
  void skip_line_end() noexcept {
    if (peek() == '\r') skip();
    if (!at_end()) skip();
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

class Reader {
 public:
  Reader(std::string_view text, std::shared_ptr<const std::string> file, Problems& problems)
      : scanner_(text), file_(std::move(file)), problems_(problems) {}

  bool at_end() const noexcept { return scanner_.at_end(); }

  // The next line that is not blank; none at the end, and none (with a problem) for a row that cannot be read.
  std::optional<CsvRow> row() {
    CsvRow row{scanner_.line(), {}};
    bool good = true;
    while (true) {
      row.cells.push_back({"", scanner_.line(), scanner_.column()});
      good = cell(row.cells.back()) && good;
      if (scanner_.at_line_end()) break;
      scanner_.skip();  // the comma
    }
    scanner_.skip_line_end();
    const bool blank = std::ranges::all_of(row.cells, [](const CsvCell& found) { return found.text.empty(); });
    if (!good || blank) return std::nullopt;  // spreadsheets leave lines of bare commas at the end
    return row;
  }

 private:
  bool cell(CsvCell& cell) { return scanner_.peek() == '"' ? quoted(cell) : plain(cell); }

  bool plain(CsvCell& cell) {
    bool good = true;
    while (!scanner_.at_line_end() && scanner_.peek() != ',') {
      if (scanner_.peek() == '"' && good) {
        good = problem(
            "found a quote inside a cell without quotes, expected the whole cell in quotes, inner ones doubled");
      }
      scanner_.take(cell.text);
    }
    return good;
  }

  bool quoted(CsvCell& cell) {
    scanner_.skip();
    while (true) {
      if (scanner_.at_end()) {
        problems_.add(ProblemCode::E102_bad_syntax, {file_, cell.line, cell.column}, "",
                      "reading CSV: found the end of the file inside quotes, expected a closing quote");
        return false;
      }
      if (scanner_.peek() != '"') {
        scanner_.take(cell.text);
      } else if (scanner_.peek_second() == '"') {
        scanner_.skip();
        scanner_.take(cell.text);
      } else {
        scanner_.skip();
        return nothing_behind_quote();
      }
    }
  }

  bool nothing_behind_quote() {
    if (scanner_.at_line_end() || scanner_.peek() == ',') return true;
    problem("found text behind a closing quote, expected a comma or the end of the line");
    while (!scanner_.at_line_end() && scanner_.peek() != ',') scanner_.skip();
    return false;
  }

  bool problem(std::string_view what) {
    problems_.add(ProblemCode::E102_bad_syntax, {file_, scanner_.line(), scanner_.column()}, "",
                  fmt::format("reading CSV: {}", what));
    return false;
  }

  Scanner scanner_;
  std::shared_ptr<const std::string> file_;
  Problems& problems_;
};

// Where the first byte stands that cannot be in a text file; none in a good file.
std::optional<std::pair<int, int>> first_bad_byte(std::string_view text) {
  int line = 1;
  int column = 1;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || text.front() == '\0') return std::pair(line, column);
    ++column;
    if (text.front() == '\n') {
      ++line;
      column = 1;
    }
    text.remove_prefix(length);
  }
  return std::nullopt;
}

bool has_width(const CsvRow& row, const Csv& csv, Problems& problems) {
  if (row.cells.size() == csv.header.cells.size()) return true;
  problems.add(ProblemCode::E102_bad_syntax, {csv.file, row.line, 1}, "",
               fmt::format("reading CSV: found {} cells, expected {} as in the header", row.cells.size(),
                           csv.header.cells.size()));
  return false;
}

}  // namespace

std::optional<Csv> parse_csv(std::string_view text, std::string shown_as, Problems& problems) {
  Csv csv;
  csv.file = std::make_shared<const std::string>(std::move(shown_as));
  if (text.size() > kMaxCsvBytes) {
    problems.add(ProblemCode::E116_too_large, {csv.file, 0, 0}, "",
                 fmt::format("found {} bytes, expected at most {}", text.size(), kMaxCsvBytes));
    return std::nullopt;
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (const auto bad = first_bad_byte(text)) {
    problems.add(ProblemCode::E102_bad_syntax, {csv.file, bad->first, bad->second}, "",
                 "reading CSV: found bytes that are not UTF-8, expected the file saved as \"CSV UTF-8\"");
    return std::nullopt;
  }
  Reader reader(text, csv.file, problems);
  std::optional<CsvRow> header;
  const std::size_t before = problems.list().size();
  while (!header && !reader.at_end() && problems.list().size() == before) header = reader.row();
  if (!header && problems.list().size() != before) return std::nullopt;
  if (!header) {
    problems.add(ProblemCode::E102_bad_syntax, {csv.file, 1, 1}, "", "reading CSV: found no header row");
    return std::nullopt;
  }
  csv.header = std::move(*header);
  while (!reader.at_end()) {
    auto row = reader.row();
    if (!row || !has_width(*row, csv, problems)) continue;
    if (csv.rows.size() == kMaxCsvRows) {
      problems.add(ProblemCode::E116_too_large, {csv.file, row->line, 1}, "",
                   fmt::format("found more than {} rows", kMaxCsvRows));
      break;
    }
    csv.rows.push_back(std::move(*row));
  }
  return csv;
}

}  // namespace firegate::documents
