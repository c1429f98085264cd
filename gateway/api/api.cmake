# What the api folder needs beside its sources; included by gateway/CMakeLists.txt after the folders' libraries exist.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# The description of the API is part of the program: openapi.yaml as JSON.
set(openapi_cpp ${CMAKE_CURRENT_BINARY_DIR}/api/openapi.cpp)
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/api)
add_custom_command(
  OUTPUT ${openapi_cpp}
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/openapi_embed.py ${CMAKE_CURRENT_LIST_DIR}/openapi.yaml ${openapi_cpp}
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/openapi_embed.py ${CMAKE_CURRENT_LIST_DIR}/openapi.yaml
  VERBATIM)
target_sources(firegate_api PRIVATE ${openapi_cpp})
target_link_libraries(firegate_api PUBLIC firegate_duty)

# And the schema of rule files, for the form of the console.
set(rule_schema ${CMAKE_SOURCE_DIR}/config/schema/rules.schema.json)
firegate_embed(${CMAKE_BINARY_DIR}/generated/api/rule_schema.cpp rule_schema ${CMAKE_SOURCE_DIR}/config/schema ${rule_schema})
target_sources(firegate_api PRIVATE ${CMAKE_BINARY_DIR}/generated/api/rule_schema.cpp)

# Beast's templates take two minutes a unit under UBSan, a third of it without. ASan stays; the code that judges a request
# lies in other units, which have both.
if(FIREGATE_SANITIZE)
  set_source_files_properties(api/server.cpp api/live_session.cpp PROPERTIES COMPILE_OPTIONS -fno-sanitize=undefined)
endif()
