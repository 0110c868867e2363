# hipdex_link_static_mlir(<target>)
# Links MLIR, LLVM's AMDGPU backend and lld from their static archives. Debian's CMake targets of MLIR's archives name the
# shared libLLVM.so as a dependency, beside which static LLVM archives must never stand in one library; so the archives
# that MLIR's targets lead to are collected here, and LLVM's are named by component.
function(hipdex_link_static_mlir target)
  set(todo MLIRAMDGPUToROCDL MLIRArithDialect MLIRArithToLLVM MLIRBuiltinToLLVMIRTranslation MLIRControlFlowToLLVM
    MLIRFuncInlinerExtension MLIRFuncToLLVM MLIRGPUDialect MLIRGPUToLLVMIRTranslation MLIRGPUToROCDLTransforms
    MLIRLLVMDialect MLIRLLVMToLLVMIRTranslation MLIRMathToLLVM MLIRParser MLIRPass MLIRReconcileUnrealizedCasts
    MLIRROCDLDialect MLIRROCDLToLLVMIRTranslation MLIRSCFDialect MLIRSCFToControlFlow MLIRSCFTransforms
    MLIRTargetLLVMIRExport MLIRTensorDialect MLIRTransforms MLIRVectorToLLVM MLIRVectorToLLVMPass)
  set(archives)
  set(seen)
  while(todo)
    list(POP_FRONT todo library)
    if(library IN_LIST seen OR NOT TARGET ${library})
      continue()
    endif()
    list(APPEND seen ${library})
    get_target_property(type ${library} TYPE)
    if(NOT type STREQUAL "STATIC_LIBRARY")
      continue()
    endif()
    list(APPEND archives $<TARGET_FILE:${library}>)
    get_target_property(dependencies ${library} INTERFACE_LINK_LIBRARIES)
    if(dependencies)
      string(REGEX REPLACE "\\$<LINK_ONLY:([^>]*)>" "\\1" dependencies "${dependencies}")
      list(FILTER dependencies INCLUDE REGEX "^MLIR")
      list(APPEND todo ${dependencies})
    endif()
  endwhile()
  llvm_map_components_to_libnames(llvm_archives AMDGPUAsmParser AMDGPUCodeGen AMDGPUDesc AMDGPUDisassembler AMDGPUInfo
    AMDGPUUtils Core Passes Support Target TargetParser BitReader BitWriter IRReader LTO Option DebugInfoDWARF
    WindowsManifest FrontendOpenMP ExecutionEngine)
  target_link_libraries(${target} PRIVATE -Wl,--start-group ${archives} -Wl,--end-group lldELF lldCommon
    ${llvm_archives})
endfunction()
