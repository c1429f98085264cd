#include "app/codec_worker.h"

#include <system_error>

namespace firegate::app {

std::filesystem::path codec_worker_program() {
  std::error_code failure;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", failure);
  return own.parent_path() / "firegate-codec-worker";
}

}  // namespace firegate::app
