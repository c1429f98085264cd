// CSV as people and spreadsheets write it: RFC 4180 with LF or CRLF, a byte order mark, quoted fields with line breaks.
// Every cell knows its line and column, so that a problem points at it. Pure; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_node.h"

namespace firegate::documents {

constexpr std::size_t kMaxCsvBytes = 64u << 20;  // our choice: 100,000 devices are about 15 MB
constexpr std::size_t kMaxCsvRows = 1'000'000;   // our choice

struct CsvCell {
  std::string text;  // quotes removed, spaces kept
  int line = 0;      // where the cell starts
  int column = 0;    // in characters, from 1
};

struct CsvRow {
  int line = 0;
  std::vector<CsvCell> cells;
};

struct Csv {
  std::shared_ptr<const std::string> file;  // as the user named it
  CsvRow header;
  std::vector<CsvRow> rows;  // blank lines are left out; every row has as many cells as the header

  SourcePos at(const CsvCell& cell) const { return {file, cell.line, cell.column}; }
};

// Rows with too few or too many cells, stray quotes and bytes that are not UTF-8 are problems; such rows are left out
// and reading goes on. None when nothing can be read at all (not UTF-8, no header, too large).
std::optional<Csv> parse_csv(std::string_view text, std::string shown_as, Problems& problems);

}  // namespace firegate::documents
