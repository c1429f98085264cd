# How our own code is compiled: warnings are errors, the same floating point everywhere, ccache when it is there.
find_program(FIREGATE_CCACHE ccache)
if(FIREGATE_CCACHE)
  # pch_defines,time_macros: what ccache needs to cache units that use a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${FIREGATE_CCACHE})
endif()

add_library(firegate_flags INTERFACE)
target_compile_options(firegate_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -ffp-contract=off   # replays agree on every machine (architecture, section 9.10)
  -fno-omit-frame-pointer)

if(FIREGATE_SANITIZE OR FIREGATE_TSAN)
  # GCC 12 with sanitizers warns falsely of members of std::variant, std::optional and tl::expected.
  target_compile_options(firegate_flags INTERFACE -Wno-maybe-uninitialized
    $<$<BOOL:${FIREGATE_TSAN}>:-Wno-array-bounds -Wno-stringop-overflow>)
endif()
if(FIREGATE_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
elseif(FIREGATE_TSAN)
  add_compile_options(-fsanitize=thread -Wno-tsan)  # Asio has fences that TSan does not know
  # Without them the order comes from its mutexes, which TSan sees.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  add_link_options(-fsanitize=thread)
endif()
