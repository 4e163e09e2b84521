"""The client matrix: real clients, each against a freshly started broker, and a table client x check.

What is checked is in checks.toml, which clients in rows.py. A check that fails is done again on Apache Kafka 3.9.1:
what fails there too is excused, with the reason under the table. Downloads go to ~/.cache/barnabas/clients.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from kafka import ApacheKafka  # noqa: E402
from local_broker import LocalBroker  # noqa: E402
from report import Results, write_readme  # noqa: E402
from rows import ROWS  # noqa: E402

# As small as they may be, to be quick; and the settings that the checks name.
SETTINGS = ["num.partitions=3", "group.initial.rebalance.delay.ms=0", "offsets.topic.num.partitions=5"]
DRIVER_SECONDS = 900


def drive(command, address, row, checks):
    """Runs the driver; yields (check, word, detail) for each check asked for."""
    prefix = re.sub(r"[^a-z0-9.]+", "-", row.name.lower()) + f"-{int(time.time())}"
    words = [*map(str, command), address, prefix, *checks]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=DRIVER_SECONDS, check=False)
        out, err = done.stdout, done.stderr
    except subprocess.TimeoutExpired as e:
        out, err = ((part or b"").decode(errors="replace") for part in (e.stdout, e.stderr))
    lines = re.findall(r"^CHECK (\S+) (ok|none|fail) ?(.*)$", out, re.M)
    found = {name: (word, detail) for name, word, detail in lines}
    for check in checks:
        word, detail = found.get(check, ("fail", "the driver did not come to it: " + err[-300:].replace("\n", " ")))
        yield check, word, detail[:300]


class Peer:
    """Apache Kafka, started when it is first needed."""

    def __init__(self):
        self.broker = None

    def address(self):
        if not self.broker:
            print("starting Apache Kafka to compare with", flush=True)
            self.broker = ApacheKafka(*SETTINGS)
            self.broker.start()
        return self.broker.address

    def stop(self):
        if self.broker:
            self.broker.stop()
            self.broker.__exit__()


def run_row(row, options, peer, results, asked):
    """All checks of a row. Returns what went wrong beside them."""
    command, problem = row.prepare(), None
    started = time.monotonic()
    if options.bootstrap or options.against == "kafka":
        outcomes = list(drive(command, options.bootstrap or peer.address(), row, asked))
    else:
        broker = LocalBroker(*SETTINGS)
        broker.start()
        try:
            outcomes = list(drive(command, broker.address, row, asked))
            if not broker.is_alive() or broker.stop() != 0:
                problem = f"{row.name}: the broker did not stop cleanly:\n{broker.log()[-2000:]}"
        finally:
            broker.__exit__()
        failed = [check for check, word, _ in outcomes if word == "fail"]
        there = {}
        if failed and options.compare:
            there = {check: detail for check, word, detail in drive(command, peer.address(), row, failed)
                     if word == "fail"}
        outcomes = [(check, "kafka", there[check]) if check in there else (check, word, detail)
                    for check, word, detail in outcomes]
    for check, word, detail in outcomes:
        results.add(row.checks, row.name, check, word, detail)
        print(f"{row.name}: {check}: {word} {detail}".rstrip(), flush=True)
    print(f"{row.name}: {time.monotonic() - started:.0f} s", flush=True)
    return problem


def arguments():
    parser = argparse.ArgumentParser(prog="tools/test-clients", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every client of rows.py, not only those of CI")
    parser.add_argument("--only", metavar="NAME", help="only clients whose name contains NAME")
    parser.add_argument("--check", metavar="NAME", action="append", help="only this check; may be given again")
    parser.add_argument("--against", choices=["kafka"], help="judge the checks: run them on Apache Kafka 3.9.1")
    parser.add_argument("--bootstrap", metavar="HOST:PORT", help="run them on a broker that is up already")
    parser.add_argument("--no-compare", dest="compare", action="store_false",
                        help="do not do failed checks again on Apache Kafka")
    parser.add_argument("--table", metavar="FILE", help="write the table, as Markdown, to FILE as well")
    parser.add_argument("--write-readme", action="store_true", help="put the table into README.md")
    return parser.parse_args()


def main():
    options = arguments()
    rows = [r for r in ROWS if (options.only in r.name if options.only else options.all or r.in_ci)]
    if not rows:
        sys.exit(f"no client is called {options.only!r}; known: {', '.join(r.name for r in ROWS)}")
    results, peer, problems = Results(tomllib.loads((HERE / "checks.toml").read_text())), Peer(), []
    try:
        for row in rows:
            known = [c["name"] for c in results.checks[row.checks]]
            asked = [c for c in known if not options.check or c in options.check]
            problems.append(run_row(row, options, peer, results, asked))
    finally:
        peer.stop()
    print("\n" + results.markdown() + "\n")
    if options.table:
        pathlib.Path(options.table).write_text(results.markdown() + "\n")
    if options.write_readme:
        write_readme(results)
    failures = results.failures() + [p for p in problems if p]
    print("\n".join(failures))
    print(f"clients: {results.count('ok')} passed, {results.count('none')} not known to the client, "
          f"{results.count('kafka')} excused (fail on Apache Kafka too), {len(failures)} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
