// firegate decode --jsonl FILE [--config DIR] [--explain]: what each message says, one line of JSON for each line of input;
// or, for people, the path from its bytes to its points.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>

#include "app/builtin.h"
#include "cli/cli.h"
#include "cli/decode_json.h"
#include "cli/explain.h"
#include "cli/file_world.h"
#include "cli/message_line.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string file;
  std::string config;  // folder; empty: formats are recognised
  bool explain = false;
};

struct Answer {
  json::object object;
  std::string explanation;  // empty where none was asked for
};

// What the devices of one source are, by the installation's list.
class Inventory final : public KnownDevices {
 public:
  Inventory(const decode::Source& source, DeviceMapPtr map) : source_(source), map_(std::move(map)) {}
  std::string_view model_of(std::string_view address) const override {
    const DevicePtr* device = map_->by_address(source_.id, source_.driver->format(), address);
    return device ? std::string_view((*device)->model) : std::string_view();
  }

 private:
  const decode::Source& source_;
  DeviceMapPtr map_;
};

// What is known beside the message: nothing, but where there is a configuration.
struct Known {
  std::string source{};
  const Models* models = nullptr;  // null: the built-in ones
  const KnownDevices* devices = nullptr;
  Codecs* codecs = nullptr;
};

// With a configuration its sources, models, codecs and devices count, as in the gateway; without one, formats are recognised
// by topic and content. What a message teaches is remembered for the ones that follow.
class Decoder {
 public:
  Decoder(bool explain, std::unique_ptr<FileWorld> world)
      : explain_(explain), drivers_(app::builtin_drivers()), models_(app::load_builtin_models()), world_(std::move(world)) {}

  Answer decode(const MessageLine& line, std::uint64_t number) {
    if (world_) return decode_as_configured(line, number);
    for (const auto& driver : drivers_) {
      if (const auto base = driver->recognise(line.topic, line.payload)) return decode_as(*driver, *base, line, number);
    }
    if (auto answer = decode_as_taught(line, number)) return std::move(*answer);
    return refused(Rejection{RejectReason::unknown_topic, "no format recognises the topic and the payload"}, "");
  }

  Answer refused(const Rejection& rejection, std::string_view driver) const {
    return {rejection_json(driver, rejection),
            explain_ ? fmt::format("  rejected  {}: {}\n", label(rejection.reason), rejection.detail) : ""};
  }

 private:
  struct Place {
    LinkState link;
    Lessons lessons;
  };
  using Places = std::map<std::pair<std::string, std::string>, Place>;  // by format and base

  Answer decode_as_configured(const MessageLine& line, std::uint64_t number) {
    const replay::Needs needs = world_->needs();
    const auto index = decode::Router(needs.decode.sources).route(line.topic);
    if (!index) return refused(Rejection{RejectReason::unknown_topic, "no source of the configuration has this topic"}, "");
    const decode::Source& source = needs.decode.sources[*index];
    const Inventory devices(source, needs.devices);
    return decode_as(*source.driver, source.base, line, number, {source.id, &needs.models, &devices, needs.codecs});
  }

  // A topic that says nothing by itself may have been named by an earlier message (Home Assistant's discovery).
  std::optional<Answer> decode_as_taught(const MessageLine& line, std::uint64_t number) {
    for (const auto& driver : drivers_) {
      for (const auto& [key, place] : places_) {
        if (key.first != driver->format() || place.lessons.empty()) continue;
        auto answer = decode_as(*driver, key.second, line, number);
        if (answer.object.at("outcome") == "readings") return answer;
      }
    }
    return std::nullopt;
  }

  Answer decode_as(const Driver& driver, const std::string& base, const MessageLine& line, std::uint64_t number,
                   const Known& known = {}) {
    const PayloadLimits limits = driver.limits(base, line.topic);
    if (line.payload.size() > limits.bytes) {
      return refused({RejectReason::too_large,
                      fmt::format("found {} bytes, expected at most {}", line.payload.size(), limits.bytes)},
                     driver.format());
    }
    Place& place = places_[{known.source.empty() ? std::string(driver.format()) : known.source, base}];
    const RawMessage message{line.topic, line.payload, line.at.value_or(Instant{}), line.retained, false, 0};
    DecodeContext context{base, place.link, known.models ? *known.models : models_, known.devices};
    DecodeResult result = driver.decode(message, context);
    std::optional<CodecAnswer> read;  // by its script; the context points to it
    if (result && result->codec && known.codecs) {
      read = run_and_wait(*known.codecs, *result->codec);
      context.codec = &*read;
      result = driver.decode(message, context);
    }
    Answer answer{result ? decoded_json(driver.format(), *result) : rejection_json(driver.format(), result.error()),
                  {}};
    if (explain_) answer.explanation = explain({driver, message, context, result, place.lessons});
    if (result) learn(*result, place, {number, line.topic});
    return answer;
  }

  static void learn(const Decoded& decoded, Place& place, const Lesson& lesson) {
    for (const Learned& learned : decoded.learned) {
      place.link.learn(learned);
      place.lessons.insert_or_assign(learned.key, lesson);
    }
  }

  bool explain_;
  std::vector<std::unique_ptr<Driver>> drivers_;
  Models models_;
  Places places_;
  std::unique_ptr<FileWorld> world_;  // null: no configuration
};

void print(std::uint64_t number, const Answer& answer) {
  if (!answer.explanation.empty()) {
    fmt::print("line {}\n{}\n", number, answer.explanation);
    return;
  }
  json::object out{{"line", number}};
  for (const auto& member : answer.object) out.insert(member);
  fmt::print("{}\n", json::serialize(out));
}

int decode_stream(std::istream& input, Decoder decoder) {
  std::string text;
  for (std::uint64_t number = 1; std::getline(input, text); ++number) {
    const auto line = read_message_line(text);
    print(number,
          line ? decoder.decode(*line, number) : decoder.refused({RejectReason::unparsable, line.error().message}, ""));
  }
  return kOk;
}

int decode(const Options& options) {
  auto world = options.config.empty() ? nullptr : FileWorld::open(options.config);
  if (!options.config.empty() && !world) return kFailed;
  Decoder decoder(options.explain, std::move(world));
  if (options.file == "-") return decode_stream(std::cin, std::move(decoder));
  std::ifstream file(options.file, std::ios::binary);
  if (!file) {
    fmt::print(stderr, "decode: opening \"{}\" failed\n", options.file);
    return kNotFound;
  }
  return decode_stream(file, std::move(decoder));
}

}  // namespace

void add_decode(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("decode", "Say what messages mean, without a broker");
  command
      ->add_option("--jsonl", options->file,
                   "Lines of {topic, payload or payload_b64, retained?, at?}; - for standard input")
      ->required();
  command->add_option("--config", options->config, "Configuration folder: its sources, models, codecs and devices count");
  command->add_flag("--explain", options->explain, "For people: how each message becomes readings, instead of JSON");
  command->callback([options, &exit_code] { exit_code = decode(*options); });
}

}  // namespace firegate::cli
