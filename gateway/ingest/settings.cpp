#include "ingest/settings.h"

#include <fmt/format.h>

namespace firegate::ingest {
namespace {

constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kGB = 1'000'000'000;

void check_within(MapReader& reader, std::string_view key, Millis value, Millis low, Millis high) {
  if (value >= low && value <= high) return;
  reader.wrong(key, ProblemCode::E107_out_of_range,
               fmt::format("found {} ms, expected {} to {} ms", value.count(), low.count(), high.count()));
}

std::optional<TlsSettings> parse_tls(const ConfigNode* node, Problems& problems) {
  if (node == nullptr) return std::nullopt;
  MapReader reader(*node, problems);
  TlsSettings tls;
  tls.ca = reader.text("ca");
  tls.cert = reader.text("cert", "");
  tls.key = reader.text("key", "");
  if (tls.cert.empty() != tls.key.empty()) {
    reader.wrong(tls.cert.empty() ? "key" : "cert", ProblemCode::E113_contradiction,
                 "found one of cert and key, expected both or none");
  }
  reader.finish();
  return tls;
}

BrokerSettings parse_broker(const ConfigNode& node, Problems& problems) {
  using std::chrono::hours;
  BrokerSettings broker;
  MapReader reader(node, problems);
  broker.tls = parse_tls(reader.map("tls"), problems);
  broker.host = reader.text("host", broker.host);
  broker.port = static_cast<std::uint16_t>(reader.integer("port", broker.tls ? 8883 : 1883, 1, 65'535));
  broker.client_id = reader.text("client_id", broker.client_id);
  broker.version = reader.choice("version", std::optional(broker.version));
  broker.username = reader.text("username", "");
  broker.password_file = reader.text("password_file", "");
  broker.keep_alive = reader.duration("keep_alive", broker.keep_alive);
  broker.session_expiry = reader.duration("session_expiry", broker.session_expiry);
  broker.ack_gate = reader.boolean("ack_gate", broker.ack_gate);

  if (reader.has("client_id") && !is_id(broker.client_id)) {
    reader.wrong("client_id", ProblemCode::E111_bad_id,
                 fmt::format("found \"{}\", expected 1 to 64 letters, digits, _ or -", broker.client_id));
  }
  if (reader.has("password_file") && broker.username.empty()) {
    reader.wrong("password_file", ProblemCode::E113_contradiction, "found a password without username");
  }
  check_within(reader, "keep_alive", broker.keep_alive, Millis{2'000}, Millis{60'000});
  check_within(reader, "session_expiry", broker.session_expiry, hours{1}, hours{365 * 24});
  reader.finish();
  return broker;
}

InboxSettings parse_inbox(const ConfigNode& node, Problems& problems) {
  using std::chrono::hours;
  InboxSettings inbox;
  MapReader reader(node, problems);
  inbox.folder = reader.text("folder", "inbox");
  inbox.segment_bytes = static_cast<std::size_t>(reader.integer("segment_mib", 64, 16, 1024) * kMiB);
  inbox.keep_for = reader.duration("keep_for", inbox.keep_for);
  inbox.keep_bytes = static_cast<std::uint64_t>(reader.integer("keep_gb", 5, 1, 10'000) * kGB);
  check_within(reader, "keep_for", inbox.keep_for, Millis{0}, hours{365 * 24});
  reader.finish();
  return inbox;
}

}  // namespace

std::string BrokerSettings::uri() const {
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", tls ? "ssl" : "tcp", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

std::string BrokerSettings::canary_topic() const { return fmt::format("firegate/{}/canary", client_id); }

Settings Settings::parse(const ConfigNode& root, Problems& problems) {
  Settings settings;
  settings.inbox.folder = "inbox";
  if (const ConfigNode* node = root.find("broker")) settings.broker = parse_broker(*node, problems);
  if (const ConfigNode* node = root.find("inbox")) settings.inbox = parse_inbox(*node, problems);
  return settings;
}

}  // namespace firegate::ingest
