#include "api/settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace firegate::api {
namespace {

constexpr std::size_t kMaxPosts = 100;  // our choice

void parse_posts(MapReader& reader, Problems& problems, std::vector<std::string>& posts) {
  const ConfigNode* list = reader.list("posts");
  if (!list) return;
  posts.clear();
  for (const ConfigNodePtr& item : list->items) {
    if (!is_id(item->scalar)) {
      problems.add(ProblemCode::E111_bad_id, item->at, item->path,
                   fmt::format("found \"{}\", expected a post's id: 1 to 64 of A-Z, a-z, 0-9, _ and -", item->scalar));
    } else if (std::ranges::find(posts, item->scalar) != posts.end()) {
      problems.add(ProblemCode::E109_duplicate_id, item->at, item->path,
                   fmt::format("found post \"{}\" a second time, expected each once", item->scalar));
    } else {
      posts.push_back(item->scalar);
    }
  }
  if (list->items.empty() || list->items.size() > kMaxPosts) {
    reader.wrong("posts", ProblemCode::E107_out_of_range,
                 fmt::format("found {} posts, expected 1 to {}", list->items.size(), kMaxPosts));
  }
}

}  // namespace

bool is_loopback_address(std::string_view address) noexcept { return address == "127.0.0.1" || address == "::1"; }

Settings Settings::parse(const ConfigNode& node, Problems& problems) {
  Settings settings;
  MapReader reader(node, problems);
  if (!reader.ok()) return settings;
  settings.address = reader.text("address", settings.address);
  if (!is_loopback_address(settings.address)) {
    reader.wrong("address", ProblemCode::E117_not_allowed,
                 fmt::format("found \"{}\", expected 127.0.0.1 or ::1: there are no accounts, so only people at this "
                             "machine may act",
                             settings.address));
  }
  settings.port = static_cast<std::uint16_t>(reader.integer("port", settings.port, 0, 65535));
  parse_posts(reader, problems, settings.posts);
  reader.finish();
  return settings;
}

}  // namespace firegate::api
