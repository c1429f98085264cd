// ExportCell: a cell of a table that people open in a spreadsheet. Always quoted (RFC 4180); what a spreadsheet would
// take for a formula gets an apostrophe in front (OWASP, CSV injection; reliability, T18).
#pragma once

#include <string>
#include <string_view>

namespace firegate::api {

std::string export_cell(std::string_view text);

}  // namespace firegate::api
