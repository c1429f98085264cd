#include "api/settings.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

namespace firegate::api {
namespace {

constexpr std::size_t kMaxPosts = 100;            // our choice
constexpr std::size_t kMaxNames = 100;            // our choice
constexpr std::int64_t kMaxConnections = 10'000;  // our choice: two descriptors a connection and an event loop to share
constexpr std::string_view kNoSocket = "off";

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

// A DNS name as browsers send it in Host: labels of letters, digits and hyphens.
bool is_host_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

using Check = bool (*)(std::string_view);

std::vector<std::string> parse_names(MapReader& reader, Problems& problems, std::string_view key, Check is_right,
                                     std::string_view expected) {
  std::vector<std::string> names;
  const ConfigNode* list = reader.list(key);
  if (!list) return names;
  for (const ConfigNodePtr& item : list->items) {
    if (is_right(item->scalar)) {
      names.push_back(item->scalar);
    } else {
      problems.add(ProblemCode::E107_out_of_range, item->at, item->path,
                   fmt::format("found \"{}\", expected {}", item->scalar, expected));
    }
  }
  if (list->items.size() > kMaxNames) {
    reader.wrong(key, ProblemCode::E107_out_of_range,
                 fmt::format("found {} entries, expected at most {}", list->items.size(), kMaxNames));
  }
  return names;
}

std::optional<HttpsSettings> parse_https(MapReader& api, Problems& problems) {
  const ConfigNode* node = api.map("https");
  if (!node) return std::nullopt;
  HttpsSettings https;
  MapReader reader(*node, problems);
  https.address = reader.text("address", https.address);
  if (!is_ip_address(https.address)) {
    reader.wrong(
        "address", ProblemCode::E107_out_of_range,
        fmt::format("found \"{}\", expected an IP address of this machine; 0.0.0.0 or :: for all", https.address));
  }
  https.port = static_cast<std::uint16_t>(reader.integer("port", https.port, 0, 65535));
  https.certificate = reader.text("certificate", https.certificate.string());
  https.key = reader.text("key", https.key.string());
  reader.finish();
  return https;
}

std::size_t parse_limit(MapReader& reader, std::string_view key, std::size_t otherwise) {
  return static_cast<std::size_t>(reader.integer(key, static_cast<std::int64_t>(otherwise), 1, kMaxConnections));
}

}  // namespace

bool is_loopback_address(std::string_view address) noexcept { return address == "127.0.0.1" || address == "::1"; }

bool is_ip_address(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) return false;
  std::ranges::copy(text, terminated.begin());
  in6_addr bytes;
  return ::inet_pton(AF_INET, terminated.data(), &bytes) == 1 || ::inet_pton(AF_INET6, terminated.data(), &bytes) == 1;
}

Settings Settings::parse(const ConfigNode& node, Problems& problems) {
  Settings settings;
  MapReader reader(node, problems);
  if (!reader.ok()) return settings;
  settings.address = reader.text("address", settings.address);
  if (!is_loopback_address(settings.address)) {
    reader.wrong("address", ProblemCode::E117_not_allowed,
                 fmt::format("found \"{}\", expected 127.0.0.1 or ::1: plain HTTP stays on this machine; for others "
                             "there is api.https",
                             settings.address));
  }
  settings.port = static_cast<std::uint16_t>(reader.integer("port", settings.port, 0, 65535));
  parse_posts(reader, problems, settings.posts);
  settings.https = parse_https(reader, problems);
  settings.hosts = parse_names(
      reader, problems, "hosts", [](std::string_view text) { return is_host_name(text) || is_ip_address(text); },
      "a host name or an IP address, without scheme and port");
  settings.trusted_proxies = parse_names(
      reader, problems, "trusted_proxies", [](std::string_view text) { return is_ip_address(text); }, "an IP address");
  const std::string socket = reader.text("socket", "firegate.sock");
  if (socket != kNoSocket) settings.socket = socket;
  settings.max_connections = parse_limit(reader, "max_connections", settings.max_connections);
  settings.max_connections_per_address =
      parse_limit(reader, "max_connections_per_address", settings.max_connections_per_address);
  settings.max_live = parse_limit(reader, "max_live", settings.max_live);
  reader.finish();
  return settings;
}

void Settings::place_below(const std::filesystem::path& data) {
  const auto place = [&data](std::filesystem::path& path) {
    if (!path.empty() && path.is_relative()) path = data / path;
  };
  place(socket);
  if (!https) return;
  place(https->certificate);
  place(https->key);
}

}  // namespace firegate::api
