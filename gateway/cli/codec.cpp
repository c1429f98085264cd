// firegate codec --jsonl FILE: what vendors' scripts make of payloads, one line of JSON for each line of input.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include "cli/cli.h"
#include "cli/file_codecs.h"
#include "codec/frame.h"
#include "core/utf8.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

Result<std::string> read_script(const fs::path& path) {
  std::error_code failure;
  const auto size = fs::file_size(path, failure);
  if (failure) return fail(ErrorCode::not_found, fmt::format("opening {}: {}", path.string(), failure.message()));
  if (size > codec::kMaxScriptBytes) {
    return fail(ErrorCode::bad_input, fmt::format("reading {}: found {} bytes, expected at most {}", path.string(),
                                                  size, codec::kMaxScriptBytes));
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return fail(ErrorCode::io_failed, fmt::format("reading {} failed", path.string()));
  if (!is_utf8(text))
    return fail(ErrorCode::bad_input, fmt::format("reading {}: found bytes that are not UTF-8", path.string()));
  return text;
}

Result<std::string> read_bytes(const json::object& line) {
  const json::value* list = line.if_contains("bytes");
  if (!list || !list->is_array())
    return fail(ErrorCode::bad_input, "\"bytes\": expected a list of numbers from 0 to 255");
  std::string bytes;
  for (const json::value& item : list->get_array()) {
    boost::system::error_code failure;
    const auto byte = item.to_number<std::int64_t>(failure);
    if (failure || byte < 0 || byte > 255) {
      return fail(ErrorCode::bad_input,
                  fmt::format("\"bytes\": found {}, expected numbers from 0 to 255", json::serialize(item)));
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

Result<CodecRequest> read_line(const std::string& text) {
  boost::system::error_code failure;
  const json::value value = json::parse(text, failure);
  if (failure || !value.is_object()) return fail(ErrorCode::bad_input, "line is not a JSON object");
  const json::object& line = value.get_object();
  const json::value* script = line.if_contains("codec");
  if (!script || !script->is_string()) return fail(ErrorCode::bad_input, "\"codec\": expected the path of a script");
  const json::value* port = line.if_contains("f_port");
  const auto f_port = port ? port->to_number<std::int64_t>(failure) : 0;
  if (!port || failure || f_port < 0 || f_port > 255) {
    return fail(ErrorCode::bad_input, "\"f_port\": expected a number from 0 to 255");
  }
  auto bytes = read_bytes(line);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  CodecRequest request;
  request.script = script->get_string();
  request.bytes = std::move(*bytes);
  request.f_port = static_cast<int>(f_port);
  if (const json::value* variables = line.if_contains("variables")) request.variables = json::serialize(*variables);
  return request;
}

// What the script returned stands in the answer as it wrote it: no number is read and written again.
std::string answer_text(const CodecAnswer& answer) {
  const std::string_view warnings =
      answer.warnings.empty() ? std::string_view("[]") : std::string_view(answer.warnings);
  switch (answer.outcome) {
    case CodecOutcome::data: return fmt::format("\"data\":{},\"warnings\":{}", answer.data, warnings);
    case CodecOutcome::errors: return fmt::format("\"errors\":{},\"warnings\":{}", answer.errors, warnings);
    default:
      return fmt::format("\"errors\":[{}],\"warnings\":[],\"outcome\":\"{}\"",
                         json::serialize(json::string(answer.detail)), label(answer.outcome));
  }
}

class Runner {
 public:
  explicit Runner(fs::path beside) : beside_(std::move(beside)) {}

  std::string answer(const std::string& text) {
    auto request = read_line(text);
    if (!request) return refusal(request.error());
    if (const auto kept = keep(request->script); !kept) return refusal(kept.error());
    return answer_text(run_and_wait(codecs_, std::move(*request)));
  }

 private:
  static std::string refusal(const Error& error) {
    return fmt::format("\"errors\":[{}],\"warnings\":[],\"outcome\":\"rejected\"",
                       json::serialize(json::string(error.message)));
  }

  // A path is meant from here, else from the folder of the lines.
  Result<void> keep(const std::string& script) {
    if (known_.contains(script)) return {};
    std::error_code failure;
    const fs::path here(script);
    auto text = read_script(here.is_relative() && !fs::exists(here, failure) && fs::exists(beside_ / here, failure)
                                ? beside_ / here
                                : here);
    if (!text) return tl::unexpected(std::move(text.error()));
    codecs_.put({script, std::move(*text)});
    known_.insert(script);
    return {};
  }

  fs::path beside_;
  FileCodecs codecs_;
  std::set<std::string> known_;
};

int codec_stream(std::istream& input, const fs::path& beside) {
  Runner runner(beside);
  std::string text;
  for (std::uint64_t number = 1; std::getline(input, text); ++number) {
    fmt::print("{{\"line\":{},{}}}\n", number, runner.answer(text));
  }
  return kOk;
}

int codec_command(const std::string& name) {
  if (name == "-") return codec_stream(std::cin, fs::path("."));
  std::ifstream file(name, std::ios::binary);
  if (!file) {
    fmt::print(stderr, "codec: opening \"{}\" failed\n", name);
    return kNotFound;
  }
  return codec_stream(file, fs::path(name).parent_path());
}

}  // namespace

void add_codec(CLI::App& app, int& exit_code) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("codec", "Say what vendors' scripts make of payloads (LoRaWAN TS013)");
  command
      ->add_option("--jsonl", *file,
                   "Lines of {codec: path of a script, bytes, f_port, variables?}; - for standard input")
      ->required();
  command->callback([file, &exit_code] { exit_code = codec_command(*file); });
}

}  // namespace firegate::cli
