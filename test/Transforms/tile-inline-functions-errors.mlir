// RUN: hipdex-opt %s -tile-inline-functions -split-input-file -verify-diagnostics

gpu.module @no_definition {
  func.func private @elsewhere(i32) -> i32
  gpu.func @kernel(%x : i32) {
    // expected-error @below {{'func.call' op cannot be inlined: @elsewhere has no definition}}
    %r = func.call @elsewhere(%x) : (i32) -> i32
    gpu.return
  }
}

// -----

gpu.module @recursion {
  func.func private @itself(%x : i32) -> i32 {
    // expected-error @below {{'func.call' op cannot be inlined: @itself calls itself}}
    %r = func.call @itself(%x) : (i32) -> i32
    return %r : i32
  }
  gpu.func @kernel(%x : i32) {
    %r = func.call @itself(%x) : (i32) -> i32
    gpu.return
  }
}

// -----

gpu.module @mutual_recursion {
  func.func private @even(%x : i32) -> i32 {
    // expected-error @below {{'func.call' op cannot be inlined: @odd calls itself}}
    %r = func.call @odd(%x) : (i32) -> i32
    return %r : i32
  }
  func.func private @odd(%x : i32) -> i32 {
    %r = func.call @even(%x) : (i32) -> i32
    return %r : i32
  }
  gpu.func @kernel(%x : i32) {
    %r = func.call @odd(%x) : (i32) -> i32
    gpu.return
  }
}

// -----

gpu.module @blocks {
  func.func private @two(%x : i32) -> i32 {
    cf.br ^next
  ^next:
    return %x : i32
  }
  gpu.func @kernel(%x : i32) {
    // expected-error @below {{'func.call' op cannot be inlined: @two is not one block that returns}}
    %r = func.call @two(%x) : (i32) -> i32
    gpu.return
  }
}

// -----

gpu.module @no_return {
  func.func private @never(%x : i32) -> i32 {
    llvm.unreachable
  }
  gpu.func @kernel(%x : i32) -> i32 {
    // expected-error @below {{'func.call' op cannot be inlined: @never is not one block that returns}}
    %r = func.call @never(%x) : (i32) -> i32
    gpu.return %r : i32
  }
}
