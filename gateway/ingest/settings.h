// Settings of the links and the inbox: sections `broker` and `inbox` of gateway.yaml. Values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/config_node.h"
#include "core/labels.h"
#include "ingest/inbox.h"

namespace firegate::ingest {

enum class MqttVersion : std::uint8_t { v5, v3_1_1 };

struct TlsSettings {
  std::filesystem::path ca;    // PEM; the broker's certificate must be signed by it and name the host
  std::filesystem::path cert;  // our certificate chain, PEM; empty: the broker asks for none
  std::filesystem::path key;   // its private key
};

struct BrokerSettings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;           // IANA: 1883, with TLS 8883
  std::string client_id = "firegate";  // also names the session that the broker keeps for us
  MqttVersion version = MqttVersion::v5;
  std::string username;
  std::filesystem::path password_file;  // read at each connection, so that a changed password needs no restart
  std::optional<TlsSettings> tls;
  Millis keep_alive{10'000};  // a half-open link is noticed after 2.4 to 2.6 times this (measured)
  // How long the broker keeps our session while we are away; our choice: as long as raw messages are kept. MQTT 5 only.
  Millis session_expiry{std::chrono::hours{7 * 24}};
  bool ack_gate = true;  // acknowledge only what is on disk (ingest/ack_gate.h)

  std::string uri() const;           // "tcp://127.0.0.1:1883", "ssl://..."
  std::string canary_topic() const;  // "firegate/<client id>/canary"
};

struct Settings {
  BrokerSettings broker;
  InboxSettings inbox;  // a relative folder is meant below the data folder; `app` resolves it

  // `root` is the whole of gateway.yaml; missing sections and keys have defaults. Other sections are not looked at.
  static Settings parse(const ConfigNode& root, Problems& problems);
};

}  // namespace firegate::ingest

template <>
struct firegate::Labels<firegate::ingest::MqttVersion> {
  static constexpr std::array<std::string_view, 2> list{"5", "3.1.1"};
};
