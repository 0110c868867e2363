# hold-lock.py <file> <command>...: runs the command while another process holds
# the file's lock.
import fcntl
import subprocess
import sys

with open(sys.argv[1], "a") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    sys.exit(subprocess.run(sys.argv[2:]).returncode)
