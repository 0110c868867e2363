//===- Device.cpp - A device as tools and tests drive it ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Device.h"

#include "hipdex/hipdex-emulator.h"
#include "llvm/ADT/Twine.h"
#include <algorithm>

using namespace hipdex;

llvm::Error Device::lastError() {
  return llvm::createStringError(llvm::Twine(hipdex_last_message()));
}

std::string Device::emulatorDetail() const {
  auto *detail = function<decltype(hipdex_emulator_last_error)>(
      "hipdex_emulator_last_error");
  const char *text = detail ? detail() : "";
  return *text ? std::string(": ") + text : "";
}

llvm::Error Device::launchError() const {
  std::string message = hipdex_last_message();
  return llvm::createStringError(message + emulatorDetail());
}

llvm::Error Device::hipError(const char *call, int code) const {
  if (code == 0)
    return llvm::Error::success();
  return llvm::createStringError(llvm::Twine(call) + ": " +
                                 hipGetErrorString(code) + " (" +
                                 llvm::Twine(code) + ")" + emulatorDetail());
}

llvm::Expected<std::unique_ptr<Device>>
Device::open(llvm::StringRef provider, int number, const char *cacheDirectory) {
  std::string name = provider.str();
  hipdex_context_options options = {};
  options.struct_size = sizeof(options);
  options.provider = name.c_str();
  options.device = number;
  options.cache_dir = cacheDirectory;
  std::unique_ptr<Device> device(new Device);
  hipdex_status status = hipdex_context_create(&options, &device->handle);
  if (status == HIPDEX_ERROR_NO_DEVICE)
    return llvm::createStringError(std::errc::no_such_device,
                                   hipdex_last_message());
  if (status != HIPDEX_SUCCESS)
    return lastError();
  device->deviceInfo.struct_size = sizeof(hipdex_device_info);
  if (hipdex_get_device_info(device->handle, &device->deviceInfo) !=
      HIPDEX_SUCCESS)
    return lastError();
  device->emulated = provider == "emulator";

  std::string missing;
  auto get = [&](auto &pointer, const char *function) {
    pointer = device->function<
        std::remove_pointer_t<std::remove_reference_t<decltype(pointer)>>>(
        function);
    if (!pointer)
      missing = function;
  };
  get(device->hipMalloc, "hipMalloc");
  get(device->hipFree, "hipFree");
  get(device->hipMemcpy, "hipMemcpy");
  get(device->hipDeviceSynchronize, "hipDeviceSynchronize");
  get(device->hipSetDevice, "hipSetDevice");
  get(device->hipGetErrorString, "hipGetErrorString");
  if (!missing.empty())
    return llvm::createStringError(llvm::Twine(device->deviceInfo.provider) +
                                   " has no function " + missing);
  device->number = number;
  return device;
}

llvm::Error Device::unlessNoDevice(llvm::Error error) {
  return llvm::handleErrors(
      std::move(error),
      [](std::unique_ptr<llvm::StringError> text) -> llvm::Error {
        if (text->convertToErrorCode() == std::errc::no_such_device)
          return llvm::Error::success();
        return llvm::Error(std::move(text));
      });
}

llvm::Expected<std::unique_ptr<Device>>
Device::find(llvm::StringRef provider, llvm::StringRef arch,
             const char *cacheDirectory) {
  std::string found;
  for (int number = 0;; ++number) {
    auto device = open(provider, number, cacheDirectory);
    if (!device) {
      if (number == 0)
        return device.takeError();
      // The first number that no device has ends the search.
      if (llvm::Error error = unlessNoDevice(device.takeError()))
        return std::move(error);
      return llvm::createStringError("no device of " + provider + " is " +
                                     arch + ", found: " + found);
    }
    if (arch.empty() || arch == (*device)->deviceInfo.arch)
      return device;
    found +=
        (found.empty() ? "" : ", ") + std::string(device.get()->info().arch);
  }
}

llvm::Expected<std::unique_ptr<Device>>
Device::choose(llvm::StringRef choice, llvm::StringRef arch,
               const char *cacheDirectory) {
  if (choice != "auto")
    return find(choice, arch, cacheDirectory);
  auto hip = find("hip", arch, cacheDirectory);
  if (hip)
    return hip;
  std::string reason = llvm::toString(hip.takeError());
  auto emulator = find("emulator", arch, cacheDirectory);
  if (!emulator)
    return llvm::createStringError("no HIP device (" + reason +
                                   ") and no emulator (" +
                                   llvm::toString(emulator.takeError()) + ")");
  return emulator;
}

std::string Device::describe() const {
  std::string text = emulated ? "emulator: " : "hip: ";
  return text + deviceInfo.name + ", " + deviceInfo.arch + ", " +
         std::to_string(deviceInfo.compute_units) + " compute units";
}

Device::~Device() {
  if (handle)
    hipdex_context_destroy(handle);
}

llvm::Error Device::makeCurrent() const {
  return hipError("hipSetDevice", hipSetDevice(number));
}

llvm::Expected<void *> Device::allocate(uint64_t bytes) {
  if (llvm::Error error = makeCurrent())
    return std::move(error);
  void *memory = nullptr;
  // hipMalloc of 0 bytes gives null, which a launch refuses.
  if (llvm::Error error = hipError(
          "hipMalloc", hipMalloc(&memory, std::max<uint64_t>(bytes, 4))))
    return std::move(error);
  return memory;
}

void Device::release(void *memory) {
  if (memory)
    hipFree(memory);
}

llvm::Error Device::upload(void *to, const void *from, uint64_t bytes) {
  constexpr int hostToDevice = 1;
  if (bytes == 0)
    return llvm::Error::success();
  return hipError("hipMemcpy", hipMemcpy(to, from, bytes, hostToDevice));
}

llvm::Error Device::download(void *to, const void *from, uint64_t bytes) {
  constexpr int deviceToHost = 2;
  if (bytes == 0)
    return llvm::Error::success();
  return hipError("hipMemcpy", hipMemcpy(to, from, bytes, deviceToHost));
}

llvm::Error Device::synchronize() {
  if (llvm::Error error = makeCurrent())
    return error;
  return hipError("hipDeviceSynchronize", hipDeviceSynchronize());
}
