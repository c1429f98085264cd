#include "app/codec_worker.h"

#include <system_error>

namespace firegate::app {
namespace {

std::filesystem::path beside_us(const char* name) {
  std::error_code failure;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", failure);
  return own.parent_path() / name;
}

}  // namespace

std::filesystem::path codec_worker_program() { return beside_us("firegate-codec-worker"); }

std::filesystem::path picture_worker_program() { return beside_us("firegate-picture-worker"); }

}  // namespace firegate::app
