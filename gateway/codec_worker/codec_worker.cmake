# The program that runs vendors' scripts; included by gateway/CMakeLists.txt. Beside `firegate`, which starts it. Never with
# sanitizers: their own system calls and mappings are what the cage forbids. What it shares with the gateway (frames) is
# tested with them there.
add_executable(firegate-codec-worker codec_worker/main.cpp cage/cage.cpp codec_worker/engine.cpp
  codec_worker/watchdog.cpp codec/frame.cpp)
target_include_directories(firegate-codec-worker PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
# GCC 12 takes the engine's list of roots on the stack for pointers that outlive it.
target_compile_options(firegate-codec-worker PRIVATE -fno-sanitize=all -Wno-dangling-pointer)
target_link_options(firegate-codec-worker PRIVATE -fno-sanitize=all)
target_link_libraries(firegate-codec-worker PRIVATE firegate_flags PkgConfig::MOZJS PkgConfig::SECCOMP Boost::boost
  Threads::Threads)
set_target_properties(firegate-codec-worker PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
