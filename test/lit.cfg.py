# The lit suite: dialects, passes, conversions, generated code, tools.

import glob
import os

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "hipdex"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["unit", "numeric", "bench", "fuzz", "data", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = config.hipdex_exec_root
lit_config.maxIndividualTestTime = 600

# Nothing that a developer has set or cached may decide a test.
for name in list(config.environment):
    if name.startswith("HIPDEX_"):
        del config.environment[name]
config.environment["HIPDEX_CACHE_DIR"] = os.path.join(
    config.hipdex_exec_root, "lit-cache")

llvm_config.add_tool_substitutions(
    [
        "hipdex-opt",
        "hipdex-lsp-server",
        "hipdexc",
        "FileCheck",
        ToolSubst("not", extra_args=[]),
        ToolSubst("count", extra_args=[]),
        "split-file",
        "llvm-mc",
        "llvm-objdump",
        "llvm-readelf",
    ],
    [config.hipdex_tools_dir, config.llvm_tools_dir],
)
config.substitutions += [
    ("%templates", config.hipdex_templates_dir),
    ("%libs", config.hipdex_libs_dir),
    ("%clang", os.path.join(config.llvm_tools_dir, "clang")),
    ("%hiprtc_standin", os.path.join(config.hipdex_exec_root, "numeric",
                                     "libhipdex-clang-hiprtc.so")),
]

# Which HIP this machine has, and nothing to run it on: the tests hide Debian's
# where they need that there is none.
if not glob.glob("/opt/rocm/lib/libamdhip64.so*"):
    config.available_features.add("no-rocm")
    if (glob.glob("/usr/lib/x86_64-linux-gnu/libamdhip64.so.5")
            and not os.path.exists("/dev/kfd")):
        config.available_features.add("debian-hip")
