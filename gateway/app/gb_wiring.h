// The joint between the GB/T 26875.3 link over TCP and the rest: which source its units belong to, and what it must
// know of the run before. Owned by App; its thread.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/config_node.h"
#include "decode/source.h"
#include "gb_link/gb_link.h"

namespace firegate::app {

// The base topic of the source that decodes what comes over TCP; empty without a port. A problem of the section
// `gb26875` (`node`) where no source, or more than one, is meant.
std::string gb_link_base(const gb_link::Settings& settings, std::span<const decode::Source> sources,
                         const ConfigNode* node, Problems& problems);

// Null without a port. Reads the end of the inbox: what units sent just before our start they may send again.
std::unique_ptr<gb_link::GbLink> make_gb_link(const gb_link::Settings& settings, const std::string& base,
                                              const gb_link::GbLink::Needs& needs);

}  // namespace firegate::app
