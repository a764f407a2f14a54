# bin/attack: an attacker in a container, static, so that it runs in any image. bin/attack_payload is
# what it must not be able to run, bin/attack_allowed what it may.
file(GLOB attack_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/attack*.cc)
list(REMOVE_ITEM attack_sources ${CMAKE_CURRENT_LIST_DIR}/attack_payload.cc)
add_executable(attack ${attack_sources})
target_link_options(attack PRIVATE -static)
foreach(name payload allowed)
  add_executable(attack_${name} ${CMAKE_CURRENT_LIST_DIR}/attack_payload.cc)
  target_compile_options(attack_${name} PRIVATE -fPIE)
  target_link_options(attack_${name} PRIVATE -nostdlib -static-pie -Wl,-e,_start -Wl,--no-gc-sections)
endforeach()
target_compile_definitions(attack_payload PRIVATE ATTACK_STATUS=42)
target_compile_definitions(attack_allowed PRIVATE ATTACK_STATUS=0)
# They run where no library is, a sanitizer's neither.
foreach(target attack attack_payload attack_allowed)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  target_compile_options(${target} PRIVATE -fno-sanitize=all)
  target_link_options(${target} PRIVATE -fno-sanitize=all)
  add_dependencies(agent_test ${target})
endforeach()
# Beside the tests in a virtual machine, which has no build directory: RUNWARD_ATTACKS says so.
target_compile_definitions(agent_test PRIVATE RUNWARD_ATTACKS="${PROJECT_BINARY_DIR}/bin")
