// ConsoleAsset: one static file of the web console, built into the program. What the web server serves outside /api.
// The bytes live as long as the program; nothing is copied, nothing can fail. Any thread.
#pragma once

#include <span>
#include <string_view>

namespace firegate {

struct ConsoleAsset {
  std::string_view path;   // "/index.html", "/assets/index-CZfFItWg.css"
  std::string_view mime;   // value of Content-Type
  std::string_view etag;   // strong entity tag, with its quotes
  std::string_view bytes;  // as the file is
  std::string_view gzip;   // the same, compressed; empty where that would not be smaller
};

// In order of path. Files under /assets/ bear a hash in their name and never change; /index.html does.
std::span<const ConsoleAsset> console_assets() noexcept;

}  // namespace firegate
