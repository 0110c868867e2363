# hipdex_add_kernels(<target> KEYSET <file or name> ARCHS <arch>... [EMBED])
#
# Compiles a key set into a bundle when <target> is built, in the folder that <target>'s property HIPDEX_BUNDLE_DIRECTORY
# then names. No GPU is needed. Kernels that are there already are kept, so a longer key set costs its new keys only.
#
# A target may have several key sets; the property is then a list of folders.
#
# With EMBED the bundle becomes a part of <target> instead and registers itself with libhipdex.so, which <target> must
# link (hipdex::hipdex). The kernels of a static library go into what links it.
function(hipdex_add_kernels target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "EMBED" "KEYSET" "ARCHS")
  if(NOT TARGET ${target})
    message(FATAL_ERROR "hipdex_add_kernels: ${target} is not a target")
  endif()
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_KEYSET OR NOT arg_ARCHS)
    message(FATAL_ERROR
      "hipdex_add_kernels: must be hipdex_add_kernels(<target> KEYSET <file or name> ARCHS <arch>... [EMBED])")
  endif()
  if(NOT TARGET hipdex::hipdexc)
    message(FATAL_ERROR "hipdex_add_kernels: this installation of hipdex has no compiler (component compiler)")
  endif()

  # A file of that name, else one of the sets that hipdexc has.
  set(keyset ${arg_KEYSET})
  set(dependencies hipdex::hipdexc ${hipdex_LIBRARY_DIR}/libhipdex-compiler.so)
  get_filename_component(file ${keyset} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  if(EXISTS ${file})
    set(keyset ${file})
    list(APPEND dependencies ${file})
  endif()
  string(REPLACE ";" "," archs "${arg_ARCHS}")
  # The second set of a target has names of its own.
  get_target_property(count ${target} HIPDEX_KEY_SETS)
  if(NOT count)
    set(count 0)
  endif()
  math(EXPR count "${count} + 1")
  set_target_properties(${target} PROPERTIES HIPDEX_KEY_SETS ${count})
  set(name ${target}-kernels)
  set(bundle ${CMAKE_CURRENT_BINARY_DIR}/${target}.kernels)
  if(count GREATER 1)
    string(APPEND name -${count})
    string(APPEND bundle -${count})
  endif()
  add_custom_command(OUTPUT ${bundle}/manifest.json
    COMMAND hipdex::hipdexc bundle --keyset ${keyset} --arch ${archs} --resume -o ${bundle}
    DEPENDS ${dependencies}
    COMMENT "Compiling the kernels of ${target}"
    USES_TERMINAL VERBATIM)
  if(NOT arg_EMBED)
    add_custom_target(${name} DEPENDS ${bundle}/manifest.json)
    add_dependencies(${target} ${name})
    set_property(TARGET ${target} APPEND PROPERTY HIPDEX_BUNDLE_DIRECTORY ${bundle})
    return()
  endif()

  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  set(suffix cpp)
  if(C IN_LIST languages)
    set(suffix c)
  endif()
  string(MAKE_C_IDENTIFIER "hipdex_${name}" symbol)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.${suffix})
  add_custom_command(OUTPUT ${source}
    COMMAND hipdex::hipdexc bundle embed ${bundle} --symbol ${symbol} -o ${source}
    DEPENDS ${bundle}/manifest.json hipdex::hipdexc
    COMMENT "Embedding the kernels of ${target}"
    VERBATIM)
  # The compiler cannot see that the source includes the kernels' files.
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${bundle}/manifest.json)
  add_library(${name} OBJECT ${source})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON C_STANDARD 99 C_EXTENSIONS OFF)
  target_link_libraries(${name} PRIVATE hipdex::hipdex)
  # As an object and not as a library, from which a linker takes only what somebody refers to.
  get_target_property(type ${target} TYPE)
  set(scope PRIVATE)
  if(type STREQUAL "STATIC_LIBRARY")
    set(scope INTERFACE)
  endif()
  target_sources(${target} ${scope} $<TARGET_OBJECTS:${name}>)
endfunction()
