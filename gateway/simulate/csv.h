// Reads CSV (RFC 4180): quoted cells, doubled quotes, line breaks inside quotes, CR LF or LF, an optional byte order
// mark.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace firegate::simulate {

struct CsvRow {
  int line = 0;  // where the row begins, from 1
  std::vector<std::string> cells;
};

// Every row that has a character in it; blank lines are left out. Fails on a quote that is never closed.
Result<std::vector<CsvRow>> read_csv(std::string_view text);

}  // namespace firegate::simulate
