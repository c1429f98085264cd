// firegate decode --jsonl FILE: what each message says, one line of JSON for each line of input.
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
#include "cli/message_line.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string file;
};

// Formats are recognised by topic and content; what a message teaches is remembered for the ones that follow.
class Decoder {
 public:
  Decoder() : drivers_(app::builtin_drivers()), models_(app::load_builtin_models()) {}

  json::object decode(const MessageLine& line) {
    for (const auto& driver : drivers_) {
      if (const auto base = driver->recognise(line.topic, line.payload)) return decode_as(*driver, *base, line);
    }
    return rejection_json("", Rejection{RejectReason::unknown_topic, "no format recognises the topic and the payload"});
  }

 private:
  json::object decode_as(const Driver& driver, const std::string& base, const MessageLine& line) {
    const PayloadLimits limits = driver.limits(base, line.topic);
    if (line.payload.size() > limits.bytes) {
      return rejection_json(driver.format(), Rejection{RejectReason::too_large, fmt::format("found {} bytes, expected at most {}",
                                                                                           line.payload.size(), limits.bytes)});
    }
    LinkState& link = links_[{std::string(driver.format()), base}];
    const RawMessage message{line.topic, line.payload, line.at.value_or(Instant{}), line.retained, false, 0};
    const DecodeResult result = driver.decode(message, DecodeContext{base, link, models_});
    if (!result) return rejection_json(driver.format(), result.error());
    for (const Learned& learned : result->learned) link.learn(learned);
    return decoded_json(driver.format(), *result);
  }

  std::vector<std::unique_ptr<Driver>> drivers_;
  Models models_;
  std::map<std::pair<std::string, std::string>, LinkState> links_;
};

int decode_stream(std::istream& input) {
  Decoder decoder;
  std::string text;
  for (std::uint64_t number = 1; std::getline(input, text); ++number) {
    json::object out{{"line", number}};
    const auto line = read_message_line(text);
    const json::object said =
        line ? decoder.decode(*line) : rejection_json("", Rejection{RejectReason::unparsable, line.error().message});
    for (const auto& member : said) out.insert(member);
    fmt::print("{}\n", json::serialize(out));
  }
  return kOk;
}

int decode(const Options& options) {
  if (options.file == "-") return decode_stream(std::cin);
  std::ifstream file(options.file, std::ios::binary);
  if (!file) {
    fmt::print(stderr, "decode: opening \"{}\" failed\n", options.file);
    return kNotFound;
  }
  return decode_stream(file);
}

}  // namespace

void add_decode(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("decode", "Say what messages mean, without a broker");
  command->add_option("--jsonl", options->file, "Lines of {topic, payload or payload_b64, retained?, at?}; - for standard input")
      ->required();
  command->callback([options, &exit_code] { exit_code = decode(*options); });
}

}  // namespace firegate::cli
