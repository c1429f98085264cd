#include "respond/settings.h"

#include <fmt/format.h>

#include <array>

namespace firegate::respond {
namespace {

constexpr std::array<std::string_view, 1> kChannelTypes{"webhook"};

void parse_channels(const ConfigNode* list, RespondSettings& settings, std::vector<std::string>& names,
                    Problems& problems) {
  if (!list) return;
  for (const ConfigNodePtr& item : list->items) {
    MapReader reader(*item, problems);
    if (!reader.ok()) continue;
    reader.one_of("type", std::nullopt, kChannelTypes);
    WebhookSettings webhook = WebhookSettings::parse(reader);
    if (std::find(names.begin(), names.end(), webhook.name) != names.end()) {
      reader.wrong("name", ProblemCode::E109_duplicate_id,
                   fmt::format("found \"{}\" a second time, expected a name of its own", webhook.name));
    }
    reader.finish();
    names.push_back(webhook.name);
    settings.webhooks.push_back(std::move(webhook));
  }
}

}  // namespace

RespondSettings RespondSettings::parse(const ConfigNode* root, Problems& problems) {
  RespondSettings settings;
  if (!root || root->type == ConfigNode::Type::null) return settings;
  MapReader reader(*root, problems);
  if (!reader.ok()) return settings;
  std::vector<std::string> names;
  parse_channels(reader.list("channels"), settings, names, problems);
  settings.routes = Routes::parse(reader.list("routes"), names, problems);
  reader.finish();
  return settings;
}

Result<std::vector<NamedNotifier>> open_channels(const RespondSettings& settings, const Clock& clock) {
  std::vector<NamedNotifier> channels;
  for (const WebhookSettings& webhook : settings.webhooks) {
    auto opened = Webhook::open(webhook, clock);
    if (!opened) return tl::unexpected(opened.error());
    channels.push_back({webhook.name, std::move(*opened)});
  }
  return channels;
}

}  // namespace firegate::respond
