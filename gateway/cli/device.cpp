// firegate device: devices as they are now, on the machine itself. What changes them: device_acts.h.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "cli/cli.h"
#include "cli/device_acts.h"
#include "cli/device_commands.h"
#include "cli/json_text.h"
#include "cli/local_client.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string socket = "/var/lib/firegate/firegate.sock";
  std::string id;
  std::string estate, building, kind, presence, words;
  bool as_json = false;
};

std::string place_of(const json::value& device) {
  std::string place;
  for (const char* level : {"estate", "building", "floor", "zone", "location"}) {
    const std::string name = text_at(device, fmt::format("/place/{}/name", level));
    if (!name.empty()) place += (place.empty() ? "" : " / ") + name;
  }
  return place;
}

void print_row(const json::value& device) {
  const std::string heard = text_at(device, "/last_heard");
  fmt::print("{:<24} {:<22} {:<11} {:<24}  {}  {}\n", text_at(device, "/id"), text_at(device, "/kind"),
             text_at(device, "/presence"), heard.empty() ? "-" : heard, text_at(device, "/name"), place_of(device));
}

// One page after the other: the program gives a thousand at a time.
int list(const Options& options) {
  const LocalClient gateway(options.socket);
  std::string filter = "/api/v1/devices?limit=1000";
  const auto add = [&filter](std::string_view name, const std::string& value) {
    if (!value.empty()) filter += fmt::format("&{}={}", name, path_segment(value));
  };
  add("estate", options.estate);
  add("building", options.building);
  add("kind", options.kind);
  add("presence", options.presence);
  add("q", options.words);
  if (!options.as_json) {
    fmt::print("{:<24} {:<22} {:<11} {:<24}  {}  {}\n", "ID", "KIND", "PRESENCE", "LAST HEARD", "NAME", "PLACE");
  }
  for (std::string cursor; true;) {
    const auto reply = gateway.ask("GET", cursor.empty() ? filter : filter + "&cursor=" + path_segment(cursor));
    if (!went_well(reply)) return failed("device ls", reply);
    for (const json::value& device : reply->body.at("devices").as_array()) {
      if (options.as_json) fmt::print("{}\n", json::serialize(device));
      else print_row(device);
    }
    const json::value& next = reply->body.at("next_cursor");
    if (!next.is_string()) return kOk;
    cursor = std::string(next.get_string());
  }
}

std::string value_in_words(const json::value& current) {
  const json::value& value = current.at("value");
  const std::string text = value.is_string() ? text_at(current, "/value") : json::serialize(value);
  const std::string unit = text_at(current, "/unit");
  return unit.empty() ? text : text + " " + unit;
}

void print_device(const json::value& device) {
  const auto line = [](std::string_view name, const std::string& value) {
    if (!value.empty()) fmt::print("{:<10} {}\n", name, value);
  };
  line("id", text_at(device, "/id"));
  line("name", text_at(device, "/name"));
  line("kind", text_at(device, "/kind"));
  line("model", text_at(device, "/model"));
  line("place", place_of(device));
  line("source",
       fmt::format("{}, {}, {}", text_at(device, "/source"), text_at(device, "/format"), text_at(device, "/address")));
  line("presence", text_at(device, "/presence"));
  line("heard", text_at(device, "/last_heard"));
  line("disabled", text_at(device, "/disabled_until"));
  for (const json::value& current : device.at("values").as_array()) {
    const json::value& port = current.at("port");
    const std::string point =
        text_at(current, "/point") + (port.is_null() ? "" : fmt::format(" of port {}", json::serialize(port)));
    fmt::print("  {:<32} {:<20} {:<10} {}\n", point, value_in_words(current), text_at(current, "/quality"),
               text_at(current, "/updated_at"));
  }
}

int show(const Options& options) {
  const auto reply = LocalClient(options.socket).ask("GET", "/api/v1/devices/" + path_segment(options.id));
  if (!went_well(reply)) return failed("device show", reply);
  if (options.as_json) fmt::print("{}\n", json::serialize(reply->body));
  else print_device(reply->body);
  return kOk;
}

}  // namespace

void add_device(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("device", "Devices as they are now, by the socket of the running gateway");
  command->require_subcommand(1);
  const auto sub = [&](const char* name, const char* says) {
    CLI::App* made = command->add_subcommand(name, says);
    made->add_option("--socket", options->socket, "The gateway's Unix socket, in its data folder")
        ->capture_default_str();
    made->add_flag("--json", options->as_json, "One JSON object a line");
    return made;
  };
  CLI::App* listed = sub("ls", "List them by id");
  CLI::Option* estate = listed->add_option("--estate", options->estate, "Of this estate");
  listed->add_option("--building", options->building, "Of this building of the estate")->needs(estate);
  listed->add_option("--kind", options->kind, "Of this kind, smoke_detector for instance");
  listed->add_option("--presence", options->presence, "online, lost or never_heard");
  listed->add_option("--q", options->words, "With these words in id, name, address, model or place");
  listed->callback([options, &exit_code] { exit_code = list(*options); });
  CLI::App* shown = sub("show", "One with its present values");
  shown->add_option("id", options->id, "Of the device")->required();
  shown->callback([options, &exit_code] { exit_code = show(*options); });
  add_device_acts(*command, exit_code);
  add_device_commands(*command, exit_code);
}

}  // namespace firegate::cli
