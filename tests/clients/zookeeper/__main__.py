"""Judges the embedded ZooKeeper by clients that others wrote.

Usage: tools/test-zookeeper [--only NAME]... [--against apache]

Judges: words (four-letter words), shell (Kafka 3.9.1's ZooKeeper shell), c (Debian's cli_mt), kazoo (its own test
suite), old-tools (Kafka 0.10.2.2's tools), kafka (three Apache Kafka 3.9.1 brokers that fail over), directory (a data
directory of Barnabas served by Apache Kafka, and back), timestamps (what Kafka finds by timestamp behind an empty
segment). With --against apache the same is asked of Apache ZooKeeper 3.8.4, to judge the judges.
"""
import argparse
import subprocess
import sys
import time

import servers
from judges import JUDGES


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=list(JUDGES))
    parser.add_argument("--against", choices=["apache"])
    options = parser.parse_args()
    server_class = servers.Apache if options.against else servers.Ours
    failed = False
    for name in options.only or JUDGES:
        begin = time.monotonic()
        with server_class() as server:
            try:
                text = "ok    " + JUDGES[name](server)
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failed = True
                text = f"FAIL  {str(error)[-2000:]}"
        print(f"{name:10} {text} ({time.monotonic() - begin:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
