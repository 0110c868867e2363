/*===- hipdex-emulator.h - More than HIP asks of the emulator -----*- C -*-===*\
|*                                                                            *|
|* Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.        *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* libhipdex-emulator.so exports HIP's C ABI, and the functions below. They   *|
|* are found by dlsym() like HIP's own; a library without them is not the     *|
|* emulator.                                                                  *|
|*                                                                            *|
|* Environment, read at the first call:                                       *|
|*   HIPDEX_EMULATOR_ARCH     the only device, "gfx942" or "gfx950"; unset,   *|
|*                            device 0 is a gfx942 and device 1 a gfx950      *|
|*   HIPDEX_EMULATOR_THREADS  host threads that run workgroups; unset or 0,   *|
|*                            one for each hardware thread                    *|
|*   HIPDEX_EMULATOR_ORDER    seed of a random order in which the workgroups  *|
|*                            of a launch are taken; unset or 0, by number    *|
|*                                                                            *|
|* Streams run in order and at once: a call returns when its work is done,    *|
|* and a launch that fails returns hipErrorLaunchFailure itself.              *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef HIPDEX_EMULATOR_H
#define HIPDEX_EMULATOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why the calling thread's last HIP call that failed did: for a launch the
   kernel, pc, instruction, lane and address. Empty if none did. Valid until the
   thread's next call that fails. */
const char *hipdex_emulator_last_error(void);

/* Counts over all launches that succeeded since the last reset. They do not
   depend on the number of threads. */
typedef struct hipdex_emulator_counters {
  size_t struct_size; /* sizeof(hipdex_emulator_counters), set by the caller */
  uint64_t launches;
  uint64_t workgroups;
  uint64_t waves;
  /* Wave instructions: one for all 64 lanes. */
  uint64_t instructions; /* the sum of the classes that follow */
  uint64_t valu;         /* vector ALU but MFMA */
  uint64_t mfma;
  uint64_t salu;
  uint64_t smem;       /* scalar loads */
  uint64_t vmem_load;  /* global, flat, scratch, buffer; atomics that return */
  uint64_t vmem_store; /* stores, and atomics that do not return */
  uint64_t lds;
  uint64_t wait;   /* s_waitcnt, s_barrier */
  uint64_t nop;    /* s_nop and other hints */
  uint64_t branch; /* branches, calls, s_endpgm */
  uint64_t other;
  uint64_t min_per_wave; /* 0 if no wave ran */
  uint64_t max_per_wave;
  /* Bytes that active lanes asked of vector memory instructions. */
  uint64_t bytes_loaded;
  uint64_t bytes_stored;
  uint64_t scalar_bytes_loaded;
  /* Loads from the watched range, by vector or scalar instructions. */
  uint64_t watched_bytes;
  uint64_t watched_waves; /* waves that loaded from it */
  /* Over those: instructions before the first such load. 0 if there is none. */
  uint64_t min_before_watched;
  uint64_t max_before_watched;
  /* 64-byte-aligned segments of global memory that the active lanes of a vector
     memory instruction touch, each once an instruction; in all, and by lanes
     that access the watched range. Atomics count as loads and as stores. */
  uint64_t segments_loaded;
  uint64_t segments_stored;
  uint64_t watched_segments_loaded;
  uint64_t watched_segments_stored;
} hipdex_emulator_counters;

/* Fills the first struct_size bytes; 0, or 1 if counters is null or
   struct_size is too small to hold itself. */
int hipdex_emulator_get_counters(hipdex_emulator_counters *counters);

/* Zeros the counts; the watched range stays. */
void hipdex_emulator_reset_counters(void);

/* Watches [begin, begin + bytes) in the launches that follow; 0
   bytes ends it. */
void hipdex_emulator_watch(const void *begin, uint64_t bytes);

/* What the environment says of threads and order, for the launches that follow.
   At most 4096 threads are used. */
void hipdex_emulator_schedule(unsigned threads, uint64_t order);

/* Guards the allocation that holds `pointer` until it is freed: a kernel that
   touches a byte of it that was not allowed since fails its launch, and
   hipdex_emulator_last_error() says which instruction did it, at which offset,
   in the allocation of that name. Guarding it again forbids all of it again.
   Copies by the host are free. 0, or 1 with the reason as the last error. */
int hipdex_emulator_guard(const void *pointer, const char *name);

#define HIPDEX_EMULATOR_READ 1u
#define HIPDEX_EMULATOR_WRITE 2u

typedef struct hipdex_emulator_range {
  uint64_t offset; /* bytes from a pointer */
  uint64_t bytes;
} hipdex_emulator_range;

/* Allows kernels to read or write (or both) ranges of the guarded allocation
   that holds `pointer`, from which they count, besides what is allowed already.
   0, or 1 with the reason as the last error; then an unknown number of them is
   allowed. */
int hipdex_emulator_allow(const void *pointer,
                          const hipdex_emulator_range *ranges, size_t count,
                          unsigned access);

/* How many allocations are live, and their bytes: what was not freed. */
uint64_t hipdex_emulator_live_allocations(uint64_t *bytes);

#ifdef __cplusplus
}
#endif

#endif /* HIPDEX_EMULATOR_H */
