// Estate: all devices of a devices.csv living through ordinary time and a scenario, saying what such devices say.
// Pure and deterministic: the same rows, options and instants give the same publications. Time comes in as a parameter;
// nothing is sent from here (publisher.h does that). One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "simulate/device_row.h"
#include "simulate/life.h"
#include "simulate/publication.h"
#include "simulate/random.h"
#include "simulate/scenario.h"
#include "simulate/voice.h"

namespace firegate::simulate {

struct EstateOptions {
  std::string scenario = "quiet";
  std::uint64_t seed = 1;
  double speed = 1;       // estate seconds in a second; times in messages stay true
  Millis start_delay{0};  // the scenario begins this long (estate time) after the estate
  bool strangers =
      true;  // also two or three devices that are not in the file: content for the list of unmapped devices
};

class Estate {
 public:
  // Fails on rows of a format that cannot be spoken, an unknown scenario and a speed that is not positive.
  static Result<Estate> from(std::vector<DeviceRow> rows, EstateOptions options);

  std::span<const Link> links() const noexcept { return links_; }
  // The rows of the file, then the strangers (with an empty building).
  std::span<const DeviceRow> rows() const noexcept { return rows_; }

  // Everything said up to `now`, in order. The first call starts the estate and says the births of every link.
  std::vector<Publication> tick(Instant now);
  // When the next `tick` has something to say.
  Instant next_due() const noexcept;
  // What the devices of a link say when its connection was made (again): birth messages and present states.
  std::vector<Publication> births(LinkNo link, Instant now);

 private:
  struct Device {
    LinkNo link = 0;
    std::unique_ptr<Voice> voice;
    std::unique_ptr<Life> life;  // none: the voice of a bridge
    Facts facts;
    Random random;
    bool dark = false;
  };
  struct Live {
    std::size_t device;
  };
  struct Report {
    std::size_t device;
  };
  struct Missed {
    std::size_t device;
  };
  struct Say {
    std::size_t device;
    Publication what;
  };
  struct Take {
    std::size_t step;
  };
  using Event = std::variant<Live, Report, Missed, Say, Take>;

  Estate(std::vector<DeviceRow> rows, EstateOptions options) : rows_(std::move(rows)), options_(std::move(options)) {}

  Result<void> furnish();
  std::unique_ptr<Life> life_of(const DeviceRow& row) const;
  void add_device(std::unique_ptr<Voice> voice, std::unique_ptr<Life> life, std::uint64_t seed);
  void start(Instant now);
  void plan(Millis at, Event event) { agenda_.emplace(at, std::move(event)); }

  void run(const Live& event);
  void run(const Report& event);
  void run(const Missed& event);
  void run(const Say& event);
  void run(const Take& event);
  void take(Device& device, std::size_t index, const Hold& hold);
  void take(Device& device, std::size_t index, const Release&);
  void take(Device& device, std::size_t index, const GoDark&);
  void take(Device& device, std::size_t index, const ComeBack&);
  void take(Device& device, std::size_t index, const CutNetwork&);
  void take(Device& device, std::size_t index, const RestoreNetwork&);

  template <typename Words>
  void speak(std::size_t index, Words words);
  void connect(std::size_t index);
  std::vector<Publication> births_of(LinkNo link);
  void emit(Publication publication);
  bool own_link(std::size_t index) const;
  Moment moment(Device& device) { return Moment{instant(clock_), clock_, device.random}; }
  Instant instant(Millis estate_time) const noexcept;
  Millis elapsed(Instant now) const noexcept;  // estate time

  std::vector<DeviceRow> rows_;
  EstateOptions options_;
  Scenario scenario_;
  std::vector<Link> links_;
  std::vector<Device> devices_;  // as rows_, then the bridge
  std::multimap<Millis, Event> agenda_;
  std::vector<Publication> said_;
  std::optional<Instant> start_;
  Millis clock_{0};   // estate time of what is being done
  bool cut_ = false;  // the network is down
};

}  // namespace firegate::simulate
