// Scenario: what goes wrong at an estate, as steps in time that change facts of chosen devices. The devices are chosen
// by kind and place, so that a scenario runs on any estate that has them. Pure; any thread.
#pragma once

#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "simulate/device_row.h"
#include "simulate/facts.h"

namespace firegate::simulate {

struct HeldFact {
  Point point{};
  Value value;
  Port port = kNoPort;
};
struct Hold {
  std::vector<HeldFact> facts;  // held until Release; told at once
};
struct Release {};         // everything that is held returns to normal; told at once
struct GoDark {};          // battery out, cable cut: the device says nothing more
struct ComeBack {};        // it is switched on again
struct CutNetwork {};      // no connection of the estate reaches the broker
struct RestoreNetwork {};  // all of them do again, each with its births

struct Step {
  Millis at{};             // since the scenario began
  std::size_t device = 0;  // row of the estate; no meaning for the network steps
  std::variant<Hold, Release, GoDark, ComeBack, CutNetwork, RestoreNetwork> what;
};

struct Scenario {
  std::vector<Step> steps;  // by time
  Millis repeat{0};         // begins anew after this long; zero: never
};

struct ScenarioInfo {
  std::string_view name;
  std::string_view says;  // for the help of the command line
  Millis first_sign{0};   // when the first message of the event leaves; zero: nothing ever happens
};
// Every scenario, in the order in which a person would try them.
std::span<const ScenarioInfo> scenarios() noexcept;

// In this one some devices live another life (life.h): those that can say what they measure.
constexpr std::string_view kNuisanceScenario = "nuisance";
bool lives_nuisance(const DeviceRow& row) noexcept;

// Fails on an unknown name and where the estate lacks a device that the scenario needs.
Result<Scenario> make_scenario(std::string_view name, std::span<const DeviceRow> rows);

constexpr int kStormChanges =
    200;  // alarms raised and cleared in an alarm storm: our choice, ten seconds of twenty a second

}  // namespace firegate::simulate
