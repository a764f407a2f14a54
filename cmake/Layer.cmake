# runward_layer(NAME LIBRARY...): the folder's sources, main.cc apart, as the static library
# runward_NAME, linked with the layers below that it may use. tests/lint/layers.py checks the
# links as it checks the includes. A folder without sources yet is a library without code.
function(runward_layer name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/main.cc)
  if(sources)
    add_library(runward_${name} STATIC ${sources})
    target_link_libraries(runward_${name} PUBLIC ${ARGN})
    # A third of a source's compile time. Each still names what it uses: clang-tidy reads it without.
    target_precompile_headers(runward_${name} PRIVATE <algorithm> <array> <functional> <map>
                              <memory> <optional> <ranges> <span> <string> <string_view> <vector>)
  else()
    add_library(runward_${name} INTERFACE)
    target_link_libraries(runward_${name} INTERFACE ${ARGN})
  endif()
endfunction()

# runward_program(NAME LAYER): the folder's main.cc as bin/NAME.
function(runward_program name layer)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/main.cc)
    add_executable(${name} main.cc)
    target_link_libraries(${name} PRIVATE runward_${layer})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  endif()
endfunction()
