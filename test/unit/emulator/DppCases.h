//===- DppCases.h - The DPP controls that are tested ------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// X(name, dpp_ctrl, row_mask, bank_mask, bound_ctrl): read by the kernels and
// by the test.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_DPPCASES_H
#define HIPDEX_TEST_DPPCASES_H

#define HIPDEX_FOREACH_DPP(X)                                                  \
  X(quad_0123, 0xe4, 15, 15, 0)                                                \
  X(quad_3210, 0x1b, 15, 15, 0)                                                \
  X(quad_1032, 0xb1, 15, 15, 1)                                                \
  X(quad_0000, 0x00, 5, 15, 0)                                                 \
  X(row_shl_1, 0x101, 15, 15, 0)                                               \
  X(row_shl_5, 0x105, 15, 15, 1)                                               \
  X(row_shl_15, 0x10f, 15, 6, 0)                                               \
  X(row_shr_1, 0x111, 15, 15, 0)                                               \
  X(row_shr_4, 0x114, 15, 15, 1)                                               \
  X(row_shr_8, 0x118, 10, 15, 1)                                               \
  X(row_ror_1, 0x121, 15, 15, 0)                                               \
  X(row_ror_9, 0x129, 15, 9, 1)                                                \
  X(wave_shl_1, 0x130, 15, 15, 0)                                              \
  X(wave_rol_1, 0x134, 15, 15, 0)                                              \
  X(wave_shr_1, 0x138, 15, 15, 1)                                              \
  X(wave_ror_1, 0x13c, 15, 15, 0)                                              \
  X(row_mirror, 0x140, 15, 15, 0)                                              \
  X(row_half_mirror, 0x141, 15, 15, 0)                                         \
  X(row_bcast_15, 0x142, 10, 15, 0)                                            \
  X(row_bcast_31, 0x143, 12, 15, 0)                                            \
  X(row_newbcast_0, 0x150, 15, 15, 0)                                          \
  X(row_newbcast_7, 0x157, 3, 15, 0)

#endif // HIPDEX_TEST_DPPCASES_H
