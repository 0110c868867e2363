# check-digests.py DIR COUNT: every entry of a bundle's manifest has the size
# and the SHA-256 of its file, and there are COUNT of them.

import hashlib
import json
import os
import sys

directory, count = sys.argv[1], int(sys.argv[2])
with open(os.path.join(directory, "manifest.json")) as file:
    entries = json.load(file)["entries"]
assert len(entries) == count, len(entries)
for entry in entries:
    with open(os.path.join(directory, entry["file"]), "rb") as file:
        content = file.read()
    assert len(content) == entry["bytes"], entry["file"]
    assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["file"]
