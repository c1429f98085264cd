// firegate device adopt, replace, disable, test, import, ...: what installers do, on the machine itself.
#include "cli/device_acts.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "cli/cli.h"
#include "cli/json_text.h"
#include "cli/local_client.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string socket = "/var/lib/firegate/firegate.sock";
  std::string what;  // key, id, file or number
  std::string id, kind, model, estate, building, floor, zone, location, name, note, reason, until, key, address;
  int minutes = 30;
  bool as_json = false, dry_run = false, ignored = false;
};
using OptionsPtr = std::shared_ptr<Options>;

std::string device_path(const Options& options, std::string_view verb = {}) {
  return fmt::format("/api/v1/devices/{}{}", path_segment(options.what), verb);
}
std::string tray_path(const Options& options, std::string_view verb) {
  return fmt::format("/api/v1/unmapped/{}{}", path_segment(options.what), verb);
}

// What was given of these.
json::object given(std::initializer_list<std::pair<const char*, const std::string*>> members) {
  json::object body;
  for (const auto& [name, value] : members) {
    if (!value->empty()) body[name] = *value;
  }
  return body;
}

json::object place_and_words(const Options& o) {
  return given({{"kind", &o.kind},
                {"model", &o.model},
                {"estate", &o.estate},
                {"building", &o.building},
                {"floor", &o.floor},
                {"zone", &o.zone},
                {"location", &o.location},
                {"name", &o.name},
                {"note", &o.note}});
}

// Every field that stands against it, below the sentence.
int refused(std::string_view what, const Result<Reply>& reply) {
  const int code = failed(what, reply);
  const json::object* problem = reply ? reply->body.if_object() : nullptr;
  const json::value* fields = problem ? problem->if_contains("fields") : nullptr;
  if (!fields || !fields->is_array()) return code;
  for (const json::value& field : fields->get_array()) {
    fmt::print(stderr, "  {}: found \"{}\", there is: {}\n", text_at(field, "/field"), text_at(field, "/found"),
               json::serialize(field.at("expected")));
  }
  return code;
}

int tell(std::string_view what, const Options& options, const Result<Reply>& reply) {
  if (!went_well(reply)) return refused(what, reply);
  if (options.as_json) {
    if (!reply->body.is_null()) fmt::print("{}\n", json::serialize(reply->body));
  } else if (const std::string id = reply->body.is_object() ? text_at(reply->body, "/id") : std::string();
             !id.empty()) {
    fmt::print("{}\n", id);
  }
  return kOk;
}

int post(std::string_view what, const Options& options, const std::string& path, const json::object& body) {
  return tell(what, options, LocalClient(options.socket).ask("POST", path, body));
}

int tray(const Options& options) {
  const auto reply =
      LocalClient(options.socket).ask("GET", options.ignored ? "/api/v1/unmapped?ignored=true" : "/api/v1/unmapped");
  if (!went_well(reply)) return failed("device tray", reply);
  for (const json::value& device : reply->body.at("devices").as_array()) {
    if (options.as_json) fmt::print("{}\n", json::serialize(device));
    else
      fmt::print("{:<40} {:<24} {:<20} {}  {}\n", text_at(device, "/key"), text_at(device, "/id"),
                 text_at(device, "/suggestion/kind"), text_at(device, "/last_heard"),
                 text_at(device, "/ignored/reason"));
  }
  return kOk;
}

int adopt(const Options& options) {
  json::object body = place_and_words(options);
  if (!options.id.empty()) body["id"] = options.id;
  return post("device adopt", options, tray_path(options, ":adopt"), body);
}

int replace(const Options& o) {
  return post(
      "device replace", o, device_path(o, "/replace"),
      given({{"key", &o.key}, {"address", &o.address}, {"kind", &o.kind}, {"model", &o.model}, {"reason", &o.reason}}));
}

// As it is now: whoever stands at the machine has just looked.
int change(const Options& options) {
  const LocalClient gateway(options.socket);
  const auto read = gateway.ask("GET", device_path(options));
  if (!went_well(read)) return failed("device change", read);
  return tell("device change", options,
              gateway.ask("PATCH", device_path(options), place_and_words(options), {"If-Match: " + read->etag}));
}

int changes(const Options& options) {
  const auto reply = LocalClient(options.socket).ask("GET", device_path(options, "/changes"));
  if (!went_well(reply)) return failed("device changes", reply);
  for (const json::value& row : reply->body.at("changes").as_array()) {
    if (options.as_json) fmt::print("{}\n", json::serialize(row));
    else
      fmt::print("{}  {:<9} {:<16} {} -> {}  {}\n", text_at(row, "/at"), text_at(row, "/what"), text_at(row, "/by"),
                 json::serialize(row.at("from")), json::serialize(row.at("to")), text_at(row, "/reason"));
  }
  return kOk;
}

// --- tables ---

void print_problems(const json::value& body) {
  const json::object* answer = body.if_object();
  const json::value* problems = answer ? answer->if_contains("problems") : nullptr;
  if (!problems || !problems->is_array()) return;
  for (const json::value& problem : problems->get_array()) {
    fmt::print(stderr, "row {}, column {}: found {}, expected {}\n", json::serialize(problem.at("row")),
               text_at(problem, "/column"), text_at(problem, "/found"), text_at(problem, "/expected"));
  }
}

int import_table(const Options& options) {
  std::ifstream file(options.what, std::ios::binary);
  if (!file) {
    fmt::print(stderr, "device import: cannot read {}\n", options.what);
    return kNotFound;
  }
  const std::string csv{std::istreambuf_iterator<char>(file), {}};
  const auto raw =
      LocalClient(options.socket)
          .send("POST", fmt::format("/api/v1/devices:import?dry_run={}", options.dry_run), csv, "text/csv");
  if (!raw) return failed("device import", tl::unexpected<Error>(raw.error()));
  boost::system::error_code not_json;
  const Reply reply{raw->status, json::parse(raw->body, not_json), {}};
  if (not_json) return failed("device import", fail(ErrorCode::bad_input, "found an answer that is no JSON"));
  if (options.as_json) fmt::print("{}\n", json::serialize(reply.body));
  else print_problems(reply.body);
  if (!went_well(reply)) return failed("device import", reply);
  const bool sound = reply.body.at("problems").as_array().empty();
  if (!options.as_json) {
    const auto count = [&reply](const char* name) { return json::serialize(reply.body.at(name)); };
    fmt::print("{} added, {} changed, {} unchanged; import {}\n", count("added"), count("changed"), count("unchanged"),
               count("import"));
  }
  return sound ? kOk : kFailed;
}

int export_table(const Options& options) {
  const auto raw = LocalClient(options.socket).send("GET", "/api/v1/devices.csv", {}, "text/csv");
  if (!raw) return failed("device export", tl::unexpected<Error>(raw.error()));
  if (raw->status != 200) return failed("device export", Reply{raw->status, nullptr, {}});
  std::fwrite(raw->body.data(), 1, raw->body.size(), stdout);
  return kOk;
}

// --- the commands ---

class Commands {
 public:
  Commands(CLI::App& device, int& exit_code) : device_(device), exit_code_(exit_code) {}

  // One command with options of its own.
  std::pair<CLI::App*, OptionsPtr> add(const char* name, const char* says, int (*act)(const Options&)) {
    auto options = std::make_shared<Options>();
    CLI::App* made = device_.add_subcommand(name, says);
    made->add_option("--socket", options->socket, "The gateway's Unix socket, in its data folder")
        ->capture_default_str();
    made->add_flag("--json", options->as_json, "One JSON object a line");
    made->callback([options, act, &code = exit_code_] { code = act(*options); });
    return {made, options};
  }
  static void add_place(CLI::App* made, const OptionsPtr& o, bool required) {
    CLI::Option* estate = made->add_option("--estate", o->estate, "Id of the estate");
    CLI::Option* building = made->add_option("--building", o->building, "Id of the building");
    if (required) {
      estate->required();
      building->required();
    }
    made->add_option("--floor", o->floor, "Id of the floor");
    made->add_option("--zone", o->zone, "Id of the zone");
    made->add_option("--location", o->location, "Id of the room");
  }
  static void add_words(CLI::App* made, const OptionsPtr& o, bool kind_required) {
    CLI::Option* kind = made->add_option("--kind", o->kind, "smoke_detector for instance");
    if (kind_required) kind->required();
    made->add_option("--model", o->model, "brand/model");
    made->add_option("--name", o->name, "As people call it");
    made->add_option("--note", o->note, "For people");
  }

 private:
  CLI::App& device_;
  int& exit_code_;
};

void add_tray_commands(Commands& commands) {
  const auto [shown, show_options] =
      commands.add("tray", "Devices that spoke and are in nobody's list, with their keys", tray);
  shown->add_flag("--ignored", show_options->ignored, "Those that were ignored");
  const auto [adopted, adopt_options] = commands.add("adopt", "Take one of the tray into the list", adopt);
  adopted->add_option("key", adopt_options->what, "Of the tray")->required();
  adopted->add_option("--id", adopt_options->id, "Made of the address when left out");
  Commands::add_words(adopted, adopt_options, true);
  Commands::add_place(adopted, adopt_options, true);
  const auto [ignored, ignore_options] = commands.add("ignore", "Leave one out of the tray", [](const Options& o) {
    return post("device ignore", o, tray_path(o, ":ignore"), given({{"reason", &o.reason}}));
  });
  ignored->add_option("key", ignore_options->what, "Of the tray")->required();
  ignored->add_option("--reason", ignore_options->reason, "For the record")->required();
  const auto [heeded, heed_options] = commands.add(
      "heed", "Show it again", [](const Options& o) { return post("device heed", o, tray_path(o, ":heed"), {}); });
  heeded->add_option("key", heed_options->what, "Of the tray")->required();
}

void add_change_commands(Commands& commands) {
  const auto [replaced, replace_options] = commands.add("replace", "Put other hardware in its place", replace);
  replaced->add_option("id", replace_options->what, "Of the device")->required();
  CLI::Option* key = replaced->add_option("--key", replace_options->key, "Of the tray");
  replaced->add_option("--address", replace_options->address, "Or its address")->excludes(key);
  replaced->add_option("--kind", replace_options->kind, "Where it is of another kind");
  replaced->add_option("--model", replace_options->model, "brand/model");
  replaced->add_option("--reason", replace_options->reason, "For the record")->required();
  const auto [moved, move_options] = commands.add("move", "To another place", change);
  moved->add_option("id", move_options->what, "Of the device")->required();
  Commands::add_place(moved, move_options, true);
  const auto [changed, change_options] = commands.add("change", "Its name, kind, model or note", change);
  changed->add_option("id", change_options->what, "Of the device")->required();
  Commands::add_words(changed, change_options, false);
  const auto [removed, remove_options] = commands.add("remove", "Take it out of service", [](const Options& o) {
    return tell("device remove", o,
                LocalClient(o.socket).ask("DELETE", device_path(o), given({{"reason", &o.reason}})));
  });
  removed->add_option("id", remove_options->what, "Of the device")->required();
  removed->add_option("--reason", remove_options->reason, "For the record")->required();
  const auto [told, told_options] = commands.add("changes", "What was done to it, newest first", changes);
  told->add_option("id", told_options->what, "Of the device")->required();
}

void add_service_commands(Commands& commands) {
  const auto [disabled, disable_options] =
      commands.add("disable", "Keep its alarms and tell nobody, for a time", [](const Options& o) {
        return post("device disable", o, device_path(o, "/disable"),
                    given({{"reason", &o.reason}, {"until", &o.until}}));
      });
  disabled->add_option("id", disable_options->what, "Of the device")->required();
  disabled->add_option("--reason", disable_options->reason, "For the record")->required();
  disabled->add_option("--until", disable_options->until, "RFC 3339, 2026-11-22T20:00:00Z")->required();
  const auto [enabled, enable_options] = commands.add(
      "enable", "End that", [](const Options& o) { return post("device enable", o, device_path(o, "/enable"), {}); });
  enabled->add_option("id", enable_options->what, "Of the device")->required();
  const auto [tested, test_options] = commands.add("test", "Begin a walk test", [](const Options& o) {
    return post("device test", o, device_path(o, "/test"), {{"minutes", o.minutes}});
  });
  tested->add_option("id", test_options->what, "Of the device")->required();
  tested->add_option("--minutes", test_options->minutes, "It ends by itself, 1 to 30")->capture_default_str();
  const auto [ended, end_options] = commands.add("end-test", "End it", [](const Options& o) {
    return post("device end-test", o, device_path(o, "/end_test"), {});
  });
  ended->add_option("id", end_options->what, "Of the device")->required();
}

void add_table_commands(Commands& commands) {
  const auto [imported, import_options] =
      commands.add("import", "Add and change devices by a CSV table, all or nothing", import_table);
  imported->add_option("file", import_options->what, "With the columns of devices.csv")->required();
  imported->add_flag("--dry-run", import_options->dry_run, "Only say what it would do");
  const auto [undone, undo_options] =
      commands.add("undo-import", "Undo an import of the last 24 h", [](const Options& o) {
        return post("device undo-import", o, fmt::format("/api/v1/imports/{}:undo", path_segment(o.what)), {});
      });
  undone->add_option("number", undo_options->what, "As the import said")->required();
  commands.add("export", "Print them as a CSV table", export_table);
}

}  // namespace

void add_device_acts(CLI::App& device, int& exit_code) {
  Commands commands(device, exit_code);
  add_tray_commands(commands);
  add_change_commands(commands);
  add_service_commands(commands);
  add_table_commands(commands);
}

}  // namespace firegate::cli
