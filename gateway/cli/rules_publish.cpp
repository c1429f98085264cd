// firegate rules versions, publish, rollback: the rules of the running gateway, by its socket.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "app/rule_files.h"
#include "app/rule_folder.h"
#include "cli/cli.h"
#include "cli/json_text.h"
#include "cli/local_client.h"
#include "cli/rules.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string socket = "/var/lib/firegate/firegate.sock";
  std::string folder, note;
  std::uint32_t version = 0;
  bool as_json = false;
};

std::string ids_in_words(const json::value& changes, std::string_view name, char mark) {
  std::string words;
  for (const json::value& id : changes.at(name).as_array())
    words += fmt::format(" {}{}", mark, json::value_to<std::string>(id));
  return words;
}

void print(const json::value& version, bool as_json) {
  if (as_json) {
    fmt::print("{}\n", json::serialize(version));
    return;
  }
  const json::value& changes = version.at("changes");
  fmt::print("{:>5}  {}  {:<20} {} {}{}{}\n", version.at("number").to_number<std::uint32_t>(), text_at(version, "/at"),
             text_at(version, "/author"), text_at(version, "/note"), ids_in_words(changes, "added", '+'),
             ids_in_words(changes, "removed", '-'), ids_in_words(changes, "changed", '~'));
}

int list(const Options& options) {
  const auto reply = LocalClient(options.socket).ask("GET", "/api/v1/rules/versions");
  if (!went_well(reply)) return failed("rules versions", reply);
  for (const json::value& version : reply->body.at("versions").as_array()) print(version, options.as_json);
  return kOk;
}

// As `firegate check` prints them.
void print_problems(const json::value& body) {
  boost::system::error_code absent;
  const json::value* problems = body.find_pointer("/problems", absent);
  if (!problems || !problems->is_array()) return;
  for (const json::value& one : problems->get_array()) {
    fmt::print("{}:{}:{}: error[{}]: {}: {}\n", text_at(one, "/file"), one.at("line").to_number<int>(),
               one.at("column").to_number<int>(), text_at(one, "/code"), text_at(one, "/path"),
               text_at(one, "/message"));
  }
}

int put(const Options& options, const char* path, const char* name, json::object body) {
  const LocalClient client(options.socket);
  const auto now = client.ask("GET", "/api/v1/rules/files");
  if (!went_well(now)) return failed(name, now);
  if (body.empty()) {
    RuleFiles in_force;
    for (const json::value& file : now->body.at("files").as_array()) {
      in_force.push_back({text_at(file, "/name"), text_at(file, "/text")});
    }
    const auto files = app::RuleFolder(options.folder).read();
    if (!files) {
      fmt::print(stderr, "{}: {}\n", name, files.error().message);
      return kFailed;
    }
    json::object patch;
    for (const auto& [file, text] : app::patch_between(in_force, *files))
      patch[file] = text ? json::value(*text) : nullptr;
    body["files"] = std::move(patch);
  }
  body["note"] = options.note;
  const auto reply = client.ask("POST", path, body, {"If-Match: " + now->etag});
  if (!went_well(reply)) {
    if (reply) print_problems(reply->body);
    return failed(name, reply);
  }
  print(reply->body.at("version"), options.as_json);
  return kOk;
}

int publish(const Options& options) { return put(options, "/api/v1/rules:publish", "rules publish", {}); }

int roll_back(const Options& options) {
  return put(options, "/api/v1/rules:rollback", "rules rollback", {{"version", options.version}});
}

}  // namespace

void add_rules_publish(CLI::App& rules, int& exit_code) {
  auto options = std::make_shared<Options>();
  const auto sub = [&](const char* name, const char* says, int (*act)(const Options&)) {
    CLI::App* made = rules.add_subcommand(name, says);
    made->add_option("--socket", options->socket, "The gateway's Unix socket, in its data folder")
        ->capture_default_str();
    made->add_flag("--json", options->as_json, "One JSON object a version");
    made->callback([options, &exit_code, act] { exit_code = act(*options); });
    return made;
  };
  sub("versions", "List the published versions, newest first", &list);
  CLI::App* published =
      sub("publish", "Put the rules of a folder in force, all or nothing, as a new version", &publish);
  published->add_option("folder", options->folder, "Folder with all files of rules")
      ->required()
      ->check(CLI::ExistingDirectory);
  published->add_option("--note", options->note, "Why")->required();
  CLI::App* back = sub("rollback", "Put the files of an earlier version in force, as a new one", &roll_back);
  back->add_option("version", options->version, "Its number")->required();
  back->add_option("--note", options->note, "Why")->required();
}

}  // namespace firegate::cli
