//===- Devices.cpp - hipdexc devices --------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Spec/Arch.h"
#include "reference/Device.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;
namespace cl = llvm::cl;

cl::SubCommand
    hipdex::devicesCommand("devices",
                           "List the devices of HIP and of the emulator, or "
                           "say why there are none");

llvm::Error hipdex::runDevices() {
  for (const char *provider : {"hip", "emulator"}) {
    llvm::outs() << provider << ":\n";
    for (int number = 0;; ++number) {
      auto device = Device::open(provider, number);
      if (!device) {
        // After the last device the reason is only that there is no other.
        if (number == 0)
          llvm::outs() << "  none: " << llvm::toString(device.takeError())
                       << "\n";
        else if (llvm::Error error = Device::unlessNoDevice(device.takeError()))
          llvm::outs() << "  " << number
                       << ": none: " << llvm::toString(std::move(error))
                       << "\n";
        break;
      }
      const hipdex_device_info &info = (*device)->info();
      llvm::outs() << "  " << number << ": " << info.name << ", " << info.arch
                   << ", " << info.compute_units << " compute units"
                   << (lookupArch(info.arch) ? "" : ", not supported") << " ("
                   << info.provider << ")\n";
    }
  }
  return llvm::Error::success();
}
