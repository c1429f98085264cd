// Where the program of the codec workers is.
#pragma once

#include <filesystem>

namespace firegate::app {

// firegate-codec-worker, in the folder of this program.
std::filesystem::path codec_worker_program();

}  // namespace firegate::app
