# stopped-build.py <bundle> <folder>: writes the journal of a build that made
# the bundle's first kernel and was killed while it noted the second.
import json
import sys

bundle, folder = sys.argv[1:]
manifest = json.load(open(bundle + "/manifest.json"))
for entry in manifest["entries"]:
    entry["arguments"] = manifest["argument_lists"][entry["arguments"]]
entries = [json.dumps(entry) for entry in manifest["entries"]]
with open(folder + "/journal", "w") as journal:
    journal.write("hipdex bundle journal 1 %s\n%s\n%s" %
                  (manifest["build_id"], entries[0], entries[1][:200]))
