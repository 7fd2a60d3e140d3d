# SPDX-License-Identifier: Apache-2.0
#
# What an installed release consists of beside its programs: library, headers, the files by which
# pkg-config and CMake find it, documents. tests/install builds on nothing else.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/mnsec)
install(TARGETS mnsec EXPORT mnsecTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT mnsecTargets NAMESPACE mnsec:: DESTINATION ${package})
install(FILES ${PROJECT_SOURCE_DIR}/include/mnsec.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/mnsec DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")

configure_file(mnsec.pc.in mnsec.pc @ONLY)
configure_package_config_file(mnsecConfig.cmake.in mnsecConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(mnsecConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mnsec.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mnsecConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/mnsecConfigVersion.cmake DESTINATION ${package})

install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE
    ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}
    FILES_MATCHING PATTERN "*.md" PATTERN "examples" EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
