# firegate_component(<folder> [LINK <targets>...]): the library of one folder of gateway/ or drivers/.
# Every .cpp of the folder belongs to it; sources are found, never listed. They share one precompiled header.
function(firegate_component name)
  cmake_parse_arguments(ARG "" "" "LINK;SOURCES" ${ARGN})
  if(ARG_SOURCES)
    set(sources ${ARG_SOURCES})
  else()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  endif()
  add_library(firegate_${name} STATIC ${sources})
  target_include_directories(firegate_${name} PUBLIC ${CMAKE_SOURCE_DIR}/gateway ${CMAKE_SOURCE_DIR})
  target_link_libraries(firegate_${name} PUBLIC ${ARG_LINK} PRIVATE firegate_flags)
  target_precompile_headers(firegate_${name} REUSE_FROM firegate_pch)
endfunction()

# The precompiled header: what nearly every unit includes.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/pch.cpp CONTENT "")
add_library(firegate_pch STATIC ${CMAKE_BINARY_DIR}/generated/pch.cpp)
target_link_libraries(firegate_pch PUBLIC fmt::fmt Boost::boost tl::expected PRIVATE firegate_flags)
target_precompile_headers(firegate_pch PRIVATE
  <algorithm> <array> <chrono> <cstdint> <functional> <memory> <optional> <span> <string> <string_view>
  <utility> <variant> <vector> <fmt/format.h> <tl/expected.hpp> <boost/unordered/unordered_flat_map.hpp>)
