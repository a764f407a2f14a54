"""Ways in which a file can be other than it should be."""

import contextlib
import os
import pathlib
import shutil

BIG = 100_000_000  # bytes
NOBODY = 65534


def _deep(good):
    return b"[" * 200_000 + good + b"]" * 200_000


def _twice(good):
    """The first key once more; of a text that is no object, the text."""
    first = good.partition(b"{")[2].partition(b":")[0].strip()
    return good.replace(b"{", b"{" + first + b": null, ", 1)


def _cased(good):
    """The first key in other letters; all of a text that is no object."""
    start = good.find(b'"') + 1
    end = start + 1 if start else len(good)
    return good[:start] + good[start:end].swapcase() + good[end:]


# Content, made of the good one.
CONTENTS = {
    "empty": lambda good: b"",
    "truncated": lambda good: good[: len(good) // 2],
    "of zeros": lambda good: bytes(len(good)),
    "not JSON": lambda good: b"\x7fELF\x02\x01\x01",
    "not UTF-8": lambda good: good[:-2] + b"\xff\xc0" + good[-2:],
    "deeply nested": _deep,
    "with a key twice": _twice,
    "with another case": _cased,
    "of 100 MB": lambda good: good + b" " * (BIG - len(good)),
}


def _fifo(path, good):
    os.mkfifo(path)


def _directory(path, good):
    path.mkdir()


def _symlink(path, good):
    other = path.with_name(path.name + ".other")
    other.write_bytes(good)
    path.symlink_to(other)


def _writable(path, good):
    path.write_bytes(good)
    path.chmod(0o666)


def _foreign(path, good):
    path.write_bytes(good)
    os.chown(path, NOBODY, NOBODY)


def _missing(path, good):
    pass


# Something else in the file's place, or somebody else's file.
PLACES = {"a FIFO": _fifo, "a directory": _directory, "a symlink": _symlink,
          "writable by all": _writable, "another user's": _foreign, "missing": _missing}


@contextlib.contextmanager
def damaged(path, way):
    """The file, damaged in one of the CONTENTS or PLACES; as it was again at the end."""
    path = pathlib.Path(path)
    kept = path.with_name(path.name + ".kept")
    good = path.read_bytes()
    path.rename(kept)
    try:
        if way in CONTENTS:
            path.write_bytes(CONTENTS[way](good))
            shutil.copymode(kept, path)
        else:
            PLACES[way](path, good)
        yield
    finally:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        path.with_name(path.name + ".other").unlink(missing_ok=True)
        kept.rename(path)
