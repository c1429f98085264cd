// What is pushed by HTTP enters the inbox on a topic of the source that reads it.
#pragma once

#include <span>

#include "core/config_node.h"
#include "decode/source.h"
#include "ingest/push_settings.h"

namespace firegate::app {

// Gives each the topic that it has by default; reports what belongs to no source, and topics that another one would
// read.
void find_push_topics(ingest::PushSettings& push, std::span<const decode::Source> sources, Problems& problems);

}  // namespace firegate::app
