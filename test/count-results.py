#!/usr/bin/env python3
"""Prints "<passed> <failed>" for a result file of lit (JSON) or ctest (JUnit).

A Catch2 program counts as its test cases, which its last summary line gives.
Everything that neither passed nor was expected to fail counts as failed;
tests that say they cannot run here count as neither.
"""

import json
import re
import sys
import xml.etree.ElementTree as ET


def count_lit(path):
    with open(path) as file:
        codes = [test["code"] for test in json.load(file)["tests"]]
    passed = sum(code in ("PASS", "FLAKYPASS", "XFAIL") for code in codes)
    neutral = sum(code in ("UNSUPPORTED", "EXCLUDED") for code in codes)
    return passed, len(codes) - passed - neutral


def count_catch2(output):
    """The (passed, failed) test cases of a Catch2 v2 program, or None."""
    all_passed = re.findall(
        r"^All tests passed \(\d+ assertions? in (\d+) test cases?\)",
        output, re.MULTILINE)
    if all_passed:
        return int(all_passed[-1]), 0
    table = re.findall(r"^test cases:\s*(\d+)\s*\|(.*)$", output, re.MULTILINE)
    if table:
        match = re.search(r"(\d+) failed", table[-1][1])
        failed = int(match.group(1)) if match else 0
        return int(table[-1][0]) - failed, failed
    return None


def count_ctest(path):
    passed = failed = 0
    for test in ET.parse(path).getroot().iter("testcase"):
        ran_well = test.get("status") == "run"
        if test.get("status") == "disabled":
            continue
        cases = count_catch2(test.findtext("system-out") or "")
        if cases is None:
            cases = (1, 0) if ran_well else (0, 1)
        elif not ran_well and cases[1] == 0:
            cases = (cases[0], 1)  # It crashed after its summary.
        passed += cases[0]
        failed += cases[1]
    return passed, failed


path = sys.argv[1]
try:
    counts = count_lit(path) if path.endswith(".json") else count_ctest(path)
except (OSError, ValueError, KeyError, ET.ParseError) as error:
    sys.exit(f"count-results.py: cannot read {path}: {error}")
print(*counts)
