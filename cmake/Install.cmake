# cmake --install: the runtime and its hook side by side, as the former looks for the latter, the
# command line tool, the timers that sign the log, look at running images and pull verdicts, man pages. Two components, which are the packages.
include(GNUInstallDirs)
set(units lib/systemd/system)  # under /usr and /usr/local systemd looks there
install(TARGETS runward runward-hook runward-env runward-agent RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT runward)
install(TARGETS runwardctl RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT tools)

# The units name the program's full path, and `cmake --install --prefix` has the last word on that.
string(CONCAT fill_in
       "set(RUNWARD_SBINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_SBINDIR}\")\n"
       "foreach(unit runward-agent runward-checkpoint runward-images runward-pull)\n"
       "  configure_file(\"${PROJECT_SOURCE_DIR}/systemd/\${unit}.service.in\"\n"
       "    \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${units}/\${unit}.service\" @ONLY)\n"
       "endforeach()")
install(CODE "${fill_in}" COMPONENT runward)
install(FILES systemd/runward-checkpoint.timer systemd/runward-images.timer systemd/runward-pull.timer
        DESTINATION ${units} COMPONENT runward)

foreach(section 1 5 8)
  file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.${section})
  foreach(page IN LISTS pages)
    set(component runward)
    if(page MATCHES "/runwardctl[^/]*$")
      set(component tools)
    endif()
    install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
  endforeach()
endforeach()

# What Debian asks of a package; of no use elsewhere.
foreach(component runward tools)
  set(package runward)
  if(component STREQUAL tools)
    set(package runward-tools)
  endif()
  install(FILES packaging/copyright packaging/changelog
          DESTINATION share/doc/${package} COMPONENT ${component})
endforeach()
install(FILES packaging/runward.lintian-overrides DESTINATION share/lintian/overrides
        RENAME runward COMPONENT runward)

# Shells' completions, which runwardctl makes from its own tables.
foreach(shell bash zsh fish)
  set(file ${PROJECT_BINARY_DIR}/completions/${shell})
  add_custom_command(OUTPUT ${file} COMMAND runwardctl completion ${shell} > ${file}
                     DEPENDS runwardctl VERBATIM)
  list(APPEND completions ${file})
endforeach()
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/completions)
add_custom_target(completions ALL DEPENDS ${completions})
install(FILES ${PROJECT_BINARY_DIR}/completions/bash RENAME runwardctl
        DESTINATION share/bash-completion/completions COMPONENT tools)
install(FILES ${PROJECT_BINARY_DIR}/completions/zsh RENAME _runwardctl
        DESTINATION share/zsh/vendor-completions COMPONENT tools)
install(FILES ${PROJECT_BINARY_DIR}/completions/fish RENAME runwardctl.fish
        DESTINATION share/fish/vendor_completions.d COMPONENT tools)

install(DIRECTORY examples/policies examples/ci DESTINATION share/doc/runward-tools/examples COMPONENT tools)
