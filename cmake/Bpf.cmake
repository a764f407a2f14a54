# runward_bpf(OUT SOURCE): a program for the kernel, compiled with clang from agent/bpf, as a file whose
# name is left in OUT. Debugging sections go, BTF stays: libbpf fits the program to the kernel by it.
find_program(BPF_CLANG NAMES clang clang-14 REQUIRED)
find_program(BPF_STRIP NAMES llvm-strip llvm-strip-14 REQUIRED)

function(runward_bpf out source)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${source}.o)
  get_filename_component(folder ${object} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  set(arch ${CMAKE_SYSTEM_PROCESSOR})
  if(arch MATCHES "x86_64|amd64")
    set(arch x86)
  elseif(arch STREQUAL "aarch64")
    set(arch arm64)
  endif()
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/bpf/*.h)
  # The path in the object would make it, and with it the version that an upgrade compares, depend on
  # where it was built.
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${BPF_CLANG} -target bpf -D__TARGET_ARCH_${arch} -g -O2 -Wall -Wextra -Werror
            -Wno-unused-parameter -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=
            -fdebug-compilation-dir=. -I${PROJECT_SOURCE_DIR}
            -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
            -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object}
    COMMAND ${BPF_STRIP} -g ${object}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source} ${headers}
    VERBATIM)
  set(${out} ${object} PARENT_SCOPE)
endfunction()
