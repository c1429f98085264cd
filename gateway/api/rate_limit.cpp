#include "api/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace firegate::api {

std::optional<std::chrono::seconds> RateLimit::take(std::string_view name, Steady now) {
  auto at = buckets_.find(std::string(name));
  if (at == buckets_.end()) {
    if (buckets_.size() >= kMaxNames) make_room(now);
    at = buckets_.emplace(std::string(name), Bucket{figures_.burst, now}).first;
  }
  Bucket& bucket = at->second;
  bucket = {filled(bucket, now), now};
  if (bucket.left < 1)
    return std::chrono::seconds{static_cast<long>(std::ceil((1 - bucket.left) / figures_.per_second))};
  bucket.left -= 1;
  return std::nullopt;
}

void RateLimit::make_room(Steady now) {
  boost::unordered::erase_if(buckets_, [&](const auto& entry) { return filled(entry.second, now) >= figures_.burst; });
  if (buckets_.size() < kMaxNames) return;
  buckets_.erase(std::ranges::min_element(buckets_, {}, [](const auto& entry) { return entry.second.at; }));
}

double RateLimit::filled(const Bucket& bucket, Steady now) const noexcept {
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  return std::min(figures_.burst, bucket.left + seconds * figures_.per_second);
}

}  // namespace firegate::api
