// firegate user: people and what they may, on the machine itself.
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <iostream>
#include <optional>

#include "cli/cli.h"
#include "cli/grants.h"
#include "cli/local_client.h"
#include "cli/user_token.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string socket = "/var/lib/firegate/firegate.sock";
  std::string id, name;
  std::vector<std::string> grants;  // role@estate
  bool from_stdin = false;
  bool as_json = false;
};

std::string users_path(const Options& options) { return "/api/v1/users/" + path_segment(options.id); }

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found && found->is_string() ? std::string(found->get_string().c_str()) : std::string();
}

bool is_true(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found && found->is_bool() && found->get_bool();
}

// Typed characters are not shown.
class Quiet {
 public:
  Quiet() : terminal_(::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Quiet() {
    if (terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  termios before_{};
  bool terminal_;
};

// Never an argument of the command: others would read it in the list of processes.
std::optional<std::string> read_password(bool from_stdin) {
  const Quiet quiet;
  std::string first, second;
  if (!from_stdin) fmt::print(stderr, "new password: ");
  if (!std::getline(std::cin, first)) return std::nullopt;
  if (from_stdin) return first;
  fmt::print(stderr, "\nonce more: ");
  if (!std::getline(std::cin, second)) return std::nullopt;
  fmt::print(stderr, "\n");
  return first == second ? std::optional(first) : std::nullopt;
}

int set_password(const LocalClient& gateway, std::string_view secret, bool from_stdin) {
  const auto password = read_password(from_stdin);
  if (!password) {
    fmt::print(stderr, "user: no password was given, or it was not the same twice\n");
    return kUsage;
  }
  const auto reply = gateway.ask("POST", "/api/v1/password", {{"secret", secret}, {"password", *password}});
  return went_well(reply) ? kOk : failed("user", reply);
}

int list(const Options& options) {
  const auto reply = LocalClient(options.socket).ask("GET", "/api/v1/users");
  if (!went_well(reply)) return failed("user ls", reply);
  for (const json::value& one : reply->body.at("users").as_array()) {
    const json::object& user = one.as_object();
    if (options.as_json) {
      fmt::print("{}\n", json::serialize(user));
    } else {
      fmt::print("{:<20} {:<16} {}{}{}\n", text_of(user, "id"), text_of(user, "name"), grants_in_words(user),
                 is_true(user, "disabled") ? "  disabled" : "",
                 is_true(user, "has_password") ? "" : "  no password yet");
    }
  }
  return kOk;
}

// Without --stdin the user chooses the password by the link that is printed.
int add(const Options& options) {
  const LocalClient gateway(options.socket);
  const auto reply = gateway.ask("POST", "/api/v1/users",
                                 {{"id", options.id},
                                  {"name", options.name.empty() ? options.id : options.name},
                                  {"grants", grants_of(options.grants)}});
  if (!went_well(reply)) return failed("user add", reply);
  const json::object& invite = reply->body.at("invite").as_object();
  if (options.from_stdin) return set_password(gateway, text_of(invite, "secret"), true);
  fmt::print("{} chooses a password at {}, until {}\n", options.id, text_of(invite, "url_path"),
             text_of(invite, "ends_at"));
  return kOk;
}

int change_password(const Options& options) {
  const LocalClient gateway(options.socket);
  const auto reply = gateway.ask("POST", users_path(options) + ":invite", json::object{});
  if (!went_well(reply)) return failed("user passwd", reply);
  return set_password(gateway, text_of(reply->body.as_object(), "secret"), options.from_stdin);
}

int change(const Options& options, std::string_view method, const json::value& body) {
  const LocalClient gateway(options.socket);
  const auto seen = gateway.ask("GET", users_path(options));
  if (!went_well(seen)) return failed("user", seen);
  const auto reply = gateway.ask(method, users_path(options), body, {"If-Match: " + seen->etag});
  return went_well(reply) ? kOk : failed("user", reply);
}

}  // namespace

void add_user(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("user", "People and what they may, by the socket of the running gateway");
  command->require_subcommand(1);
  const auto sub = [&](const char* name, const char* says, bool with_id, std::function<int(const Options&)> act) {
    CLI::App* made = command->add_subcommand(name, says);
    made->add_option("--socket", options->socket, "The gateway's Unix socket, in its data folder")
        ->capture_default_str();
    if (with_id) made->add_option("id", options->id, "What is typed to sign in")->required();
    made->callback([options, &exit_code, act = std::move(act)] { exit_code = act(*options); });
    return made;
  };
  sub("ls", "List them", false, &list)->add_flag("--json", options->as_json, "One JSON object a line");

  CLI::App* added = sub("add", "Make one; without --stdin a link to choose a password is printed", true, &add);
  added->add_option("--name", options->name, "As people call them");
  added->add_option("--grant", options->grants, "role@estate or role (every estate); may be repeated")->required();
  added->add_flag("--stdin", options->from_stdin, "Read the password from standard input");

  sub("passwd", "Set a password; their sessions end", true, &change_password)
      ->add_flag("--stdin", options->from_stdin, "Read it from standard input");
  sub("grant", "Replace what they may", true,
      [](const Options& given) {
        return change(given, "PATCH", {{"grants", grants_of(given.grants)}});
      })
      ->add_option("--grant", options->grants, "role@estate or role (every estate); may be repeated")
      ->required();
  sub("disable", "Let them in no more; their sessions end", true, [](const Options& given) {
    return change(given, "PATCH", {{"disabled", true}});
  });
  sub("enable", "Let them in again", true, [](const Options& given) {
    return change(given, "PATCH", {{"disabled", false}});
  });
  sub("drop", "Remove them; what they did stays in the journal", true,
      [](const Options& given) { return change(given, "DELETE", nullptr); });
  add_user_token(*command, exit_code);
}

}  // namespace firegate::cli
