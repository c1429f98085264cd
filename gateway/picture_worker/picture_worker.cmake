# The program that draws uploaded pictures anew; included by gateway/CMakeLists.txt. Beside `firegate`, which starts it.
# Never with sanitizers, as the codec worker.
add_executable(firegate-picture-worker picture_worker/main.cpp picture_worker/exif.cpp picture_worker/jpeg.cpp
  picture_worker/png.cpp picture_worker/raster.cpp picture_worker/svg.cpp picture_worker/svg_check.cpp cage/cage.cpp
  picture/frame.cpp)
target_include_directories(firegate-picture-worker PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_options(firegate-picture-worker PRIVATE -fno-sanitize=all)
target_link_options(firegate-picture-worker PRIVATE -fno-sanitize=all)
target_link_libraries(firegate-picture-worker PRIVATE firegate_flags PkgConfig::RSVG PkgConfig::FONTCONFIG PkgConfig::PNG
  PkgConfig::TURBOJPEG PkgConfig::EXPAT PkgConfig::SECCOMP tl::expected)
set_target_properties(firegate-picture-worker PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
