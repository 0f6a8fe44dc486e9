"""A FUSE file system whose files stop answering: `hanging_files.py MOUNT FILES`, where FILES is JSON, contents by name.

A line `hang` on its standard input makes whatever is asked of a file wait, and `answer` lets all of it go on. It
prints `mounted PID`, with the process that answers, and then each line that it has obeyed. At the end of its input, or
by SIGTERM, it ends, and unmounts.
"""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time

from fusepy import FUSE, FuseOSError, Operations

MOUNT, FILES = sys.argv[1], {"/" + name: text.encode() for name, text in json.loads(sys.argv[2]).items()}


class HangingFiles(Operations):
    def __init__(self):
        self.answers = threading.Event()
        self.answers.set()
        self.started = time.time() - 60

    def init(self, path):
        threading.Thread(target=self.obey, daemon=True).start()
        print("mounted", os.getpid(), flush=True)

    def obey(self):
        for line in sys.stdin:
            if line.strip() == "hang":
                self.answers.clear()
            else:
                self.answers.set()
            print(line.strip(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    def content(self, path):
        self.answers.wait()
        if path not in FILES:
            raise FuseOSError(errno.ENOENT)
        return FILES[path]

    def getattr(self, path, fh=None):
        times = {"st_atime": self.started, "st_mtime": self.started, "st_ctime": self.started}
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2, **times}
        return {"st_mode": stat.S_IFREG | 0o644, "st_nlink": 1, "st_size": len(self.content(path)), **times}

    def readdir(self, path, fh):
        self.answers.wait()
        return [".", "..", *(name[1:] for name in FILES)]

    def open(self, path, flags):
        self.content(path)
        return 0

    def read(self, path, size, offset, fh):
        return self.content(path)[offset : offset + size]

    def create(self, path, mode, fi=None):
        self.answers.wait()
        FILES[path] = b""
        return 0

    def write(self, path, data, offset, fh):
        content = self.content(path)
        FILES[path] = content[:offset] + data + content[offset + len(data) :]
        return len(data)

    def flush(self, path, fh):
        # the kernel waits for a flush at each close, even of a process that is killed, until it is told that there is none
        raise FuseOSError(errno.ENOSYS)


answering = os.fork()
if answering == 0:
    # nothing is cached, so that every question comes here
    FUSE(HangingFiles(), MOUNT, foreground=True, attr_timeout=0, entry_timeout=0, negative_timeout=0)
    sys.exit()
# its end is an error for all who wait for an answer
signal.signal(signal.SIGTERM, lambda *_: os.kill(answering, signal.SIGKILL))
_, status = os.waitpid(answering, 0)
subprocess.run(["umount", "--lazy", MOUNT], stderr=subprocess.DEVNULL, check=False)
sys.exit(os.waitstatus_to_exitcode(status) > 0)
