# What `cmake --install` puts where: the kernel ABI and its CMake package, the program, the shipped kernels as a loadable
# library, the corpus and the pages.

include(CMakePackageConfigHelpers)
set(CONVCHECK_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/convcheck")

install(TARGETS convcheck_abi EXPORT convcheck)
install(DIRECTORY include/convcheck DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")

# The program is exported too, so that a kernel's project can have itself judged: add_test(COMMAND convcheck::program ...).
if(TARGET convcheck_program)
  set_target_properties(convcheck_program PROPERTIES EXPORT_NAME program)
  install(TARGETS convcheck_program EXPORT convcheck RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
if(TARGET convcheck_bench_module)
  install(TARGETS convcheck_bench_module LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/convcheck")
endif()
if(TARGET convcheck_kernels)
  install(TARGETS convcheck_kernels LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()

install(DIRECTORY corpus DESTINATION "${CMAKE_INSTALL_DATADIR}/convcheck")
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES README.md CHANGELOG.md LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")

install(EXPORT convcheck NAMESPACE convcheck:: FILE convcheckTargets.cmake DESTINATION "${CONVCHECK_PACKAGE_DIR}")
configure_package_config_file(cmake/ConvcheckConfig.cmake.in convcheckConfig.cmake
                              INSTALL_DESTINATION "${CONVCHECK_PACKAGE_DIR}")
write_basic_package_version_file(convcheckConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/convcheckConfig.cmake" "${PROJECT_BINARY_DIR}/convcheckConfigVersion.cmake"
        DESTINATION "${CONVCHECK_PACKAGE_DIR}")
