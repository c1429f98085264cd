"""strace puts errors and delays into the system calls of a running program, and takes its hands off again."""
import os
import shutil
import signal
import subprocess

import pytest

from estate import wait_until


class Injection:
    """`how` as strace has it: error=EIO:when=1, delay_exit=100000 (µs). Counted in each thread."""

    def __init__(self, process, calls, how):
        if not shutil.which("strace"):
            pytest.skip("strace is not installed")
        self._pid = process.pid
        command = ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(self._pid), "-e", f"trace={calls}", "-e", f"inject={calls}:{how}"]
        self._strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            wait_until(self._attached, 10, "strace is attached")
        except BaseException:
            self.end()
            raise

    def _attached(self):
        if self._strace.poll() is not None:
            pytest.skip(f"strace may not look into a process here: {self._strace.stderr.read().strip()}")
        return all(self._traced(thread) for thread in os.listdir(f"/proc/{self._pid}/task"))

    @staticmethod
    def _traced(thread):
        try:
            with open(f"/proc/{thread}/status", encoding="ascii", errors="replace") as status:
                return not any(line == "TracerPid:\t0\n" for line in status)
        except FileNotFoundError:  # it has ended meanwhile
            return True

    def end(self):
        if self._strace.poll() is None:
            self._strace.send_signal(signal.SIGINT)
            self._strace.wait(20)
        self._strace.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
