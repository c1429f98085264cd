// Routes: which channels are told of a notice. Pure; made from config/routes.yaml, replaced whole on a reload.
#pragma once

#include <string>
#include <vector>

#include "core/batch.h"
#include "core/config_node.h"

namespace firegate::respond {

// What a route does not name, it does not ask for.
struct Route {
  std::string name;
  std::vector<AlarmClass> classes;
  std::vector<Priority> priorities;
  std::vector<std::string> estates;
  std::vector<NoticeKind> notices;
  std::string channel;

  bool takes(const Notice& notice) const noexcept;
};

class Routes {
 public:
  Routes() = default;
  explicit Routes(std::vector<Route> routes) : routes_(std::move(routes)) {}

  // `list`: the `routes` of the file; null: none. A route to a channel that is not in `channels` is a problem.
  static Routes parse(const ConfigNode* list, const std::vector<std::string>& channels, Problems& problems);

  // Each channel once, in the order of the file.
  std::vector<std::string> channels_for(const Notice& notice) const;
  const std::vector<Route>& all() const noexcept { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace firegate::respond
