// The frame of an MQTT control packet, as far as the ack gate needs it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace firegate::ingest {

// MQTT 5.0 and 3.1.1, 2.1.2: the upper half of the first byte.
enum class PacketType : std::uint8_t { puback = 4, disconnect = 14 };

inline bool is_packet(std::string_view packet, PacketType type) noexcept {
  return !packet.empty() && static_cast<std::uint8_t>(packet.front()) >> 4 == static_cast<std::uint8_t>(type);
}

// Size of the packet that `bytes` begin with, fixed header included: it may be more than `bytes` are. None: more bytes
// are needed to tell. A length of more than four bytes is no MQTT (1.5.5): size 0.
inline std::optional<std::size_t> packet_size(std::string_view bytes) noexcept {
  constexpr std::size_t kMostLengthBytes = 4;
  std::size_t length = 0;
  for (std::size_t i = 0; i < kMostLengthBytes; ++i) {
    if (i + 1 >= bytes.size()) return std::nullopt;
    const auto byte = static_cast<std::uint8_t>(bytes[i + 1]);
    length |= static_cast<std::size_t>(byte & 0x7F) << (7 * i);
    if ((byte & 0x80) == 0) return 2 + i + length;
  }
  return 0;
}

}  // namespace firegate::ingest
