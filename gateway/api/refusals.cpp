#include "api/refusals.h"

#include <utility>

#include "core/log.h"

namespace firegate::api {
namespace {

constexpr std::chrono::minutes kBetweenWarnings{1};

}  // namespace

void Refusals::count(Refusal why, const Request& request, Steady now) {
  metrics_.requests_refused.add(label(why));
  Warned& warned = warned_[static_cast<std::size_t>(why)];
  ++warned.since;
  if (warned.at && now - *warned.at < kBetweenWarnings) return;
  warned.at = now;
  log::warning("request_refused", {{"reason", label(why)},
                                   {"method", request.method},
                                   {"path", request.path},
                                   {"who", request.principal ? request.principal->who() : std::string("nobody")},
                                   {"address", request.address},
                                   {"count", std::exchange(warned.since, 0)}});
}

}  // namespace firegate::api
