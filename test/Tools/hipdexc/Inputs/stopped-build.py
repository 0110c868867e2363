# stopped-build.py <bundle> <folder>: writes the journal of a build that made
# the bundle's first kernel and was killed while it noted the second.
import re
import sys

bundle, folder = sys.argv[1:]
lines = open(bundle + "/manifest.json").read().split("\n")
build_id = re.search('"build_id":"([0-9a-f]+)"', lines[0]).group(1)
entries = [line.rstrip(",") for line in lines[2:4]]
with open(folder + "/journal", "w") as journal:
    journal.write("hipdex bundle journal 1 %s\n%s\n%s" %
                  (build_id, entries[0], entries[1][:200]))
