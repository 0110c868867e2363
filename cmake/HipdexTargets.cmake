# One place for the flags that every hipdex target shares.

# hipdex_configure_target(<target>)
# Warnings, the LLVM headers as system headers, and the project's own include roots.
function(hipdex_configure_target target)
  target_compile_options(${target} PRIVATE -Wall -Wextra)
  # What TableGen generates is not held to our warnings.
  target_include_directories(${target} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS} ${PROJECT_BINARY_DIR}/dialects
    ${PROJECT_BINARY_DIR}/compiler)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/dialects
    ${PROJECT_SOURCE_DIR}/compiler ${PROJECT_SOURCE_DIR}/runtime
    ${PROJECT_SOURCE_DIR}/runtime/include ${PROJECT_BINARY_DIR})
  target_compile_definitions(${target} PRIVATE ${LLVM_DEFINITIONS_LIST})
endfunction()

# hipdex_add_object_library(<target> <sources>...)
# Compiled once, linked both into the shared library that ships and into the tools.
function(hipdex_add_object_library target)
  add_library(${target} OBJECT ${ARGN})
  hipdex_configure_target(${target})
endfunction()

# hipdex_add_shared_library(<target> <sources>...)
# Exports only what is marked for export: LLVM's own symbols stay inside, so that a process may hold another LLVM
# (ROCm's comgr does, and two sets of cl::opt initializers abort before main).
function(hipdex_add_shared_library target)
  add_library(${target} SHARED ${ARGN})
  hipdex_configure_target(${target})
  # As needed: Debian's LLVMSupport names libz3, which we have no use for.
  target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL -Wl,--gc-sections
    -Wl,--as-needed -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/exports.map)
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/exports.map)
  if(NOT HIPDEX_SANITIZE) # The sanitizers' runtime is only in executables.
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
endfunction()

# hipdex_add_unit_test(<name> <sources>...)
# A Catch2 program under build/test/unit, run by test/run.sh through ctest with the label "unit". Its main is
# test/unit/Main.cpp.
function(hipdex_add_unit_test name)
  add_executable(${name} ${ARGN})
  hipdex_configure_target(${name})
  target_link_libraries(${name} PRIVATE hipdex-test-main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test/unit)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS unit)
endfunction()

separate_arguments(LLVM_DEFINITIONS_LIST UNIX_COMMAND "${LLVM_DEFINITIONS}")
