"""The client matrix: real clients, each against a freshly started broker, and a table client x check.

What is checked is in checks.toml, which clients in rows.py. A check that fails is done again on Apache Kafka 3.9.1:
what fails there too is excused, with the reason under the table. Downloads go to ~/.cache/barnabas/clients.
"""
import argparse
import pathlib
import sys
import tomllib

from report import Results, write_readme
from rows import ROWS
from run import Peer, run_row

HERE = pathlib.Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(prog="tools/test-clients", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every client of rows.py, not only those of CI")
    parser.add_argument("--only", metavar="NAME", help="only clients whose name contains NAME")
    parser.add_argument("--check", metavar="NAME", action="append", help="only this check; may be given again")
    parser.add_argument("--against", choices=["kafka"], help="judge the checks: run them on Apache Kafka 3.9.1")
    parser.add_argument("--bootstrap", metavar="HOST:PORT", help="run them on a broker that is up already")
    parser.add_argument("--brokers", type=int, default=1, metavar="N",
                        help="each client against a cluster of N, topics with as many replicas, at most 3")
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
    checks = {kind: [c for c in checks if options.brokers > 1 or not c.get("cluster")]
              for kind, checks in tomllib.loads((HERE / "checks.toml").read_text()).items()}
    results, peer, problems = Results(checks), Peer(options.brokers), []
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
