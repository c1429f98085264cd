// Settings of the outbox pipeline: config/routes.yaml. A missing file means no channels and no routes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/config_node.h"
#include "core/result.h"
#include "core/sender.h"
#include "respond/channels/webhook/webhook.h"
#include "respond/routes.h"

namespace firegate::respond {

struct RespondSettings {
  std::vector<WebhookSettings> webhooks;
  Routes routes;

  // `root`: the file; null when there is none.
  static RespondSettings parse(const ConfigNode* root, Problems& problems);
};

struct NamedNotifier {
  std::string name;
  std::unique_ptr<Notifier> notifier;
};
// Opens the channels; fails on the first whose secret cannot be read. `clock` outlives them.
Result<std::vector<NamedNotifier>> open_channels(const RespondSettings& settings, const Clock& clock);

}  // namespace firegate::respond
