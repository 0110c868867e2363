# What `cmake --install` puts where. lib/ and bin/ are fixed, because each binary finds the others by $ORIGIN/../lib.
#
#   runtime      libhipdex.so: all that an application with bundles ships
#   emulator     libhipdex-emulator.so
#   compiler     libhipdex-compiler.so and the tools
#   development  headers, key sets and the CMake package
include(CMakePackageConfigHelpers)

install(TARGETS hipdex EXPORT hipdexTargets LIBRARY DESTINATION lib COMPONENT runtime INCLUDES DESTINATION include)
install(TARGETS hipdex-emulator LIBRARY DESTINATION lib COMPONENT emulator)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/runtime/include/hipdex DESTINATION include COMPONENT development)

set(package lib/cmake/hipdex)
set(hipdex_prefix .)
install(EXPORT hipdexTargets NAMESPACE hipdex:: DESTINATION ${package} COMPONENT development)
if(HIPDEX_ENABLE_COMPILER)
  # These link LLVM's shared libraries, which Debian has outside of the loader's path.
  set(shared_llvm hipdex-opt hipdex-lsp-server)
  if(HIPDEX_SHARED_LLVM)
    list(APPEND shared_llvm hipdex-compiler)
  endif()
  set_property(TARGET ${shared_llvm} PROPERTY INSTALL_RPATH_USE_LINK_PATH ON)
  install(TARGETS hipdex-compiler LIBRARY DESTINATION lib COMPONENT compiler)
  install(TARGETS hipdexc EXPORT hipdexToolsTargets RUNTIME DESTINATION bin COMPONENT compiler)
  install(TARGETS hipdex-opt hipdex-lsp-server RUNTIME DESTINATION bin COMPONENT compiler)
  install(FILES ${PROJECT_SOURCE_DIR}/compiler/API/hipdex-compiler.h DESTINATION include/hipdex COMPONENT development)
  install(FILES ${HIPDEX_KEYSETS} DESTINATION share/hipdex/keysets COMPONENT development)
  install(EXPORT hipdexToolsTargets NAMESPACE hipdex:: DESTINATION ${package} COMPONENT compiler)
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/hipdexConfig.cmake.in ${PROJECT_BINARY_DIR}/hipdexConfig.cmake
  INSTALL_DESTINATION ${package} PATH_VARS hipdex_prefix)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/hipdexConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/hipdexConfig.cmake ${PROJECT_BINARY_DIR}/hipdexConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/HipdexAddKernels.cmake DESTINATION ${package} COMPONENT development)
