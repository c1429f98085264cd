// Voice: how one device says its facts: topics, payloads, quality of service and habits of its wire format and model.
// Written from the documents of the formats, not from our drivers: it is an independent check of them.
// Pure: time and randomness are handed in. Owned by the estate, one thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "simulate/device_row.h"
#include "simulate/facts.h"
#include "simulate/publication.h"
#include "simulate/random.h"

namespace firegate::simulate {

// The circumstances in which something is said.
struct Moment {
  Instant now{};
  Millis uptime{};  // of the device, since the estate was switched on
  Random& random;
};

// What a device says in one go: at once, and a little later without further cause.
class Speech {
 public:
  explicit Speech(LinkNo link) : link_(link) {}

  void say(std::string topic, std::string payload, int qos, bool retain = false);
  void say_after(Millis delay, std::string topic, std::string payload, int qos, bool retain = false);

  std::vector<std::pair<Millis, Publication>> take() { return std::move(said_); }

 private:
  LinkNo link_;
  std::vector<std::pair<Millis, Publication>> said_;
};

class Voice {
 public:
  virtual ~Voice() = default;

  // Name of the connection that carries this device; devices with the same name share one.
  virtual std::string link_name() const = 0;
  virtual std::optional<Publication> will() const { return std::nullopt; }
  virtual Millis interval() const = 0;  // between two reports without cause

  virtual void connected(const Facts&, const Moment&, Speech&) {}  // its connection was made
  virtual void report(const Facts&, const Moment&, Speech&) = 0;   // its interval has passed
  virtual void changed(const Facts&, const Moment&, Speech&) = 0;  // something it tells at once has changed
  virtual void missed(Speech&) const {}                            // its network says that it is gone
  // How long the network takes to say so; devices with a connection of their own have a will instead.
  virtual Millis missed_after() const { return Millis{0}; }
};

// The voice of a row: by format, model and kind. Fails on a format that the simulator cannot speak.
Result<std::unique_ptr<Voice>> make_voice(const DeviceRow& row);

std::unique_ptr<Voice> make_native_voice(const DeviceRow& row);
std::unique_ptr<Voice> make_zigbee_voice(const DeviceRow& row);
std::unique_ptr<Voice> make_tasmota_voice(const DeviceRow& row);
std::unique_ptr<Voice> make_shelly_voice(const DeviceRow& row);
std::unique_ptr<Voice> make_chirpstack_voice(const DeviceRow& row);

// Zigbee2MQTT itself: bridge state (with its will), bridge information and the list of what each device exposes.
// It speaks on the link of its devices, before them.
std::unique_ptr<Voice> make_zigbee_bridge(std::span<const DeviceRow> devices);

// A number that belongs to the device for ever: network addresses and the like are made from it.
std::uint64_t identity(const DeviceRow& row) noexcept;
// The model's name without letters' case, spaces, '-', '_' and the brand before the slash: "HS1SA-E-PLUS" →
// "hs1saeplus".
std::string plain_model(const DeviceRow& row);

}  // namespace firegate::simulate
