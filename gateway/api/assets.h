// Asset: one file of the web console, built into the program. Valid for the life of the program.
#pragma once

#include <functional>
#include <string_view>

namespace firegate::api {

struct Asset {
  std::string_view content_type;
  std::string_view body;
  std::string_view gzip;   // the same, compressed at build time; empty: there is none
  std::string_view etag;   // quoted, changes with the content
  bool immutable = false;  // the name changes with the content
};

// The asset of an absolute path ("/index.html"); null when there is none. Any thread.
using AssetLookup = std::function<const Asset*(std::string_view path)>;

}  // namespace firegate::api
