#include "simulate/simulator.h"

#include <cmath>

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;

constexpr double kMaxSpeed = 1000;

// Devices that somebody has put up and nobody has entered yet, in the formats that the estate has.
std::vector<DeviceRow> strangers_of(std::span<const DeviceRow> rows) {
  DeviceRow native, zigbee, shelly;
  native.id = "stranger-native", native.format = "native", native.address = "smoke-0f3a";
  native.kind = DeviceKind::smoke_detector;
  zigbee.id = "stranger-zigbee", zigbee.format = "zigbee2mqtt", zigbee.address = "0x00158d0004a1b2c3";
  zigbee.kind = DeviceKind::environment_sensor, zigbee.model = "heiman/HS2WL";
  shelly.id = "stranger-shelly", shelly.format = "shelly", shelly.address = "shellyplusplugs-b0b21c1fffff";
  shelly.kind = DeviceKind::metering_plug;

  std::vector<DeviceRow> strangers;
  for (DeviceRow* row : {&native, &zigbee, &shelly}) {
    const auto alike = std::ranges::find(rows, row->format, &DeviceRow::format);
    if (alike == rows.end()) continue;
    row->estate = alike->estate;
    strangers.push_back(std::move(*row));
  }
  return strangers;
}

}  // namespace

Result<Estate> Estate::from(std::vector<DeviceRow> rows, EstateOptions options) {
  if (!(options.speed > 0) || options.speed > kMaxSpeed) {
    return fail(ErrorCode::bad_input,
                fmt::format("speed is {}, expected more than 0 and at most {}", options.speed, kMaxSpeed));
  }
  if (rows.empty()) return fail(ErrorCode::bad_input, "the estate has no devices");
  if (options.strangers) {
    for (DeviceRow& row : strangers_of(rows)) rows.push_back(std::move(row));
  }
  Estate estate(std::move(rows), std::move(options));
  if (auto done = estate.furnish(); !done) return tl::unexpected(done.error());
  return estate;
}

Result<void> Estate::furnish() {
  auto scenario = make_scenario(options_.scenario, rows_);
  if (!scenario) return tl::unexpected(scenario.error());
  scenario_ = std::move(*scenario);

  Random seeds(options_.seed);
  std::vector<DeviceRow> zigbee;
  for (const DeviceRow& row : rows_) {
    auto voice = make_voice(row);
    if (!voice) return tl::unexpected(voice.error());
    add_device(std::move(*voice), life_of(row), seeds.bits());
    if (row.format == "zigbee2mqtt") zigbee.push_back(row);
  }
  if (!zigbee.empty()) add_device(make_zigbee_bridge(zigbee), nullptr, seeds.bits());
  return {};
}

std::unique_ptr<Life> Estate::life_of(const DeviceRow& row) const {
  if (options_.scenario != kNuisanceScenario || !lives_nuisance(row)) return make_life(row.kind);
  return make_nuisance_life(row.kind, in_kitchen(row) ? NuisanceRoom::kitchen : NuisanceRoom::room);
}

void Estate::add_device(std::unique_ptr<Voice> voice, std::unique_ptr<Life> life, std::uint64_t seed) {
  auto link = std::ranges::find(links_, voice->link_name(), &Link::name);
  if (link == links_.end()) link = links_.insert(links_.end(), Link{voice->link_name(), std::nullopt});
  const auto number = static_cast<LinkNo>(link - links_.begin());
  if (auto will = voice->will()) {
    will->link = number;
    link->will = std::move(will);
  }
  Device device{number, std::move(voice), std::move(life), {}, Random(seed), false};
  if (device.life) device.life->begin(device.facts, device.random);
  devices_.push_back(std::move(device));
}

bool Estate::own_link(std::size_t index) const { return devices_[index].voice->will().has_value(); }

Instant Estate::instant(Millis estate_time) const noexcept {
  const double real = static_cast<double>(estate_time.count()) / options_.speed;
  return *start_ + Millis{static_cast<std::int64_t>(std::ceil(real))};
}

Millis Estate::elapsed(Instant now) const noexcept {
  return Millis{static_cast<std::int64_t>(static_cast<double>((now - *start_).count()) * options_.speed)};
}

void Estate::start(Instant now) {
  start_ = now;
  for (LinkNo link = 0; link < links_.size(); ++link) {
    for (Publication& birth : births_of(link)) said_.push_back(std::move(birth));
  }
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    Device& device = devices_[i];
    if (device.life) plan(Millis{device.random.whole(0, device.life->pace().count())}, Live{i});
    // A device that has no birth is heard soon all the same; afterwards the reports spread over their interval.
    const bool born = links_[device.link].will.has_value();
    const std::int64_t first = born ? device.voice->interval().count() : 20'000;
    plan(Millis{device.random.whole(first / 10, first)}, Report{i});
  }
  for (std::size_t i = 0; i < scenario_.steps.size(); ++i) {
    plan(options_.start_delay + scenario_.steps[i].at, Take{i});
  }
}

std::vector<Publication> Estate::tick(Instant now) {
  if (!start_) start(now);
  const Millis until = elapsed(now);
  while (!agenda_.empty() && agenda_.begin()->first <= until) {
    const auto next = agenda_.extract(agenda_.begin());
    clock_ = next.key();
    std::visit([this](const auto& event) { run(event); }, next.mapped());
  }
  return std::exchange(said_, {});
}

Instant Estate::next_due() const noexcept {
  if (!start_) return Instant::min();
  return agenda_.empty() ? kNever : instant(agenda_.begin()->first);
}

std::vector<Publication> Estate::births(LinkNo link, Instant now) {
  if (!start_) start(now);
  clock_ = std::max(clock_, elapsed(now));
  return births_of(link);
}

std::vector<Publication> Estate::births_of(LinkNo link) {
  std::vector<Publication> before = std::exchange(said_, {});
  for (std::size_t i = devices_.size(); i-- > 0;) {  // the bridge comes last in the list and speaks first
    const Device& device = devices_[i];
    if (device.link != link) continue;
    if (!device.dark) {
      connect(i);
    } else if (!own_link(i)) {
      run(Missed{i});
    }
  }
  return std::exchange(said_, std::move(before));
}

template <typename Words>
void Estate::speak(std::size_t index, Words words) {
  Device& device = devices_[index];
  Speech speech(device.link);
  words(*device.voice, device.facts, moment(device), speech);
  for (auto& [delay, what] : speech.take()) {
    if (delay > 0s) {
      plan(clock_ + delay, Say{index, std::move(what)});
    } else {
      emit(std::move(what));
    }
  }
}

void Estate::connect(std::size_t index) {
  speak(index,
        [](Voice& voice, const Facts& facts, const Moment& at, Speech& speech) { voice.connected(facts, at, speech); });
}

void Estate::emit(Publication publication) {
  if (!cut_ || publication.will) said_.push_back(std::move(publication));
}

void Estate::run(const Live& event) {
  Device& device = devices_[event.device];
  const bool told = device.life->go_on(device.facts, device.random, clock_);
  plan(clock_ + device.life->pace(), event);
  if (!told || device.dark) return;
  speak(event.device,
        [](Voice& voice, const Facts& facts, const Moment& at, Speech& speech) { voice.changed(facts, at, speech); });
}

void Estate::run(const Report& event) {
  Device& device = devices_[event.device];
  plan(clock_ + device.voice->interval(), event);
  if (device.dark) return;
  speak(event.device,
        [](Voice& voice, const Facts& facts, const Moment& at, Speech& speech) { voice.report(facts, at, speech); });
}

void Estate::run(const Missed& event) {
  if (!devices_[event.device].dark) return;  // it came back in time
  speak(event.device, [](Voice& voice, const Facts&, const Moment&, Speech& speech) { voice.missed(speech); });
}

void Estate::run(const Say& event) {
  if (!devices_[event.device].dark) emit(event.what);
}

void Estate::run(const Take& event) {
  const Step& step = scenario_.steps[event.step];
  if (scenario_.repeat > 0s) plan(clock_ + scenario_.repeat, event);
  std::visit([&, this](const auto& what) { take(devices_[step.device], step.device, what); }, step.what);
}

void Estate::take(Device& device, std::size_t index, const Hold& hold) {
  for (const HeldFact& fact : hold.facts) device.facts.hold(fact.point, fact.value, fact.port);
  if (device.dark) return;
  speak(index,
        [](Voice& voice, const Facts& facts, const Moment& at, Speech& speech) { voice.changed(facts, at, speech); });
}

void Estate::take(Device& device, std::size_t index, const Release&) {
  device.facts.release();
  take(device, index, Hold{});
}

void Estate::take(Device& device, std::size_t index, const GoDark&) {
  device.dark = true;
  if (own_link(index)) {
    emit(*links_[device.link].will);
  } else {
    plan(clock_ + device.voice->missed_after(), Missed{index});
  }
}

void Estate::take(Device& device, std::size_t index, const ComeBack&) {
  device.dark = false;
  connect(index);
}

void Estate::take(Device&, std::size_t, const CutNetwork&) {
  cut_ = true;
  for (const Link& link : links_) {
    if (link.will) emit(*link.will);
  }
}

void Estate::take(Device&, std::size_t, const RestoreNetwork&) {
  cut_ = false;
  for (LinkNo link = 0; link < links_.size(); ++link) {
    for (Publication& birth : births_of(link)) said_.push_back(std::move(birth));
  }
}

}  // namespace firegate::simulate
