#include "cli/user_token.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/grants.h"
#include "cli/json_text.h"
#include "cli/local_client.h"
#include "core/clock.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

constexpr int kDays = 90;       // our choice
constexpr int kMostDays = 366;  // accounts/accounts.h, kLongestToken

struct Options {
  std::string socket = "/var/lib/firegate/firegate.sock";
  std::string id;  // of the user or the token
  std::string name;
  std::vector<std::string> grants;
  int days = kDays;
  bool as_json = false;
};

// The secret alone on standard output, for a script to keep; it is shown once.
int make(const Options& options) {
  const Instant ends_at = system_clock().now() + std::chrono::days{options.days};
  const auto reply = LocalClient(options.socket)
                         .ask("POST", "/api/v1/tokens",
                              {{"user", options.id},
                               {"name", options.name},
                               {"grants", grants_of(options.grants)},
                               {"ends_at", to_text(ends_at)}});
  if (!went_well(reply)) return failed("user token make", reply);
  if (options.as_json) {
    fmt::print("{}\n", json::serialize(reply->body));
    return kOk;
  }
  const json::value& token = reply->body.at("token");
  fmt::print(stderr, "token {} of {}, until {}; this is the only time it is shown:\n", text_at(token, "/id"),
             text_at(token, "/user"), text_at(token, "/ends_at"));
  fmt::print("{}\n", text_at(reply->body, "/secret"));
  return kOk;
}

int list(const Options& options) {
  const auto reply = LocalClient(options.socket).ask("GET", "/api/v1/tokens");
  if (!went_well(reply)) return failed("user token ls", reply);
  for (const json::value& token : reply->body.at("tokens").as_array()) {
    if (!options.id.empty() && text_at(token, "/user") != options.id) continue;
    if (options.as_json) {
      fmt::print("{}\n", json::serialize(token));
    } else {
      fmt::print("{}  {:<20} {:<20} {}  used {}  until {}\n", text_at(token, "/id"), text_at(token, "/user"),
                 text_at(token, "/name"), grants_in_words(token), text_at(token, "/used_at"),
                 text_at(token, "/ends_at"));
    }
  }
  return kOk;
}

int end(const Options& options) {
  const auto reply = LocalClient(options.socket).ask("DELETE", "/api/v1/tokens/" + path_segment(options.id));
  return went_well(reply) ? kOk : failed("user token end", reply);
}

}  // namespace

void add_user_token(CLI::App& user, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = user.add_subcommand("token", "What lets programs in, in the name of a user");
  command->require_subcommand(1);
  const auto sub = [&](const char* name, const char* says, int (*act)(const Options&)) {
    CLI::App* made = command->add_subcommand(name, says);
    made->add_option("--socket", options->socket, "The gateway's Unix socket, in its data folder")
        ->capture_default_str();
    made->callback([options, &exit_code, act] { exit_code = act(*options); });
    return made;
  };
  CLI::App* made = sub("make", "Make one; it is printed, once", &make);
  made->add_option("user", options->id, "Whose: it never may more than they")->required();
  made->add_option("--name", options->name, "What it is for")->required();
  made->add_option("--grant", options->grants, "role@estate or role (every estate); may be repeated")->required();
  made->add_option("--days", options->days, "How long it lets in")
      ->check(CLI::Range(1, kMostDays))
      ->capture_default_str();
  made->add_flag("--json", options->as_json, "One JSON object");

  CLI::App* listed = sub("ls", "List them; a secret is not among what is known of them", &list);
  listed->add_option("user", options->id, "Of this user alone");
  listed->add_flag("--json", options->as_json, "One JSON object a line");

  sub("end", "Let it in no more, at once", &end)->add_option("token", options->id, "Its id, 8 digits")->required();
}

}  // namespace firegate::cli
