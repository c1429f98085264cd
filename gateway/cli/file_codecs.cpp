#include "cli/file_codecs.h"

#include <utility>

#include "app/codec_worker.h"

namespace firegate::cli {
namespace {

codec::HostSettings settings() {
  codec::HostSettings settings;
  settings.worker = app::codec_worker_program();
  settings.workers = 1;
  settings.breaches = 0;
  return settings;
}

}  // namespace

FileCodecs::FileCodecs(std::vector<codec::ScriptFile> scripts) : host_(settings(), faults_, metrics_) {
  host_.use(std::move(scripts));
}

}  // namespace firegate::cli
