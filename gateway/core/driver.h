// Driver: the translation of one wire format. Pure: no clock, no I/O, no state of its own; work bounded by the limits it
// states. Called on the lane of the source. A driver lives in drivers/<format>/driver.cpp and is found by its folder.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/codec.h"
#include "core/command.h"
#include "core/labels.h"
#include "core/link_state.h"
#include "core/models.h"
#include "core/raw_message.h"
#include "core/reading.h"
#include "core/result.h"

namespace firegate {

// Why a message that was understood says nothing to record. Closed; the metric label `reason`.
enum class IgnoreReason : std::uint8_t {
  not_a_measurement,   // announcements, command echoes, configuration, logs of the network
  command_echo,        // what somebody sent to the device
  network_information, // bridge and gateway messages
  no_known_point,      // understood, but none of its fields is a point of ours
  empty,               // a deleted retained topic
  learned_only,        // taught us something about the source, measured nothing
};
template <>
struct Labels<IgnoreReason> {
  static constexpr std::array<std::string_view, 6> list{"not_a_measurement", "command_echo", "network_information",
                                                        "no_known_point",    "empty",        "learned_only"};
};

// Why a message could not be understood. Closed; the metric label `reason` and a row in gateway/README.md.
enum class RejectReason : std::uint8_t {
  unknown_topic,       // no source of ours has this topic
  too_large,           // over the limit of its kind of topic
  too_deep,            // nesting or number of nodes over the limit
  bad_encoding,        // not UTF-8, or not the encoding of the format
  unparsable,          // not JSON (or not what the format is made of)
  duplicate_key,       // JSON that says one thing twice
  missing_field,       // parsable, but without what the format requires
  wrong_type,          // a field is not of the type the format requires
  bad_address,         // the device's address is missing, hostile or contradicts the topic
  not_supported,       // a known variant we do not read (Protobuf where JSON is expected, ...)
  too_many_devices,    // more unmapped devices than are kept
};
template <>
struct Labels<RejectReason> {
  static constexpr std::array<std::string_view, 11> list{
      "unknown_topic", "too_large",  "too_deep",    "bad_encoding", "unparsable",    "duplicate_key",
      "missing_field", "wrong_type", "bad_address", "not_supported", "too_many_devices"};
};

struct Rejection {
  RejectReason reason{};
  std::string detail;  // what was found where, what was expected; never the payload itself
};

struct PayloadLimits {
  std::size_t bytes = 64 * 1024;  // architecture, section 8
  std::size_t nodes = 4096;       // values and members of a JSON document
  std::size_t depth = 16;
};
constexpr PayloadLimits kListLimits{8 * 1024 * 1024, 200'000, 16};  // bridge lists

// Bytes to publish to a source.
struct Outgoing {
  std::string topic;
  std::string payload;
  bool retain = false;
};

struct Decoded {
  std::vector<DeviceMessage> messages;
  std::optional<IgnoreReason> ignored;  // set exactly when `messages` is empty
  std::vector<Learned> learned;
  std::vector<Outgoing> replies;        // answers to the device, sent once the inbox has the message on disk
  std::uint32_t unknown_fields = 0;     // fields that ought to be points of ours and are not (native format)
  // Set: the payload is raw, and this script reads it. Everything else holds where the script cannot be run; otherwise
  // the message is decoded once more, with the script's answer in the context, and that counts.
  std::optional<CodecRequest> codec;
};
using DecodeResult = tl::expected<Decoded, Rejection>;

inline tl::unexpected<Rejection> reject(RejectReason reason, std::string detail) {
  return tl::unexpected<Rejection>(Rejection{reason, std::move(detail)});
}

// What people have said about the devices of a source.
class KnownDevices {
 public:
  virtual ~KnownDevices() = default;
  // The device's model as the inventory has it; empty: not known.
  virtual std::string_view model_of(std::string_view address) const = 0;
};

struct DecodeContext {
  std::string_view base;   // base topic of the source, without a slash at the end
  const LinkState& link;
  const Models& models;
  const KnownDevices* devices = nullptr;  // null: nobody is known
  const CodecAnswer* codec = nullptr;     // the answer to Decoded::codec of this very message
};

struct EncodeContext {
  std::string_view base;
  const LinkState& link;
  Instant now{};
};
struct Encoded {
  std::vector<Outgoing> messages;
  std::vector<Learned> learned;  // what the driver needs to know the device's answer by; the lane keeps it
};
using EncodeResult = tl::expected<Encoded, Refusal>;

inline tl::unexpected<Refusal> refuse(RefuseReason reason, std::string detail) {
  return tl::unexpected<Refusal>(Refusal{reason, std::move(detail)});
}

class Driver {
 public:
  virtual ~Driver() = default;

  virtual std::string_view format() const noexcept = 0;        // the folder's name
  virtual std::string_view default_base() const noexcept = 0;  // base topic where configuration names none
  // MQTT filters that cover a source of this format at `base`.
  virtual std::vector<std::string> filters(std::string_view base) const = 0;
  // Whether the message is of this format, by topic and a look at the content; the base topic is unknown here.
  // Returns the base when it is. Used where no configuration names a source.
  virtual std::optional<std::string> recognise(std::string_view topic, std::string_view payload) const = 0;
  // Limits that apply to a payload on this topic of a source at `base`, before anything looks at it.
  virtual PayloadLimits limits(std::string_view base, std::string_view topic) const noexcept = 0;
  virtual DecodeResult decode(const RawMessage& message, const DecodeContext& context) const = 0;
  // The bytes of a command to the device at `address`. As pure as decode: whoever calls it (on the lane of the source)
  // keeps what is learned before the bytes leave, so that the device's answer finds its command, and publishes them
  // unretained and once. Bytes do not mean that the device obeys: a Reply with the command's id says that, or a reading.
  virtual EncodeResult encode(const Command& command, std::string_view /*address*/,
                              const EncodeContext& /*context*/) const {
    return refuse(RefuseReason::not_supported,
                  std::string(label(command.kind)) + ": the format " + std::string(format()) + " has no such command");
  }
};

}  // namespace firegate
