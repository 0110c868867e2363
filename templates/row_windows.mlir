//===- row_windows.mlir - What rows with windows see ----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For kernels whose rows see columns [starts[m], ends[m]): which rows a wave has,
// from the least start to the greatest end of some rows, and the steps of 64
// columns in between.
//===----------------------------------------------------------------------===//

// The first row of this wave's %wave_queries rows, of %groups such, and which share of their steps it has. The last rows come first:
// of causal windows they are the longest.
func.func private @rows_of_wave(%groups : i32, %wave_queries : i32) -> (i32, i32) {
  %one = arith.constant 1 : i32
  %wave = tile.wave_id : i32
  %split = arith.divui %wave, %groups : i32
  %place = arith.remui %wave, %groups : i32
  %groups_left = arith.subi %groups, %place : i32
  %group = arith.subi %groups_left, %one : i32
  %row = arith.muli %group, %wave_queries : i32
  return %row, %split : i32, i32
}

// [low, high), and with row %row, if %counts, what that sees below %limit. Nothing at all is low = limit, high = 0.
func.func private @widen_window(%low : i32, %high : i32, %starts : !tile.global<i32>, %ends : !tile.global<i32>, %row : i32, %limit : i32, %counts : i1) -> (i32, i32) {
  %zero = arith.constant 0 : i32
  %given_start = tile.load %starts[%row] strides [1] : !tile.global<i32> -> i32
  %given_end = tile.load %ends[%row] strides [1] : !tile.global<i32> -> i32
  %start = arith.maxsi %given_start, %zero : i32
  %end = arith.minsi %given_end, %limit : i32
  %is_window = arith.cmpi slt, %start, %end : i32
  %sees_any = arith.andi %is_window, %counts : i1
  %low_of_row = arith.select %sees_any, %start, %limit : i32
  %high_of_row = arith.select %sees_any, %end, %zero : i32
  %next_low = arith.minsi %low, %low_of_row : i32
  %next_high = arith.maxsi %high, %high_of_row : i32
  return %next_low, %next_high : i32, i32
}

// The first step of [low, high), and how many there are.
func.func private @steps_of_window(%low : i32, %high : i32) -> (i32, i32) {
  %zero = arith.constant 0 : i32
  %round_up = arith.constant 63 : i32
  %log2_step = arith.constant 6 : i32
  %first = arith.shrui %low, %log2_step : i32
  %rounded = arith.addi %high, %round_up : i32
  %end = arith.shrui %rounded, %log2_step : i32
  %difference = arith.subi %end, %first : i32
  %count = arith.maxsi %difference, %zero : i32
  return %first, %count : i32, i32
}

// Step number %index of those that are not among the %count from %first on.
func.func private @step_outside(%index : i32, %first : i32, %count : i32) -> i32 {
  %is_before = arith.cmpi slt, %index, %first : i32
  %behind = arith.addi %index, %count : i32
  %step = arith.select %is_before, %index, %behind : i32
  return %step : i32
}
