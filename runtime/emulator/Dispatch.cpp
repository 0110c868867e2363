//===- Dispatch.cpp - Runs a grid of workgroups ---------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/Dispatch.h"
#include "Spec/Arch.h"
#include "emulator/Wave.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

using namespace hipdex;
using namespace hipdex::emulator;
using namespace llvm::amdhsa;
using llvm::createStringError;
using llvm::Twine;

namespace {

/// hsa_kernel_dispatch_packet_t, which __builtin_amdgcn_dispatch_ptr() reads.
struct DispatchPacket {
  uint16_t header, setup;
  uint16_t workgroupSize[3];
  uint16_t reserved0;
  uint32_t gridSize[3];
  uint32_t privateSegmentSize, groupSegmentSize;
  uint64_t kernelObject, kernargAddress, reserved1, completionSignal;
};
static_assert(sizeof(DispatchPacket) == 64, "fixed by HSA");

/// Waves take turns after this many instructions, so that one may wait for
/// another of its workgroup.
constexpr unsigned timeSlice = 1 << 16;

/// Stack of a kernel whose need is not known: calls through pointers.
constexpr uint32_t dynamicStackBytes = 16384;

struct Launch {
  LaunchContext context;
  const LaunchConfig *config;
  FloatMode mode;
  bool ocpFp8;
  unsigned vgprs, agprs; ///< Of a lane.
  uint32_t rsrc2;
  uint32_t properties;
  unsigned preloadLength, preloadOffset;
  uint64_t entry;
  uint64_t kernargAddress, packetAddress;
  uint32_t ldsBytes;
  uint32_t threads; ///< Work-items of a workgroup.
  uint64_t workgroups;
};

uint32_t field(uint32_t word, unsigned shift, unsigned width) {
  return word >> shift & ((1u << width) - 1);
}

/// The code behind a kernel whose arguments are preloaded starts with 256
/// bytes for firmware that cannot, which others skip.
constexpr unsigned preloadPrologueBytes = 256;

/// A permutation of the workgroups that a grid of any size has room for: a
/// Feistel network on the smallest even number of bits that holds their
/// numbers, walked until it hits one.
class Order {
public:
  Order(uint64_t seed, uint64_t count)
      : seed(seed), count(count),
        halfBits((llvm::Log2_64_Ceil(count) + 1) / 2) {}

  uint64_t operator[](uint64_t index) const {
    if (!seed)
      return index;
    do
      index = shuffle(index);
    while (index >= count);
    return index;
  }

private:
  uint64_t seed, count;
  unsigned halfBits;

  uint64_t shuffle(uint64_t index) const {
    uint64_t mask = (uint64_t(1) << halfBits) - 1;
    uint64_t left = index >> halfBits, right = index & mask;
    for (uint64_t round = 0; round < 4; ++round) {
      uint64_t mixed = hash(hash(seed ^ round) ^ right) & mask;
      left = std::exchange(right, left ^ mixed);
    }
    return left << halfBits | right;
  }
  /// SplitMix64's (Steele, Lea, Flood 2014).
  static uint64_t hash(uint64_t z) {
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
};

class Worker {
public:
  Worker(const Launch &launch) : launch(launch) {}

  Counters counters;

  /// Runs one workgroup; an empty string is success.
  std::string run(uint64_t number);

private:
  const Launch &launch;
  Workgroup group;
  std::vector<std::unique_ptr<Wave>> waves;

  void setUp(Wave &wave, unsigned index);
  void step(Wave &wave);
  void count(const Wave &wave);
};

void Worker::setUp(Wave &wave, unsigned index) {
  const LaunchConfig &config = *launch.config;
  std::memset(wave.v, 0, sizeof(wave.v));
  std::memset(wave.s, 0, sizeof(wave.s));
  std::memset(wave.counts, 0, sizeof(wave.counts));
  const CodeObject &object = *launch.context.object;
  wave.codeBegin = object.codeBegin();
  wave.codeEnd = object.codeEnd();
  wave.code = object.instructionAt(wave.codeBegin);
  wave.pc = wave.thisPc = launch.entry;
  wave.state = Wave::State::Ready;
  wave.mode = launch.mode;
  wave.vgprs = launch.vgprs;
  wave.agprs = launch.agprs;
  wave.indexing = false;
  wave.ocpFp8 = launch.ocpFp8;
  wave.launch = &launch.context;
  wave.group = &group;
  wave.index = index;
  wave.scratch.assign(size_t(launch.context.privateBytes) * waveSize, 0);
  wave.cached = DeviceMemory::Range();
  wave.executed = 0;
  wave.bytesLoaded = wave.bytesStored = wave.scalarBytesLoaded = 0;
  wave.segments = wave.watchedSegments = Segments();
  wave.watchedBytes = wave.beforeWatched = 0;
  wave.touchedWatched = false;
  wave.error.clear();

  // Lanes: work-items in x, y, z order; the last wave may be partial.
  unsigned first = index * waveSize;
  unsigned active = std::min<unsigned>(waveSize, launch.threads - first);
  wave.write64(sreg::exec,
               active == waveSize ? allLanes : (uint64_t(1) << active) - 1);
  unsigned idWords = field(launch.rsrc2, 11, 2);
  for (unsigned lane = 0; lane < active; ++lane) {
    unsigned item = first + lane;
    uint32_t x = item % config.block[0];
    uint32_t y = item / config.block[0] % config.block[1];
    uint32_t z = item / config.block[0] / config.block[1];
    wave.v[0][lane] =
        x | (idWords > 0 ? y << 10 : 0) | (idWords > 1 ? z << 20 : 0);
  }

  // User registers in the order of the ABI, then the system's.
  unsigned next = 0;
  auto put64 = [&](uint64_t value) {
    wave.write64(next, value);
    next += 2;
  };
  uint32_t properties = launch.properties;
  if (properties & 1) { // Private segment buffer: not with flat scratch.
    put64(0);
    put64(0);
  }
  if (properties & 2)
    put64(launch.packetAddress);
  if (properties & 4) // Queue.
    put64(0);
  if (properties & 8)
    put64(launch.kernargAddress);
  if (properties & 16) // Dispatch id.
    put64(0);
  if (properties & 32) // Flat scratch.
    put64(0);
  if (properties & 64)
    wave.s[next++] = launch.context.privateBytes;
  std::memcpy(&wave.s[next],
              reinterpret_cast<const uint8_t *>(launch.kernargAddress) +
                  4 * launch.preloadOffset,
              4 * launch.preloadLength);
  // As many as the descriptor counts, used or not.
  next = std::max(next + launch.preloadLength, field(launch.rsrc2, 1, 5));
  for (unsigned i = 0; i < 3; ++i)
    if (launch.rsrc2 >> (7 + i) & 1)
      wave.s[next++] = group.id[i];
  if (launch.rsrc2 >> 10 & 1) // Workgroup info.
    wave.s[next++] = 0;
}

void Worker::step(Wave &wave) {
  for (unsigned left = timeSlice; left; --left) {
    uint64_t offset = wave.pc - wave.codeBegin;
    if (offset >= wave.codeEnd - wave.codeBegin || offset % 4) {
      wave.fail("jump to 0x" + llvm::utohexstr(wave.pc, /*LowerCase=*/true) +
                ", which is not in the code");
      return;
    }
    const Instruction &instruction = wave.code[offset / 4];
    wave.thisPc = wave.pc;
    if (instruction.vgprs > wave.vgprs || instruction.agprs > wave.agprs) {
      wave.fail("bad descriptor: it allocates " + Twine(wave.vgprs) +
                " VGPRs and " + Twine(wave.agprs) + " AGPRs, and this needs " +
                Twine(instruction.vgprs) + " and " + Twine(instruction.agprs));
      return;
    }
    wave.pc += 4 * instruction.dwords;
    ++wave.counts[unsigned(instruction.kind)];
    ++wave.executed;
    instruction.run(wave, instruction);
    if (wave.state != Wave::State::Ready)
      return;
  }
}

void Worker::count(const Wave &wave) {
  ++counters.waves;
  for (unsigned i = 0; i < numInstClasses; ++i)
    counters.instructions[i] += wave.counts[i];
  counters.minPerWave = std::min(counters.minPerWave, wave.executed);
  counters.maxPerWave = std::max(counters.maxPerWave, wave.executed);
  counters.bytesLoaded += wave.bytesLoaded;
  counters.bytesStored += wave.bytesStored;
  counters.scalarBytesLoaded += wave.scalarBytesLoaded;
  counters.segments += wave.segments;
  counters.watchedSegments += wave.watchedSegments;
  counters.watchedBytes += wave.watchedBytes;
  if (!wave.touchedWatched)
    return;
  ++counters.watchedWaves;
  counters.minBeforeWatched =
      std::min(counters.minBeforeWatched, wave.beforeWatched);
  counters.maxBeforeWatched =
      std::max(counters.maxBeforeWatched, wave.beforeWatched);
}

std::string Worker::run(uint64_t number) {
  const LaunchConfig &config = *launch.config;
  group.id[0] = uint32_t(number % config.grid[0]);
  group.id[1] = uint32_t(number / config.grid[0] % config.grid[1]);
  group.id[2] = uint32_t(number / config.grid[0] / config.grid[1]);
  // No zeros: hardware leaves there what was there, and a kernel that counts on
  // zeros would work here only.
  group.lds.assign(launch.ldsBytes, 0xa5);
  unsigned count = unsigned(llvm::divideCeil(launch.threads, waveSize));
  while (waves.size() < count)
    waves.push_back(std::make_unique<Wave>());
  for (unsigned i = 0; i < count; ++i)
    setUp(*waves[i], i);
  ++counters.workgroups;
  for (;;) {
    unsigned ended = 0, waiting = 0;
    for (unsigned i = 0; i < count; ++i) {
      Wave &wave = *waves[i];
      if (wave.state == Wave::State::Ready)
        step(wave);
      if (wave.state == Wave::State::Failed)
        return std::move(wave.error);
      ended += wave.state == Wave::State::Ended;
      waiting += wave.state == Wave::State::AtBarrier;
    }
    if (ended == count)
      break;
    // A wave that has ended counts as having arrived.
    if (ended + waiting == count)
      for (unsigned i = 0; i < count; ++i)
        if (waves[i]->state == Wave::State::AtBarrier)
          waves[i]->state = Wave::State::Ready;
  }
  for (unsigned i = 0; i < count; ++i)
    this->count(*waves[i]);
  return "";
}

/// Checks descriptor and launch against each other and the machine.
llvm::Error prepare(Launch &launch, const CodeObject &object,
                    const Kernel &kernel, const LaunchConfig &config) {
  const Arch *arch = lookupArch(object.arch());
  const kernel_descriptor_t &kd = kernel.descriptor;
  auto bad = [&](const Twine &what) {
    return createStringError("kernel " + kernel.name + ": " + what);
  };
  if (!arch)
    return bad("no architecture " + object.arch());
  for (uint8_t byte : kd.reserved0)
    if (byte)
      return bad("bad descriptor: reserved bytes are not 0");
  for (uint8_t byte : kd.reserved1)
    if (byte)
      return bad("bad descriptor: reserved bytes are not 0");
  if (!object.instructionAt(kernel.entry))
    return bad("bad descriptor: its code would start at offset " +
               Twine(kd.kernel_code_entry_byte_offset) +
               " from it, which is not in the code");

  uint32_t rsrc1 = kd.compute_pgm_rsrc1, rsrc3 = kd.compute_pgm_rsrc3;
  launch.rsrc2 = kd.compute_pgm_rsrc2;
  launch.properties = kd.kernel_code_properties;
  if (launch.properties & KERNEL_CODE_PROPERTY_ENABLE_WAVEFRONT_SIZE32)
    return bad("bad descriptor: waves of 32 lanes; " + arch->name + " has 64");
  uint32_t registers = (field(rsrc1, 0, 6) + 1) * 8;
  uint32_t firstAccumulator = (field(rsrc3, 0, 6) + 1) * 4;
  if (registers > arch->vgprsPerSimdLane || registers > numVectorRegisters)
    return bad("bad descriptor: " + Twine(registers) +
               " vector registers; a lane has 512");
  if (firstAccumulator > 256)
    return bad("bad descriptor: accumulation registers start at " +
               Twine(firstAccumulator) + "; at most 256 is possible");
  launch.vgprs = std::min(registers, firstAccumulator);
  launch.agprs = std::min(registers - launch.vgprs, 256u);
  if (field(rsrc1, 12, 4))
    return bad("rounding mode " + Twine(field(rsrc1, 12, 4)) +
               " in the descriptor: only round to nearest even (0) is "
               "implemented");
  launch.mode.denormals = uint8_t(field(rsrc1, 16, 4));
  launch.mode.dx10Clamp = field(rsrc1, 21, 1);
  launch.mode.ieee = field(rsrc1, 23, 1);
  if (field(rsrc1, 26, 1))
    return bad("FP16_OVFL in the descriptor is not implemented");
  launch.ocpFp8 = arch->fp8 == Fp8Format::E4M3FN;

  static const unsigned words[] = {4, 2, 2, 2, 2, 2, 1};
  unsigned userRegisters = 0;
  for (unsigned i = 0; i < 7; ++i)
    if (launch.properties >> i & 1)
      userRegisters += words[i];
  launch.preloadLength = field(kd.kernarg_preload, 0, 7);
  launch.preloadOffset = field(kd.kernarg_preload, 7, 9);
  userRegisters += launch.preloadLength;
  if (userRegisters > 16 || userRegisters > field(launch.rsrc2, 1, 5))
    return bad("bad descriptor: " + Twine(userRegisters) +
               " user registers are enabled, " +
               Twine(field(launch.rsrc2, 1, 5)) + " are counted, 16 exist");
  launch.entry = kernel.entry;
  if (launch.preloadLength)
    launch.entry += preloadPrologueBytes;
  if (!object.instructionAt(launch.entry))
    return bad("bad descriptor: preloaded arguments, but no code behind the "
               "first 256 bytes");

  uint64_t threads = 1, workgroups = 1;
  for (unsigned i = 0; i < 3; ++i) {
    if (!config.block[i] || config.block[i] > 1024)
      return bad("block size " + Twine(config.block[i]) +
                 " is not in 1 to 1024");
    if (!config.grid[i])
      return bad("grid size 0");
    threads *= config.block[i];
    if (workgroups > UINT64_MAX / 2 / config.grid[i])
      return bad("the grid has too many workgroups");
    workgroups *= config.grid[i];
  }
  if (threads > 1024)
    return bad("a workgroup of " + Twine(threads) +
               " work-items; at most 1024 are possible");
  launch.threads = uint32_t(threads);
  launch.workgroups = workgroups;
  uint64_t lds = uint64_t(kd.group_segment_fixed_size) + config.dynamicLds;
  if (lds > arch->ldsBytes)
    return bad(Twine(lds) + " bytes of LDS; a workgroup on " + arch->name +
               " has at most " + Twine(arch->ldsBytes));
  launch.ldsBytes = uint32_t(lds);
  if (config.kernarg.size() < kd.kernarg_size)
    return bad("its arguments take " + Twine(kd.kernarg_size) + " bytes, but " +
               Twine(config.kernarg.size()) + " were given");
  uint64_t preloadEnd = 4ull * (launch.preloadOffset + launch.preloadLength);
  if (launch.preloadLength && preloadEnd > llvm::alignTo(kd.kernarg_size, 64))
    return bad("bad descriptor: it preloads arguments beyond the last one");

  uint32_t privateBytes = kd.private_segment_fixed_size;
  if (launch.properties & KERNEL_CODE_PROPERTY_USES_DYNAMIC_STACK)
    privateBytes += dynamicStackBytes;
  // What the hardware can address for a lane (LLVM's "private segment").
  if (privateBytes > (1u << 18))
    return bad("bad descriptor: " + Twine(privateBytes) +
               " bytes of scratch a lane; at most 262144 are possible");
  launch.context.privateBytes = uint32_t(llvm::alignTo(privateBytes, 16));
  return llvm::Error::success();
}

} // namespace

llvm::Error emulator::dispatch(const CodeObject &object, const Kernel &kernel,
                               const LaunchConfig &config,
                               const DeviceMemory &memory,
                               const Schedule &schedule, Counters &counters) {
  Launch launch;
  launch.config = &config;
  launch.context.object = &object;
  launch.context.kernel = &kernel;
  launch.context.memory = &memory;
  launch.context.watchBegin = counters.watchBegin;
  launch.context.watchEnd = counters.watchEnd;
  if (llvm::Error error = prepare(launch, object, kernel, config))
    return error;

  // Arguments in whole cache lines, as ROCm allocates them: compilers load a
  // word for a byte. 64-byte alignment is what HSA asks for.
  struct alignas(64) Line {
    uint8_t bytes[64];
  };
  std::vector<Line> arguments(config.kernarg.size() / 64 + 1);
  std::memcpy(arguments.data(), config.kernarg.data(), config.kernarg.size());
  launch.kernargAddress = reinterpret_cast<uint64_t>(arguments.data());
  DispatchPacket packet = {};
  packet.setup = 3;
  for (unsigned i = 0; i < 3; ++i) {
    packet.workgroupSize[i] = uint16_t(config.block[i]);
    packet.gridSize[i] = config.block[i] * config.grid[i];
  }
  packet.privateSegmentSize = launch.context.privateBytes;
  packet.groupSegmentSize = launch.ldsBytes;
  packet.kernargAddress = launch.kernargAddress;
  launch.packetAddress = reinterpret_cast<uint64_t>(&packet);
  auto own = [&](uint64_t begin, uint64_t bytes) {
    DeviceMemory::Range range;
    range.begin = begin;
    range.end = begin + bytes;
    launch.context.ownRanges.push_back(range);
  };
  own(launch.kernargAddress, arguments.size() * sizeof(Line));
  own(launch.packetAddress, sizeof(packet));

  unsigned threads = schedule.threads;
  if (!threads)
    threads = std::max(1u, std::thread::hardware_concurrency());
  threads = unsigned(std::min<uint64_t>(threads, launch.workgroups));

  // When a workgroup fails, those before it in the order still run to their
  // end: the error of the first is what every run in that order reports.
  Order order(schedule.order, launch.workgroups);
  std::atomic<uint64_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  uint64_t failedIndex = UINT64_MAX;
  std::string failure;
  Counters sum;
  auto work = [&] {
    Worker worker(launch);
    while (!stop.load(std::memory_order_relaxed)) {
      uint64_t index = next.fetch_add(1, std::memory_order_relaxed);
      if (index >= launch.workgroups)
        break;
      std::string error = worker.run(order[index]);
      if (error.empty())
        continue;
      stop = true;
      std::lock_guard<std::mutex> lock(mutex);
      if (index < failedIndex) {
        failedIndex = index;
        failure = std::move(error);
      }
    }
    std::lock_guard<std::mutex> lock(mutex);
    sum.merge(worker.counters);
  };
  std::vector<std::thread> pool;
  for (unsigned i = 1; i < threads; ++i)
    pool.emplace_back(work);
  work();
  for (std::thread &thread : pool)
    thread.join();
  if (failedIndex != UINT64_MAX)
    return createStringError(failure);
  counters.merge(sum);
  return llvm::Error::success();
}
