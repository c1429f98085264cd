// firegate simulate: an estate that speaks the real wire formats to a broker, or a measured load.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <thread>

#include "cli/cli.h"
#include "cli/stop_signal.h"
#include "simulate/load.h"
#include "simulate/publisher.h"
#include "simulate/simulator.h"

namespace firegate::cli {
namespace {

struct Options {
  std::string estate;
  simulate::BrokerAddress broker;
  simulate::EstateOptions life;
  bool load = false;
  double rate = 0;
  std::uint64_t count = 0;
  double seconds = 0;
  std::size_t devices = 0;
  std::string boot;
  bool list = false;
};

int list_scenarios() {
  for (const auto& scenario : simulate::scenarios()) fmt::print("{:<20} {}\n", scenario.name, scenario.says);
  return kOk;
}

int failed(const Error& error) {
  fmt::print(stderr, "simulate: {}\n", error.message);
  return error.code == ErrorCode::timed_out || error.code == ErrorCode::io_failed ? kCannotConnect : kFailed;
}

Millis millis(double seconds) { return Millis{static_cast<std::int64_t>(seconds * 1000)}; }

int run_load(const Options& options, std::span<const simulate::DeviceRow> rows, std::stop_token stop) {
  const auto devices = simulate::load_devices_of(rows, options.devices);
  simulate::LoadOptions load;
  load.rate = options.rate;
  load.count = options.count;
  load.duration = millis(options.seconds);
  load.boot = options.boot;
  const auto report = simulate::run_load(devices, load, options.broker, system_clock(), stop);
  if (!report) return failed(report.error());
  fmt::print("{}\n", to_json(*report));
  return report->complete ? kOk : kFailed;
}

int run_estate(const Options& options, std::vector<simulate::DeviceRow> rows, std::stop_token stop) {
  auto estate = simulate::Estate::from(std::move(rows), options.life);
  if (!estate) return failed(estate.error());
  const auto last = options.seconds > 0 ? std::optional(millis(options.seconds)) : std::nullopt;
  const auto report = simulate::publish_estate(*estate, options.broker, system_clock(), stop, last);
  fmt::print("{}\n", to_json(report));
  return kOk;
}

int simulate_command(const Options& options) {
  if (options.list) return list_scenarios();
  auto rows = simulate::load_devices(options.estate);
  if (!rows) return failed(rows.error());
  const StopSignal signal;
  return options.load ? run_load(options, *rows, signal.token()) : run_estate(options, std::move(*rows), signal.token());
}

}  // namespace

void add_simulate(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("simulate", "An estate of simulated devices in real wire formats, or a load");
  auto* list = command->add_flag("--list", options->list, "List the scenarios");
  command->add_option("--estate", options->estate, "The devices.csv whose devices are imitated")->excludes(list);
  command->add_option("--scenario", options->life.scenario, "What the estate goes through")->default_val("quiet");
  command->add_option("--host", options->broker.host, "Broker")->default_val("127.0.0.1");
  command->add_option("--port", options->broker.port, "Broker's port")->default_val(1883);
  command->add_option("--username", options->broker.username, "Broker's user");
  command->add_option("--speed", options->life.speed, "Estate seconds in a second")->default_val(1);
  command->add_option("--seed", options->life.seed, "Seed of the chance in it")->default_val(1);
  auto* rate = command->add_option("--rate", options->rate, "Load: native messages a second; 0: as fast as they are acknowledged");
  command->add_option("--count", options->count, "Load: messages in all");
  command->add_option("--seconds", options->seconds, "Stop after so long");
  command->add_option("--devices", options->devices, "Load: at least so many devices, made up where the file has fewer");
  command->add_option("--boot", options->boot, "Load: name of the run in the messages");
  command->callback([options, rate, &exit_code] {
    options->load = rate->count() > 0;
    if (!options->list && options->estate.empty()) throw CLI::RequiredError("--estate");
    exit_code = simulate_command(*options);
  });
}

}  // namespace firegate::cli
