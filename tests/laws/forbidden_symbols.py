#!/usr/bin/env python3
"""Law 1: core has no door but core/env.

Reads the undefined symbols of core's archives and fails on any through which core could reach a clock, a file, a
socket, a thread, the environment or entropy by itself. Also fails when an archive is missing or has no symbols: a
test that reads nothing can only pass.

Usage: forbidden_symbols.py LIBRARY_DIRECTORY ROOM...
"""
import re
import subprocess
import sys

FORBIDDEN = re.compile(r"""^(
    clock_gettime|clock|time|gettimeofday|nanosleep|clock_nanosleep|usleep|sleep|localtime(_r)?|gmtime(_r)?|
    open(64)?|openat(64)?|creat|close|read|write|p?readv?(64)?|p?writev?(64)?|fsync|fdatasync|rename|unlink|mkdir|
    fopen(64)?|fdopen|fread|freopen|opendir|readdir(64)?|stat(64)?|fstat(64)?|mmap(64)?|ftruncate(64)?|sendfile(64)?|
    socket|connect|accept4?|bind|listen|send(to|msg)?|recv(from|msg)?|getaddrinfo|poll|select|epoll_\w+|
    pthread_(create|mutex_\w+|cond_\w+|rwlock_\w+)|thrd_\w+|
    getenv|secure_getenv|setenv|putenv|environ|
    s?rand(om)?(_r)?|[dlm]rand48|getrandom|getentropy|arc4random|
    getpid|gethostname|uname|signal|sigaction|fork|exec\w+|system|
    _ZNSt6chrono.*clock.*|_ZNSt6thread.*|_ZNSt13random_device.*|_ZNSt10filesystem.*|_ZNSt7__cxx1110filesystem.*|
    _ZSt4c(out|err|in|log)|_ZNSt13basic_[io]?f?stream.*|_ZNSt14basic_(if|of|f)stream.*
)(@.*)?$""", re.X)
# The last words of a failed check: core/base/check.cpp.
ALLOWED = {"check.cpp.o": {"fprintf", "stderr", "abort"}}


def main(directory, rooms):
    failures, seen = [], 0
    for room in rooms:
        archive = f"{directory}/libbarnabas_{room}.a"
        listing = subprocess.run(["nm", "--undefined-only", archive], check=True, capture_output=True, text=True).stdout
        member = "?"
        for line in listing.splitlines():
            if line.endswith(":"):
                member = line[:-1]
                continue
            words = line.split()
            if not words:
                continue
            seen += 1
            symbol = words[-1]
            if FORBIDDEN.match(symbol) and symbol not in ALLOWED.get(member, set()):
                failures.append(f"{archive}({member}): {symbol}")
            if symbol in ("fprintf", "stderr", "printf", "puts", "fputs", "stdout", "fwrite") \
                    and symbol not in ALLOWED.get(member, set()):
                failures.append(f"{archive}({member}): {symbol}")
    for failure in failures:
        print("forbidden:", failure)
    print(f"{len(rooms)} archives, {seen} undefined symbols, {len(failures)} forbidden")
    if seen == 0:
        print("nothing was read")
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
