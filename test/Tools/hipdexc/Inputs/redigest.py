# redigest.py BUNDLE FILE: makes the manifest agree to what is in FILE now.

import hashlib
import json
import os
import re
import sys

bundle, name = sys.argv[1:]
with open(os.path.join(bundle, name), "rb") as file:
    content = file.read()
path = os.path.join(bundle, "manifest.json")
with open(path) as file:
    text = file.read()
fields = '"file":"%s","sha256":"%s","bytes":%d,'
entry = fields.replace("%d,", "[0-9]+,") % (re.escape(name), "[0-9a-f]+")
text, count = re.subn(
    entry, fields % (name, hashlib.sha256(content).hexdigest(), len(content)),
    text)
assert count == 1, count
json.loads(text)
with open(path, "w") as file:
    file.write(text)
