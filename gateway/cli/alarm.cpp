// firegate alarm: live alarms and the acts on them, on the machine itself.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "cli/cli.h"
#include "cli/json_text.h"
#include "cli/live_client.h"
#include "cli/local_client.h"
#include "cli/stop_signal.h"
#include "core/act.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string socket = "/var/lib/firegate/firegate.sock";
  std::string id, why, verdict, until;
  std::string post = "console";
  bool as_json = false;
};

void print(const json::value& alarm, bool as_json) {
  if (as_json) {
    fmt::print("{}\n", json::serialize(alarm));
    return;
  }
  fmt::print("{}  {:<16} {:<24} {}  {} {}\n", text_at(alarm, "/id"), text_at(alarm, "/class"), text_at(alarm, "/state"),
             text_at(alarm, "/first_raised_at"), text_at(alarm, "/device/id"), text_at(alarm, "/device/name"));
}

int list(const Options& options) {
  const auto reply = LocalClient(options.socket).ask("GET", "/api/v1/alarms");
  if (!went_well(reply)) return failed("alarm ls", reply);
  for (const json::value& alarm : reply->body.at("alarms").as_array()) print(alarm, options.as_json);
  return kOk;
}

// --- watching ---

// What an ended feed is to whoever watches: the alarms go on without being seen.
int feed_ended(const Error& error) {
  fmt::print(stderr, "alarm watch: {}\n", error.message);
  return error.code == ErrorCode::io_failed ? kCannotConnect : kDenied;
}

// Of alarms alone, from now on.
bool begin_at(LiveClient& feed, const json::value& hello) {
  const json::object sub{{"t", "sub"}, {"topics", json::array{"alarms"}}};
  const json::object resume{{"t", "resume"}, {"server_id", hello.at("server_id")}, {"seq", hello.at("seq")}};
  return feed.say(json::serialize(sub)) && feed.say(json::serialize(resume));
}

// One frame. A gap is what a storm leaves: changes were passed over, so all that is live now is printed. None: go on.
std::optional<int> take(const Options& options, LiveClient& feed, const json::value& frame) {
  const std::string type = text_at(frame, "/t");
  if (type == "hello" && !begin_at(feed, frame)) {
    return feed_ended({ErrorCode::io_failed, "watching: the gateway has ended the connection"});
  }
  if (type == "ev" && text_at(frame, "/type") == "alarm") print(frame.at("data"), options.as_json);
  if (type == "gap") {
    fmt::print(stderr, "alarm watch: too much at once, some changes were passed over; now live are:\n");
    if (const int listed = list(options); listed != kOk) return listed;
  }
  if (type == "bye") {
    fmt::print(stderr, "alarm watch: the gateway says goodbye: {}\n", text_at(frame, "/reason"));
    return kCannotConnect;
  }
  std::fflush(stdout);
  return std::nullopt;
}

int watch(const Options& options) {
  const StopSignal signal;
  auto feed = LiveClient::open(options.socket);
  if (!feed) return feed_ended(feed.error());
  while (true) {
    const auto text = feed->next(signal.token());
    if (!text) return feed_ended(text.error());
    if (!*text) return kInterrupted;
    boost::system::error_code not_json;
    const json::value frame = json::parse(**text, not_json);
    if (not_json || !frame.is_object()) return feed_ended({ErrorCode::io_failed, "watching: found what is no frame"});
    if (const auto ended = take(options, *feed, frame)) return *ended;
  }
}

int act(const Options& options, ActKind kind) {
  json::object body{{"post", options.post}, {"why", options.why}};
  if (kind == ActKind::verdict) body["verdict"] = options.verdict;
  if (kind == ActKind::shelve) body["until"] = options.until;
  const std::string path = fmt::format("/api/v1/alarms/{}/{}", path_segment(options.id), label(kind));
  const auto reply = LocalClient(options.socket).ask("POST", path, body);
  if (!went_well(reply)) return failed(fmt::format("alarm {}", label(kind)), reply);
  print(reply->body, options.as_json);
  return kOk;
}

constexpr std::array<const char*, label_count<ActKind>()> kSays{"Say that it is seen",       "Take that back",
                                                                "Say what it was",           "Let a latched one go",
                                                                "Keep it quiet for a while", "End that"};

}  // namespace

void add_alarm(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("alarm", "Live alarms and acts on them, by the socket of the running gateway");
  command->require_subcommand(1);
  const auto sub = [&](std::string_view name, const char* says) {
    CLI::App* made = command->add_subcommand(std::string(name), says);
    made->add_option("--socket", options->socket, "The gateway's Unix socket, in its data folder")
        ->capture_default_str();
    made->add_flag("--json", options->as_json, "One JSON object a line");
    return made;
  };
  sub("ls", "List them")->callback([options, &exit_code] { exit_code = list(*options); });
  sub("watch", "Print each change of one as it happens, until interrupted")->callback([options, &exit_code] {
    exit_code = watch(*options);
  });
  for (std::size_t i = 0; i < label_count<ActKind>(); ++i) {
    const auto kind = static_cast<ActKind>(i);
    CLI::App* made = sub(label(kind), kSays[i]);
    made->add_option("id", options->id, "Of the alarm, 16 hexadecimal digits")->required();
    made->add_option("--why", options->why, "The reason, for the journal");
    made->add_option("--post", options->post, "From where")->capture_default_str();
    if (kind == ActKind::verdict) {
      made->add_option("verdict", options->verdict, "real, cooking, steam_or_dust, test, device_fault or unknown")
          ->required();
    }
    if (kind == ActKind::shelve)
      made->add_option("--until", options->until, "RFC 3339, 2026-11-22T20:00:00Z")->required();
    made->callback([options, &exit_code, kind] { exit_code = act(*options, kind); });
  }
}

}  // namespace firegate::cli
