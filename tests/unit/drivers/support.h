// What the tests of the drivers share: reading JSON lines, the model files of the tree, and expectations of vectors.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/driver.h"
#include "drivers/all_drivers.h"
#include "drivers/json_path/json_driver.h"
#include "settings/yaml.h"
#include "simdjson.h"

namespace firegate::test {

namespace fs = std::filesystem;
using Json = simdjson::dom::element;

inline fs::path tree() { return FIREGATE_SOURCE_DIR; }
inline fs::path shared_payloads() { return tree() / "../shared/data/payloads"; }

inline std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

inline std::string text_of(const Json& object, const char* key) {
  std::string_view text;
  return object[key].get_string().get(text) ? std::string() : std::string(text);
}
inline bool has(const Json& object, const char* key) {
  Json found;
  return !object[key].get(found);
}
inline bool flag(const Json& object, const char* key) {
  bool value = false;
  return !object[key].get_bool().get(value) && value;
}

inline std::string bytes_of_base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return bytes;
}

// Payload of a line: exact bytes, a text as it is, or any JSON as its text.
inline std::string payload_of(const Json& line) {
  if (has(line, "payload_b64")) return bytes_of_base64(text_of(line, "payload_b64"));
  const Json payload = line["payload"].value();
  std::string_view text;
  if (payload.get_string().get(text)) return simdjson::minify(payload);
  const std::string encoding = text_of(line, "encoding");
  return encoding == "base64" ? bytes_of_base64(text) : std::string(text);
}

inline fs::path formats_folder() { return tree() / "drivers/json_path/formats"; }

inline std::vector<std::unique_ptr<Driver>> load_json_formats(Problems& problems) {
  std::vector<std::unique_ptr<Driver>> drivers;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(formats_folder())) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const auto node = settings::load_yaml(file, file.filename(), problems);
    if (node) drivers.push_back(json_path::make_driver(json_path::JsonFormat::parse(*node, file.stem(), problems)));
  }
  return drivers;
}

// The formats written in C++ and those that files describe.
inline const std::vector<std::unique_ptr<Driver>>& every_driver() {
  static const auto drivers = [] {
    auto all = all_drivers();
    Problems problems;
    for (auto& driver : load_json_formats(problems)) all.push_back(std::move(driver));
    return all;
  }();
  return drivers;
}

// Where the vectors of a format are.
inline fs::path vectors_of(std::string_view format) {
  const fs::path of_file = formats_folder() / (std::string(format) + ".jsonl");
  return fs::exists(of_file) ? of_file : tree() / "drivers" / format / "vectors.jsonl";
}

inline const Driver* driver_of(std::string_view format) {
  for (const auto& driver : every_driver()) {
    if (driver->format() == format) return driver.get();
  }
  return nullptr;
}

inline Models load_models(Problems& problems) {
  Models models;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(tree() / "drivers/models")) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const auto node = settings::load_yaml(file, file.filename(), problems);
    if (node) models.add(Model::parse(*node, file.parent_path().filename(), file.stem(), problems));
  }
  return models;
}
inline const Models& models() {
  static const Models loaded = [] {
    Problems problems;
    return load_models(problems);
  }();
  return loaded;
}

// A source at a base, with what it has learned so far.
class Source {
 public:
  explicit Source(std::string_view format, std::string base = {})
      : driver_(*driver_of(format)), base_(base.empty() ? std::string(driver_.default_base()) : std::move(base)) {}

  static Source at(std::string_view format, std::string base) {
    Source source(format);
    source.base_ = std::move(base);
    return source;
  }

  DecodeResult decode(std::string_view topic, std::string_view payload) {
    RawMessage message;
    message.topic = topic;
    message.payload = payload;
    auto result = driver_.decode(message, DecodeContext{base_, link_, models()});
    if (result) {
      for (const auto& learned : result->learned) link_.learn(learned);
    }
    return result;
  }
  EncodeResult encode(const Command& command, std::string_view address) {
    auto result = driver_.encode(command, address, EncodeContext{base_, link_, Instant{Millis{1'767'600'000'000}}});
    if (result) {
      for (const auto& learned : result->learned) link_.learn(learned);
    }
    return result;
  }
  const LinkState& link() const { return link_; }

 private:
  const Driver& driver_;
  std::string base_;
  LinkState link_;
};

inline std::string text_of(const DecodeResult& result) {
  if (!result) return fmt::format("rejected {}: {}", label(result.error().reason), result.error().detail);
  if (result->ignored) return fmt::format("ignored {}", label(*result->ignored));
  std::string text;
  for (const auto& message : result->messages) {
    text += fmt::format("[{} {}:", label(message.kind), message.address);
    for (const auto& r : message.readings) {
      text += fmt::format(" {}{}={}", name(r.point), r.port == kNoPort ? "" : fmt::format("/{}", r.port),
                          to_text(r.point, r.value));
    }
    if (message.reply)
      text += fmt::format(" reply {} {} {}", message.reply->command_id, message.reply->result, message.reply->reason);
    text += "]";
  }
  return text;
}

}  // namespace firegate::test
