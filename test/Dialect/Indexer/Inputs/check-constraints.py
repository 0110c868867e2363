#!/usr/bin/env python3
"""Every numbered constraint of an operation is in its section of docs/ops.md,
and there is no other.

usage: check-constraints.py Indexer.td ops.md
"""

import re
import sys

with open(sys.argv[1]) as file:
    operations = re.split(r'^def \w+ : Indexer_Op<"(\w+)"', file.read(),
                          flags=re.MULTILINE)
with open(sys.argv[2]) as file:
    sections = re.split(r"^## (\w+)$", file.read(), flags=re.MULTILINE)
sections = dict(zip(sections[1::2], sections[2::2]))
failed = False
for name, text in zip(operations[1::2], operations[2::2]):
    wanted = re.findall(r"- (\(C\d+\))", text)
    found = re.findall(r"\(C\d+\)", sections.get(name, ""))
    print(f"{name}: {len(wanted)} constraints")
    if wanted != found:
        print(f"ops.md has {found}, Indexer.td {wanted}")
        failed = True
sys.exit(failed)
