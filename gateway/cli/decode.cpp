// firegate decode --jsonl FILE [--explain]: what each message says, one line of JSON for each line of input; or, for
// people, the path from its bytes to its points.
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
#include "cli/message_line.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string file;
  bool explain = false;
};

struct Answer {
  json::object object;
  std::string explanation;  // empty where none was asked for
};

// Formats are recognised by topic and content; what a message teaches is remembered for the ones that follow.
class Decoder {
 public:
  explicit Decoder(bool explain)
      : explain_(explain), drivers_(app::builtin_drivers()), models_(app::load_builtin_models()) {}

  Answer decode(const MessageLine& line, std::uint64_t number) {
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

  Answer decode_as(const Driver& driver, const std::string& base, const MessageLine& line, std::uint64_t number) {
    const PayloadLimits limits = driver.limits(base, line.topic);
    if (line.payload.size() > limits.bytes) {
      return refused({RejectReason::too_large,
                      fmt::format("found {} bytes, expected at most {}", line.payload.size(), limits.bytes)},
                     driver.format());
    }
    Place& place = places_[{std::string(driver.format()), base}];
    const RawMessage message{line.topic, line.payload, line.at.value_or(Instant{}), line.retained, false, 0};
    const DecodeContext context{base, place.link, models_};
    const DecodeResult result = driver.decode(message, context);
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

int decode_stream(std::istream& input, bool explain) {
  Decoder decoder(explain);
  std::string text;
  for (std::uint64_t number = 1; std::getline(input, text); ++number) {
    const auto line = read_message_line(text);
    print(number,
          line ? decoder.decode(*line, number) : decoder.refused({RejectReason::unparsable, line.error().message}, ""));
  }
  return kOk;
}

int decode(const Options& options) {
  if (options.file == "-") return decode_stream(std::cin, options.explain);
  std::ifstream file(options.file, std::ios::binary);
  if (!file) {
    fmt::print(stderr, "decode: opening \"{}\" failed\n", options.file);
    return kNotFound;
  }
  return decode_stream(file, options.explain);
}

}  // namespace

void add_decode(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("decode", "Say what messages mean, without a broker");
  command
      ->add_option("--jsonl", options->file,
                   "Lines of {topic, payload or payload_b64, retained?, at?}; - for standard input")
      ->required();
  command->add_flag("--explain", options->explain, "For people: how each message becomes readings, instead of JSON");
  command->callback([options, &exit_code] { exit_code = decode(*options); });
}

}  // namespace firegate::cli
