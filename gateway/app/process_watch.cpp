#include "app/process_watch.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace firegate::app {
namespace {

constexpr int kEvery = 5;  // seconds, our choice: as often as the census of the places

double seconds(const timeval& time) noexcept {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessWatch::ProcessWatch(const Clock& clock, metrics::Metrics& metrics) : metrics_(metrics) {
  metrics_.process_start_seconds.set(std::chrono::duration<double>(clock.now().time_since_epoch()).count());
}

void ProcessWatch::look() {
  if (until_next_-- > 0) return;
  until_next_ = kEvery - 1;
  read_usage();
  read_descriptors();
}

void ProcessWatch::read_usage() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    metrics_.process_cpu_seconds.set(seconds(usage.ru_utime) + seconds(usage.ru_stime));
  }
  std::ifstream statm("/proc/self/statm");
  double total_pages = 0, resident_pages = 0;
  if (statm >> total_pages >> resident_pages) {
    metrics_.process_memory_bytes.set(resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  }
}

void ProcessWatch::read_descriptors() {
  const auto count = [](const char* folder) {
    std::error_code failure;
    std::filesystem::directory_iterator entries(folder, failure);
    return failure ? 0.0 : static_cast<double>(std::distance(begin(entries), end(entries)));
  };
  metrics_.process_descriptors.set(count("/proc/self/fd"));
  metrics_.process_threads.set(count("/proc/self/task"));
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    metrics_.process_descriptors_limit.set(static_cast<double>(limit.rlim_cur));
}

}  // namespace firegate::app
