// SelfFault: failures of our own become fault alarms of the pseudo-building `gateway` (architecture, decision 6).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/labels.h"

namespace firegate {

enum class SelfFaultCode : std::uint8_t {
  broker_lost,          // no connection to the broker
  session_lost,         // the broker does not know our session: what came meanwhile may be missing
  canary_late,          // our own message through the broker does not come back
  client_id_fight,      // somebody else uses our client id
  broker_dropped,       // the broker says that it dropped messages
  inbox_failed,         // the inbox cannot be written: messages are refused
  inbox_torn,           // the inbox's tail was cut after a crash
  store_failed,         // the store cannot write
  store_slow,           // no commit within a second
  disk_low,
  channel_failed,       // a delivery channel does not deliver
  partition_overloaded, // a building's mailbox is full
  quarantine,           // a device floods or sends what nobody can read
  clock_stepped,        // the system's clock moved by more than two seconds
  config_refused,       // a reload was refused; the old configuration runs
  nobody_listening,     // a post has no console that can sound
  journal_broken,       // the journal is not what was signed, or cannot be signed or copied
  certificate_ending,   // the certificate of HTTPS ends within 30, 7 or 1 days, or has ended
  codec_breached,       // a vendor's script broke its limits too often and is not run any more
  link_failed,          // a link of ours cannot take connections of devices
};
template <>
struct Labels<SelfFaultCode> {
  static constexpr std::array<std::string_view, 20> list{
      "broker_lost",  "session_lost", "canary_late",    "client_id_fight",      "broker_dropped",
      "inbox_failed", "inbox_torn",   "store_failed",   "store_slow",           "disk_low",       "channel_failed",
      "partition_overloaded",         "quarantine",     "clock_stepped",        "config_refused", "nobody_listening",
      "journal_broken", "certificate_ending", "codec_breached", "link_failed"};
};

// Any thread; never blocks. `part` tells apart several things of one code (a channel, a source, a building); may be empty.
// Raising what is raised counts one more occurrence; clearing what is not raised does nothing.
class SelfFault {
 public:
  virtual ~SelfFault() = default;
  virtual void raise(SelfFaultCode code, std::string_view part, std::string detail) noexcept = 0;
  virtual void clear(SelfFaultCode code, std::string_view part) noexcept = 0;
};

}  // namespace firegate
