#include "cli/device_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/json_text.h"
#include "cli/local_client.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string socket = "/var/lib/firegate/firegate.sock";
  std::string device, command, until, reason, key;
  int port = -1, limit = 20;
  bool as_json = false;
};

std::string path_of(const Options& options) {
  return fmt::format("/api/v1/devices/{}/commands", path_segment(options.device));
}

void print(const json::value& command, bool as_json) {
  if (as_json) return fmt::print("{}\n", json::serialize(command));
  const json::value& port = command.at("port");
  fmt::print("{}  {:<10} {:<14} {:<8} {}  {}  {}\n", text_at(command, "/at"), text_at(command, "/state"),
             text_at(command, "/command"), port.is_null() ? "" : "port " + json::serialize(port),
             text_at(command, "/id"), text_at(command, "/by"), text_at(command, "/why"));
}

int order(const Options& options) {
  json::object body{{"command", options.command}, {"reason", options.reason}};
  if (options.port >= 0) body["port"] = options.port;
  if (!options.until.empty()) body["until"] = options.until;
  std::vector<std::string> headers;
  if (!options.key.empty()) headers.push_back("Idempotency-Key: " + options.key);
  const auto reply = LocalClient(options.socket).ask("POST", path_of(options), body, headers);
  if (!went_well(reply)) return failed("device command", reply);
  print(reply->body, options.as_json);
  return text_at(reply->body, "/state") == "refused" ? kFailed : kOk;
}

int list(const Options& options) {
  const auto reply =
      LocalClient(options.socket).ask("GET", fmt::format("{}?limit={}", path_of(options), options.limit));
  if (!went_well(reply)) return failed("device commands", reply);
  for (const json::value& command : reply->body.at("commands").as_array()) print(command, options.as_json);
  return kOk;
}

CLI::App* add(CLI::App& device, const char* name, const char* says, const std::shared_ptr<Options>& options,
              int (*act)(const Options&), int& exit_code) {
  CLI::App* made = device.add_subcommand(name, says);
  made->add_option("--socket", options->socket, "The gateway's Unix socket, in its data folder")->capture_default_str();
  made->add_flag("--json", options->as_json, "One JSON object a line");
  made->add_option("id", options->device, "Of the device")->required();
  made->callback([options, act, &exit_code] { exit_code = act(*options); });
  return made;
}

}  // namespace

void add_device_commands(CLI::App& device, int& exit_code) {
  const auto ordered = std::make_shared<Options>();
  CLI::App* made =
      add(device, "command", "Order it to do something; what becomes of it: commands", ordered, order, exit_code);
  made->add_option("command", ordered->command, "cut_off, release, switch_off, query, ...")->required();
  made->add_option("--port", ordered->port, "Of the device, where it has several")->check(CLI::Range(0, 32767));
  made->add_option("--until", ordered->until, "When the device itself must end it: RFC 3339, 2026-11-22T20:00:00Z");
  made->add_option("--reason", ordered->reason, "For the record")->required();
  made->add_option("--key", ordered->key, "Idempotency key: the same key never sends twice");
  const auto listed = std::make_shared<Options>();
  add(device, "commands", "What it was ordered to do, newest first", listed, list, exit_code)
      ->add_option("--limit", listed->limit, "At most so many")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
}

}  // namespace firegate::cli
