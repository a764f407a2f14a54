"""A FUSE filesystem whose files keep everybody waiting who looks for them, until it is ended."""

import ctypes
import os
import pathlib
import struct
import subprocess
import threading

INIT, GETATTR, STATFS, LOOKUP = 26, 3, 17, 1  # <linux/fuse.h>
DIRECTORY = 0o40755


def usable():
    return os.access("/dev/fuse", os.R_OK | os.W_OK)


class SlowFiles:
    def __init__(self, place):
        self.place = pathlib.Path(place)
        self.place.mkdir()
        self.asked = threading.Event()  # somebody waits
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        libc = ctypes.CDLL(None, use_errno=True)
        options = f"fd={self.device},rootmode=40000,user_id=0,group_id=0,allow_other"
        if libc.mount(b"slow", bytes(self.place), b"fuse", 0, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), "mount a FUSE filesystem")
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                request = os.read(self.device, 1 << 17)
            except OSError:
                return  # unmounted
            if len(request) < 40:
                return
            call, number = struct.unpack_from("<IQ", request, 4)
            if call == LOOKUP:
                self.asked.set()  # and no answer
            elif answer := self.answer(call):
                os.write(self.device, struct.pack("<IiQ", 16 + len(answer), 0, number) + answer)
            else:
                os.write(self.device, struct.pack("<IiQ", 16, -38, number))

    @staticmethod
    def answer(call):
        if call == INIT:
            return struct.pack("<IIIIHHIIHHI7I", 7, 31, 0, 0, 12, 12, 1 << 16, 1, 32, 0, 0, *[0] * 7)
        if call == GETATTR:
            times = [0] * 3
            return struct.pack("<QII", 60, 0, 0) + struct.pack(
                "<QQQQQQIIIIIIIIII", 1, 0, 0, *times, 0, 0, 0, DIRECTORY, 2, 0, 0, 0, 4096, 0)
        return bytes(80) if call == STATFS else b""

    def end(self):
        """Whoever waits is let go."""
        for connection in pathlib.Path("/sys/fs/fuse/connections").glob("*"):
            if connection.name == str(os.minor(self.place.stat().st_dev)):
                (connection / "abort").write_text("1")
        subprocess.run(["umount", "-l", self.place], check=False)
        os.close(self.device)
