// Settings of what may be pushed by HTTP: section `push` of gateway.yaml, a list. Values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/config_node.h"
#include "core/labels.h"

namespace firegate::ingest {

// How a platform proves that it may push.
enum class PushProof : std::uint8_t {
  signature,  // X-Firegate-Signature, see push_signature.h
  bearer,     // Authorization: Bearer <secret>: IoT-Zinx, third-party interface, common request format
  address,    // ?secret=<secret>: platforms that take nothing but an address; our choice
};

struct PushSource {
  std::string source;  // id of the source whose format the bodies have
  std::string topic;   // on which they enter the inbox; empty: <base of the source>/push
  std::string secret;  // of secret_file, without white space at the ends; at least 16 bytes
  PushProof proof = PushProof::signature;
  SourcePos at;  // of the entry
};

struct PushSettings {
  std::vector<PushSource> sources;

  // `node`: the section; null: nobody pushes. Reads the secrets.
  static PushSettings parse(const ConfigNode* node, Problems& problems);
};

}  // namespace firegate::ingest

template <>
struct firegate::Labels<firegate::ingest::PushProof> {
  static constexpr std::array<std::string_view, 3> list{"signature", "bearer", "address"};
};
