//===- HipBuildFile.cpp - CMakeLists.txt of a folder of HIP C++ -----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See HipBuildFile.h. Custom commands and not CMake's language HIP, which wants
// a whole ROCm at configuration and makes host objects with the code inside.
//
//===----------------------------------------------------------------------===//

#include "HipBuildFile.h"

#include "Spec/HipSource.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;

// Before the kernels. The file is its own script (cmake -P), for which a kernel
// is an entry of the manifest and not a command.
static constexpr llvm::StringLiteral head =
    R"cmake(# Made by hipdexc bundle --format=hip.
#
# Builds the kernels of this folder into a bundle, the folder "kernels" of the
# build, for HIPDEX_BUNDLE_PATH:
#
#   cmake -S . -B BUILD -DHIP_CLANG=/opt/rocm/llvm/bin/clang
#   cmake --build BUILD
cmake_minimum_required(VERSION 3.21)

if(CMAKE_SCRIPT_MODE_FILE)
  # With -D KERNELS=FOLDER: the manifest of what was compiled into FOLDER.
  file(READ ${CMAKE_CURRENT_LIST_DIR}/manifest.json manifest)
  string(REPLACE [["format":"hipdex HIP source"]] [["format":"hipdex bundle"]]
    manifest "${manifest}")
  function(hip_kernel key arch code_object_version)
    file(SHA256 ${KERNELS}/${key}.hsaco digest)
    file(SIZE ${KERNELS}/${key}.hsaco bytes)
    string(REPLACE "." "\\." pattern ${key})
    string(REGEX REPLACE
      "\"file\":\"${pattern}\\.hip\",\"sha256\":\"[0-9a-f]+\",\"bytes\":[0-9]+"
      "\"file\":\"${key}.hsaco\",\"sha256\":\"${digest}\",\"bytes\":${bytes}"
      finished "${manifest}")
    if(finished STREQUAL manifest)
      message(FATAL_ERROR
        "${CMAKE_CURRENT_LIST_DIR}/manifest.json has no ${key}.hip")
    endif()
    set(manifest "${finished}" PARENT_SCOPE)
  endfunction()
else()
  project(hipdex-hip-kernels LANGUAGES NONE)

  # ROCm's clang, its hipcc, or another that compiles HIP.
  set(HIP_CLANG "$ENV{HIP_CLANG}" CACHE STRING "What compiles HIP C++")
  set(name amdclang++)
  if(NOT HIP_CLANG STREQUAL "")
    set(name ${HIP_CLANG})
  endif()
  find_program(hip_clang NAMES ${name} HINTS $ENV{ROCM_PATH}/bin /opt/rocm/bin
    NO_CACHE)
  if(NOT hip_clang)
    message(FATAL_ERROR
      "no HIP compiler ${name}: name one with -DHIP_CLANG=PATH")
  endif()

  set(kernels ${CMAKE_CURRENT_BINARY_DIR}/kernels)
  file(MAKE_DIRECTORY ${kernels})
  set(code_objects)
  function(hip_kernel key arch code_object_version)
    add_custom_command(OUTPUT ${kernels}/${key}.hsaco
      COMMAND ${hip_clang} -x hip --offload-arch=${arch} --cuda-device-only
        --no-gpu-bundle-output -nogpuinc -nogpulib ${hip_flags}
        -mcode-object-version=${code_object_version}
        -o ${kernels}/${key}.hsaco ${CMAKE_CURRENT_SOURCE_DIR}/${key}.hip
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${key}.hip ${hip_clang}
      COMMENT "Compiling ${key}"
      VERBATIM)
    set(code_objects ${code_objects} ${kernels}/${key}.hsaco PARENT_SCOPE)
  endfunction()
endif()

)cmake";

// After them. The name appears when the file is whole, and vouches for the
// others by their digests.
static constexpr llvm::StringLiteral tail = R"cmake(
if(CMAKE_SCRIPT_MODE_FILE)
  file(WRITE ${KERNELS}/manifest.json.partial "${manifest}")
  file(RENAME ${KERNELS}/manifest.json.partial ${KERNELS}/manifest.json)
  return()
endif()
add_custom_command(OUTPUT ${kernels}/manifest.json
  COMMAND ${CMAKE_COMMAND} -D KERNELS=${kernels} -P ${CMAKE_CURRENT_LIST_FILE}
  DEPENDS ${code_objects} ${CMAKE_CURRENT_SOURCE_DIR}/manifest.json
    ${CMAKE_CURRENT_LIST_FILE}
  COMMENT "Finishing the manifest"
  VERBATIM)
add_custom_target(hipdex-hip-kernels ALL DEPENDS ${kernels}/manifest.json)
set_target_properties(hipdex-hip-kernels PROPERTIES
  HIPDEX_BUNDLE_DIRECTORY ${kernels})
)cmake";

std::string hipdex::hipBuildFile(llvm::ArrayRef<BundleEntry> entries) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << head << "set(hip_flags";
  for (llvm::StringRef flag : hipSourceFlags)
    os << " " << flag;
  os << ")\n";
  for (const BundleEntry &entry : entries)
    os << "hip_kernel(" << entry.key << " " << entry.metadata.arch << " "
       << entry.metadata.codeObjectVersion << ")\n";
  os << tail;
  return text;
}
