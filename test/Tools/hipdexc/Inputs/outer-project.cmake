# A project that has a bundle of HIP source in it, -D KERNELS=FOLDER, and copies
# what it builds.
cmake_minimum_required(VERSION 3.21)
project(outer LANGUAGES NONE)
add_subdirectory(${KERNELS} hip)
get_target_property(bundle hipdex-hip-kernels HIPDEX_BUNDLE_DIRECTORY)
add_custom_target(copy ALL
  COMMAND ${CMAKE_COMMAND} -E copy_directory ${bundle} ${CMAKE_CURRENT_BINARY_DIR}/copy)
add_dependencies(copy hipdex-hip-kernels)
