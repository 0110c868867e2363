# change-kernel.py <bundle>: changes a byte of its one kernel, and the manifest
# with it.
import glob
import hashlib
import re
import sys

(kernel,) = glob.glob(sys.argv[1] + "/*.hsaco")
code = bytearray(open(kernel, "rb").read())
code[-1] ^= 1
open(kernel, "wb").write(code)
manifest = sys.argv[1] + "/manifest.json"
text = open(manifest).read()
text = re.sub('"sha256":"[0-9a-f]+"',
              '"sha256":"%s"' % hashlib.sha256(code).hexdigest(), text)
open(manifest, "w").write(text)
