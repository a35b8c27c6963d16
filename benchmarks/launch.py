"""Run a command and print what it cost, from a process small enough not to count in its memory.

python -SE launch.py OUTPUT COMMAND...
"""

import os
import sys
import time

output, *command = sys.argv[1:]
target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
started = time.perf_counter()
child = os.posix_spawn(
    command[0],
    command,
    os.environ,
    file_actions=[(os.POSIX_SPAWN_DUP2, target, 1), (os.POSIX_SPAWN_DUP2, target, 2)],
)
_, status, used = os.wait4(child, 0)
wall = time.perf_counter() - started
cpu = used.ru_utime + used.ru_stime
print(os.waitstatus_to_exitcode(status), wall, cpu, used.ru_maxrss / 1024)
