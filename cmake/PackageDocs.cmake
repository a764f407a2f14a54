# Run by cpack over the staged files: what Debian asks of each package and `cmake --install` leaves out,
# a compressed changelog and compressed man pages, both without a time in them.
file(GLOB packages ${CPACK_TEMPORARY_DIRECTORY}/*)
foreach(package IN LISTS packages)
  file(GLOB_RECURSE files ${package}/usr/share/man/*.[158] ${package}/usr/share/doc/*/changelog)
  foreach(file IN LISTS files)
    execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
endforeach()
