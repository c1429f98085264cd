// RejectedSamples: a few examples of messages that could not be read, so that a person sees what is wrong with a
// device. The newest few of each source and reason; bounded whatever arrives. Any thread.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/driver.h"
#include "core/live.h"

namespace firegate::decode {

constexpr std::size_t kSamplesEach = 5;    // our choice
constexpr std::size_t kSampleBytes = 256;  // core/live.h; reliability T06

class RejectedSamples {
 public:
  void add(std::string_view source, const RawMessage& raw, const Rejection& rejection);
  std::vector<RejectedSample> list() const;  // the newest first

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, RejectReason>, std::deque<RejectedSample>> samples_;
};

}  // namespace firegate::decode
