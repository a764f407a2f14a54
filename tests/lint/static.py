#!/usr/bin/env python3
"""Checks what the shim's binary is made of.

Usage: static.py RUNWARD      prints one line a violation; exit 1 if there is one.

It must be static (docs/performance.md says what a dynamic start costs), and hold no code that
makes a key or chooses to sign. (libsodium keeps the signer in the object file of a hash that the
verifier needs, so its bytes are there; nothing calls them, and there is no private key to sign with.)
"""

import re
import subprocess
import sys

SIGNER = re.compile(r"\b(crypto_sign_detached|crypto_sign_keypair"
                    r"|nft(nl)?_\w+|nfq_\w+)$")


def problems(binary):
    header = subprocess.run(["readelf", "-lW", binary], capture_output=True, text=True, check=True)
    if " INTERP " in header.stdout or " DYNAMIC " in header.stdout:
        yield f"{binary}: it is a dynamic executable"
    names = subprocess.run(["nm", binary], capture_output=True, text=True, check=True)
    for line in names.stdout.splitlines():
        if SIGNER.search(line):
            yield f"{binary}: it holds {line.split()[-1]}"


def main():
    found = list(problems(sys.argv[1]))
    print("\n".join(found) if found else "static: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
