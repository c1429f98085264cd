#include "ingest/push_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace firegate::ingest {
namespace {

constexpr std::size_t kShortestSecret = 16;  // bytes; our choice, as for the webhook

std::optional<std::string> read_secret(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in.is_open()) return std::nullopt;
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  constexpr std::string_view kWhite = " \t\r\n";
  text.erase(text.find_last_not_of(kWhite) + 1);
  text.erase(0, std::min(text.find_first_not_of(kWhite), text.size()));
  return text;
}

std::string secret_of(MapReader& reader) {
  const std::string file = reader.text("secret_file");
  if (file.empty()) return {};
  auto secret = read_secret(file);
  if (!secret) {
    reader.wrong("secret_file", ProblemCode::E101_unreadable_file, fmt::format("found no readable file {}", file));
  } else if (secret->size() < kShortestSecret) {
    reader.wrong(
        "secret_file", ProblemCode::E107_out_of_range,
        fmt::format("found a secret of {} bytes in {}, expected at least {}", secret->size(), file, kShortestSecret));
  }
  return secret.value_or("");
}

PushSource parse_source(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  PushSource push;
  push.at = node.at;
  push.source = reader.text("source");
  push.proof = reader.choice("proof", std::optional(PushProof::signature));
  push.secret = secret_of(reader);
  push.topic = reader.text("topic", "");
  if (push.topic.find_first_of("#+") != std::string::npos) {
    reader.wrong("topic", ProblemCode::E107_out_of_range,
                 fmt::format("found \"{}\", expected a topic without wildcards", push.topic));
  }
  reader.finish();
  return push;
}

}  // namespace

PushSettings PushSettings::parse(const ConfigNode* node, Problems& problems) {
  PushSettings settings;
  if (!node) return settings;
  if (node->type != ConfigNode::Type::list) {
    problems.add(ProblemCode::E106_wrong_type, node->at, node->path,
                 "found no list, expected a list of sources that are pushed to");
    return settings;
  }
  for (const ConfigNodePtr& item : node->items) {
    PushSource push = parse_source(*item, problems);
    const auto same = [&push](const PushSource& other) { return other.source == push.source; };
    if (std::ranges::any_of(settings.sources, same)) {
      problems.add(ProblemCode::E109_duplicate_id, item->at, item->path,
                   fmt::format("found the source \"{}\" a second time, expected each once", push.source));
    }
    settings.sources.push_back(std::move(push));
  }
  return settings;
}

}  // namespace firegate::ingest
