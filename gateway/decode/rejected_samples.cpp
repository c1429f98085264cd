#include "decode/rejected_samples.h"

#include <algorithm>

#include "core/utf8.h"

namespace firegate::decode {

void RejectedSamples::add(std::string_view source, const RawMessage& raw, const Rejection& rejection) {
  RejectedSample sample{.at = raw.arrived_at,
                        .source = std::string(source),
                        .topic = readable(raw.topic, kSampleBytes),
                        .reason = std::string(label(rejection.reason)),
                        .detail = readable(rejection.detail, kSampleBytes),
                        .payload_bytes = raw.payload.size(),
                        .payload_start = readable(raw.payload, kSampleBytes)};
  const std::lock_guard lock(mutex_);
  auto& kept = samples_[{sample.source, rejection.reason}];
  if (kept.size() == kSamplesEach) kept.pop_front();
  kept.push_back(std::move(sample));
}

std::vector<RejectedSample> RejectedSamples::list() const {
  std::vector<RejectedSample> list;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, kept] : samples_) list.insert(list.end(), kept.rbegin(), kept.rend());
  }
  std::ranges::stable_sort(list, [](const RejectedSample& a, const RejectedSample& b) { return a.at > b.at; });
  return list;
}

}  // namespace firegate::decode
