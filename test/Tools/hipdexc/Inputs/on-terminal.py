# on-terminal.py <command>...: runs the command with a terminal as its standard
# error, and prints what the terminal got.
import os
import subprocess
import sys

terminal, end = os.openpty()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=end)
os.close(end)
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:  # EIO: nobody has the other end any more
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
sys.exit(child.wait())
