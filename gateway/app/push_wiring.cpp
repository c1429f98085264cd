#include "app/push_wiring.h"

#include <fmt/format.h>

#include <algorithm>

#include "drivers/common/topic.h"

namespace firegate::app {

void find_push_topics(ingest::PushSettings& push, std::span<const decode::Source> sources, Problems& problems) {
  const decode::Router router(sources);
  for (ingest::PushSource& to : push.sources) {
    const auto source = std::ranges::find(sources, to.source, &decode::Source::id);
    if (source == sources.end()) {
      problems.add(ProblemCode::E110_unknown_reference, to.at, "push",
                   fmt::format("found \"{}\", expected the id of a source", to.source));
      continue;
    }
    if (to.topic.empty()) to.topic = join_topic(source->base, "push");
    const auto read_by = router.route(to.topic);
    if (read_by && sources[*read_by].id == to.source) continue;
    problems.add(ProblemCode::E113_contradiction, to.at, "push",
                 fmt::format("found the topic \"{}\", which {} reads, expected one of {}: set topic", to.topic,
                             read_by ? sources[*read_by].id : "no source", to.source));
  }
}

}  // namespace firegate::app
