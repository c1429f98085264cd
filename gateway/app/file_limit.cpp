#include "app/file_limit.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/log.h"

namespace firegate::app {
namespace {

constexpr std::uint64_t kOtherFiles = 200;

}  // namespace

std::uint64_t files_needed(const api::Settings& settings) noexcept {
  return settings.max_connections + settings.max_live + kOtherFiles;
}

Result<FileLimit> raise_file_limit(std::uint64_t needed) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return fail(ErrorCode::io_failed, fmt::format("reading the limit of open files: {}", std::strerror(errno)));
  }
  const rlim_t wanted = std::min<rlim_t>(needed, limit.rlim_max);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = wanted;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      return fail(ErrorCode::io_failed,
                  fmt::format("raising the limit of open files to {}: {}", wanted, std::strerror(errno)));
    }
  }
  return FileLimit{limit.rlim_cur, limit.rlim_max};
}

void ensure_file_limit(std::uint64_t needed) {
  const auto limit = raise_file_limit(needed);
  if (!limit) {
    log::warning("file_limit_unknown", {{"reason", limit.error().message}});
  } else if (limit->soft < needed) {
    log::warning("file_limit_low", {{"files", limit->soft},
                                    {"needed", needed},
                                    {"remedy", "set LimitNOFILE of the service (or ulimit -Hn) to what is needed"}});
  } else {
    log::info("file_limit", {{"files", limit->soft}, {"needed", needed}});
  }
}

}  // namespace firegate::app
