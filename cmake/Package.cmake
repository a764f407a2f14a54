# `cpack` in the build directory: Debian packages, runward and runward-tools, of what `cmake --install`
# installs. Build with the release preset for them.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME runward)
set(CPACK_PACKAGE_VENDOR runward)
set(CPACK_PACKAGE_CONTACT "The runward authors <runward@localhost>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/PackageDocs.cmake)
set(CPACK_COMPONENTS_ALL runward tools)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)

set(CPACK_DEBIAN_RUNWARD_PACKAGE_NAME runward)
# runc stands behind it; runwardctl undoes what configure did when runward goes.
set(CPACK_DEBIAN_RUNWARD_PACKAGE_DEPENDS "runward-tools (= ${PROJECT_VERSION}), runc | crun")
set(CPACK_COMPONENT_RUNWARD_DESCRIPTION
    "gate for containers: starts those whose image has a signed verdict
An OCI runtime that an engine calls in runc's place. It finds out which image
is really mounted, weighs the signed verdicts on file for it, logs its
decision, and hands over to runc or crun.")
foreach(script postinst prerm postrm)
  list(APPEND scripts ${PROJECT_SOURCE_DIR}/packaging/${script})
endforeach()
set(CPACK_DEBIAN_RUNWARD_PACKAGE_CONTROL_EXTRA "${scripts}")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME runward-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
# Loaded when it is needed, so nothing finds it by itself: registry/curl_library.h.
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "libcurl4 (>= 7.85)")
set(CPACK_COMPONENT_TOOLS_DESCRIPTION
    "command line of runward: policy, verdicts, reports, installation
runwardctl writes and checks the policy, signs and stores verdicts, reports
decisions and tells engines of runward. Of use without the runtime where
images are built.")
include(CPack)
