// ProcessWatch: what the process takes of the machine, as Linux counts it, for the metrics. The io thread only.
#pragma once

#include "core/clock.h"
#include "metrics/metrics.h"

namespace firegate::app {

class ProcessWatch {
 public:
  ProcessWatch(const Clock& clock, metrics::Metrics& metrics);
  void look();  // once a second; reads /proc/self each fifth time

 private:
  void read_usage();
  void read_descriptors();

  metrics::Metrics& metrics_;
  int until_next_ = 0;
};

}  // namespace firegate::app
