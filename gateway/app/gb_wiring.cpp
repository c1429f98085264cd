#include "app/gb_wiring.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/log.h"
#include "drivers/common/topic.h"
#include "gb_link/recent_frames.h"

namespace firegate::app {
namespace {

constexpr std::string_view kFormat = "gb26875";
constexpr InboxSeq kLookBack = 20'000;  // messages; our choice: some seconds of a large estate, some ms to read

void wrong(const ConfigNode& node, ProblemCode code, std::string_view key, std::string message, Problems& problems) {
  const ConfigNode* value = node.find(key);
  const ConfigNode& where = value ? *value : node;
  problems.add(code, where.at, where.path, std::move(message));
}

// Its unit topics must come back to it.
bool takes_units(const decode::Source& source, std::span<const decode::Source> sources) {
  const auto taken = decode::Router(sources).route(join_topic(source.base, "000000000000"));
  return taken && sources[*taken].id == source.id;
}

}  // namespace

std::string gb_link_base(const gb_link::Settings& settings, std::span<const decode::Source> sources,
                         const ConfigNode* node, Problems& problems) {
  if (!settings.port || !node) return {};
  std::vector<const decode::Source*> meant;
  for (const decode::Source& source : sources) {
    const bool named = settings.source.empty() || source.id == settings.source;
    if (named && source.driver && source.driver->format() == kFormat) meant.push_back(&source);
  }
  if (meant.size() != 1) {
    wrong(*node, ProblemCode::E113_contradiction, settings.source.empty() ? "port" : "source",
          fmt::format("found {} sources of the format gb26875{}, expected one for the units that connect", meant.size(),
                      settings.source.empty() ? "" : " with the id \"" + settings.source + "\""),
          problems);
    return {};
  }
  if (!takes_units(*meant.front(), sources)) {
    wrong(*node, ProblemCode::E113_contradiction, "source",
          fmt::format("found no topic of {} for its units, expected {}", meant.front()->id,
                      join_topic(meant.front()->base, "+")),
          problems);
  }
  return meant.front()->base;
}

std::unique_ptr<gb_link::GbLink> make_gb_link(const gb_link::Settings& settings, const std::string& base,
                                              const gb_link::GbLink::Needs& needs) {
  if (!settings.port) return nullptr;
  auto link = std::make_unique<gb_link::GbLink>(needs, settings, base);
  const InboxSeq last = needs.inbox.last();
  const Instant since = needs.clock.now() - gb_link::kResentWithin;
  ingest::InboxReader reader(needs.inbox, last > kLookBack ? last - kLookBack + 1 : 1);
  ingest::InboxBatch batch;
  while (true) {
    if (const auto read = reader.next(batch, Millis{0}); !read) {
      log::warning("gb_link_without_memory", {{"reason", read.error().message}});  // a repeat may be taken twice
      break;
    }
    if (batch.empty()) break;
    for (const RawMessage& message : batch.messages()) {
      if (message.arrived_at >= since) link->remember(message);
    }
  }
  return link;
}

}  // namespace firegate::app
