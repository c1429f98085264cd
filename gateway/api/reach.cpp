#include "api/reach.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/settings.h"

namespace firegate::api {
namespace {

bool is_for_others(const std::string& name) {
  return name != "localhost" && !name.starts_with("127.") && name != "::1" && !name.starts_with("*.");
}

std::string best_name(const HostNames& names) {
  const auto address =
      std::ranges::find_if(names, [](const std::string& name) { return is_for_others(name) && is_ip_address(name); });
  const auto any = address != names.end() ? address : std::ranges::find_if(names, is_for_others);
  return any != names.end() ? *any : "localhost";
}

}  // namespace

Reach reach_of(const HostNames& hosts, const TlsPair* pair, std::uint16_t https_port) {
  Reach reach{hosts, std::nullopt, {}};
  if (!pair) return reach;
  reach.names.insert(reach.names.end(), pair->names().begin(), pair->names().end());
  reach.authority = pair->authority();
  const std::string name = best_name(reach.names);
  const bool bracketed = name.find(':') != std::string::npos;
  reach.phone_page = fmt::format("https://{}{}{}:{}/ca", bracketed ? "[" : "", name, bracketed ? "]" : "", https_port);
  return reach;
}

}  // namespace firegate::api
