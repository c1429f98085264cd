// Where the programs of the workers are: in the folder of this program.
#pragma once

#include <filesystem>

namespace firegate::app {

std::filesystem::path codec_worker_program();    // firegate-codec-worker
std::filesystem::path picture_worker_program();  // firegate-picture-worker

}  // namespace firegate::app
