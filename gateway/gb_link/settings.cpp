#include "gb_link/settings.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>

namespace firegate::gb_link {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

void check_within(MapReader& reader, std::string_view key, Millis value, Millis low, Millis high, bool or_never) {
  if ((value >= low && value <= high) || (or_never && value == Millis{0})) return;
  reader.wrong(key, ProblemCode::E107_out_of_range,
               fmt::format("found {} ms, expected {}{} to {} ms", value.count(), or_never ? "0 (never) or " : "",
                           low.count(), high.count()));
}

}  // namespace

Settings Settings::parse(const ConfigNode* node, Problems& problems) {
  Settings settings;
  if (!node) return settings;
  MapReader reader(*node, problems);
  if (!reader.ok()) return settings;
  if (reader.has("port")) settings.port = static_cast<std::uint16_t>(reader.integer("port", std::nullopt, 1, 65'535));
  settings.address = reader.text("address", settings.address);
  settings.source = reader.text("source", "");
  const auto count = [&reader](std::string_view key, std::size_t otherwise) {
    return static_cast<std::size_t>(reader.integer(key, static_cast<std::int64_t>(otherwise), 1, 10'000));
  };
  settings.max_connections = count("max_connections", settings.max_connections);
  settings.max_connections_per_address = count("max_connections_per_address", settings.max_connections_per_address);
  settings.silent_after = reader.duration("silent_after", settings.silent_after);
  settings.sync_clock_every = reader.duration("sync_clock_every", settings.sync_clock_every);
  settings.duty_check_every = reader.duration("duty_check_every", settings.duty_check_every);

  boost::system::error_code wrong;
  boost::asio::ip::make_address(settings.address, wrong);
  if (wrong) {
    reader.wrong("address", ProblemCode::E117_not_allowed,
                 fmt::format("found \"{}\", expected an IP address of this machine, 0.0.0.0 or ::", settings.address));
  }
  check_within(reader, "silent_after", settings.silent_after, seconds{2}, hours{24}, false);
  check_within(reader, "sync_clock_every", settings.sync_clock_every, seconds{1}, hours{31 * 24}, true);
  check_within(reader, "duty_check_every", settings.duty_check_every, seconds{1}, hours{31 * 24}, true);
  reader.finish();
  return settings;
}

}  // namespace firegate::gb_link
