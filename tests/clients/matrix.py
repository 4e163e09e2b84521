#!/usr/bin/env python3
"""The client matrix: real clients, each against a freshly started broker, and a table client x check.

Usage: matrix.py [--all] [--only NAME] [--bootstrap HOST:PORT] [--table FILE]
  --all        every client known here, not only those of CI
  --only       only clients whose name contains NAME
  --bootstrap  a broker that runs already (Apache Kafka's, say, to judge the checks themselves)
  --table      also write the table, as Markdown, to FILE
Exit 0 when no check failed. Downloads go to ~/.cache/barnabas/clients through the usual package clients.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

from local_broker import LocalBroker, kcat

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "barnabas" / "clients"
CHECKS = ["create", "none", "gzip", "snappy", "lz4", "zstd", "resume", "share"]
CONFLUENT_KAFKA = "2.16.1"
GO = "1.26.0"
# release -> knows zstd
JAVA = {"0.9.0.1": False, "0.10.2.2": False, "3.9.1": True, "4.4.0": True}


def run(command, **options):
    """Runs a preparation step; its output is shown only when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nfailed:\n{done.stdout}")
    return done.stdout


# --- kcat -------------------------------------------------------------------------------------------------

def kcat_lines(start, count):
    return [f"k{i}:value {i} {'x' * (i * 37 % 900)}" for i in range(start, start + count)]


def kcat_checks(address, prefix):
    lines = kcat_lines(0, 2000)
    text = ("\n".join(lines) + "\n").encode()

    def create():
        if prefix + "-none" not in kcat("-b", address, "-L", "-t", prefix + "-none").decode():
            raise AssertionError("the topic is not there")

    def codec(name):
        topic = f"{prefix}-{name}"
        kcat("-b", address, "-P", "-t", topic, "-K:", "-z", name, "-X", "acks=all", text=text)
        got = kcat("-b", address, "-C", "-t", topic, "-e", "-q", "-K:", "-o", "beginning", "-X", "check.crcs=true")
        if sorted(got.decode().splitlines()) != sorted(lines):
            raise AssertionError(f"{len(got.splitlines())} lines, {len(lines)} expected")

    def resume():
        got = []
        for size in (800, 1200):
            got += kcat("-b", address, "-q", "-c", str(size), "-K:", "-X", "auto.offset.reset=earliest",
                        "-G", prefix + "-resume", prefix + "-none").decode().splitlines()
        if sorted(got) != sorted(lines):
            raise AssertionError(f"{len(set(got))} different lines of {len(lines)}")

    def share():
        topic = prefix + "-share"
        # kcat gives up on a topic that is not there yet, so the first records come before the members.
        kcat("-b", address, "-P", "-t", topic, "-K:", "-p", "-1",
             text=("\n".join(kcat_lines(0, 200)) + "\n").encode())
        taken = [tempfile.TemporaryFile() for _ in range(2)]
        members = [subprocess.Popen(["kcat", "-b", address, "-q", "-u", "-K:", "-X", "auto.offset.reset=earliest",
                                     "-G", topic, topic], stdout=out, stderr=subprocess.DEVNULL) for out in taken]
        outputs = []
        try:
            sent, deadline = 200, time.monotonic() + 60
            while time.monotonic() < deadline:
                kcat("-b", address, "-P", "-t", topic, "-K:", "-p", "-1",
                     text=("\n".join(kcat_lines(sent, 200)) + "\n").encode())
                sent += 200
                for _ in range(50):
                    outputs = [os.pread(t.fileno(), 1 << 28, 0).decode().splitlines() for t in taken]
                    if len(set(outputs[0]) | set(outputs[1])) >= sent:
                        break
                    time.sleep(0.1)
                if all(outputs) and len(set(outputs[0]) | set(outputs[1])) >= sent:
                    break
        finally:
            for m in members:
                m.terminate()
            for m in members:
                m.wait(30)
        came, expected = set(outputs[0]) | set(outputs[1]), set(kcat_lines(0, sent))
        if came != expected:
            raise AssertionError(f"of {sent} records {len(expected - came)} did not come, and {len(came - expected)} "
                                 f"lines are no record; by member {[len(o) for o in outputs]}")
        if not all(outputs):
            raise AssertionError("one member got nothing")

    for name in CHECKS:
        body = {"create": create, "resume": resume, "share": share}.get(name, lambda n=name: codec(n))
        try:
            body()
            yield name, "ok"
        except Exception as e:  # noqa: one check must not take the others with it
            yield name, f"fail {e}"


# --- clients that are programs ----------------------------------------------------------------------------

def program_checks(command, *extra):
    """Runs a client program and reads its CHECK lines."""
    def checks(address, prefix):
        done = subprocess.run([*command, address, prefix, *extra], capture_output=True,
                              text=True, timeout=600)
        found = re.findall(r"^CHECK (\S+) (\w+)(.*)$", done.stdout, re.M)
        for name, result, detail in found:
            yield name, result + detail
        for name in set(CHECKS) - {name for name, _, _ in found}:
            yield name, "fail it printed nothing: " + done.stderr[-300:]
    return checks


def python_client():
    venv = CACHE / "python"
    if not (venv / CONFLUENT_KAFKA).exists():
        shutil.rmtree(venv, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(venv)])
        run([str(venv / "bin/pip"), "install", "-q", f"confluent-kafka=={CONFLUENT_KAFKA}"])
        (venv / CONFLUENT_KAFKA).touch()
    return program_checks([str(venv / "bin/python"), str(HERE / "python/client.py")])


POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>barnabas</groupId><artifactId>client-{v}</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-clients</artifactId><version>{v}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
</dependencies></project>"""


def java_client(version):
    jars = CACHE / "java" / version
    if not (jars / "done").exists():
        shutil.rmtree(jars, ignore_errors=True)
        jars.mkdir(parents=True)
        (jars / "pom.xml").write_text(POM.format(v=version))
        run(["mvn", "-q", "-B", "-f", str(jars / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={jars}"])
        (jars / "done").touch()
    run(["javac", "-nowarn", "-cp", f"{jars}/*", "-d", str(jars), str(HERE / "java/Client.java")])
    return program_checks(["java", "-cp", f"{jars}/*:{jars}", "Client"],
                          *(["zstd"] if JAVA[version] else []))


def go_command():
    """The machine's go when it is new enough, else that release from the module proxy, where Go keeps them."""
    version = re.search(r"go(\d+)\.(\d+)", run(["go", "version"])) if shutil.which("go") else None
    if not version:
        sys.exit("no go on this machine: tools/test-clients installs it (apt-get install golang-go)")
    if (int(version[1]), int(version[2])) >= tuple(map(int, GO.split(".")[:2])):
        return "go"
    name = f"golang.org/toolchain@v0.0.1-go{GO}.linux-amd64"
    home = CACHE / "go" / name
    if not home.exists():
        (CACHE / "go").mkdir(parents=True, exist_ok=True)
        proxy = run(["go", "env", "GOPROXY"]).split(",")[0].strip()
        archive = CACHE / "go" / "toolchain.zip"
        run(["curl", "-fsSL", "-o", str(archive), f"{proxy}/golang.org/toolchain/@v/v0.0.1-go{GO}.linux-amd64.zip"])
        with zipfile.ZipFile(archive) as z:
            z.extractall(CACHE / "go")
        archive.unlink()
        for tool in [*home.glob("bin/*"), *home.glob("pkg/tool/*/*")]:
            tool.chmod(0o755)
    return str(home / "bin/go")


def go_client():
    (CACHE / "go").mkdir(parents=True, exist_ok=True)
    binary = CACHE / "go" / "client"
    run([go_command(), "build", "-o", str(binary), "."], cwd=HERE / "go", env={**os.environ, "GOTOOLCHAIN": "local"})
    return program_checks([str(binary)])


CLIENTS = {"kcat": lambda: kcat_checks, f"confluent-kafka {CONFLUENT_KAFKA}": python_client,
           **{f"Java {v}": lambda v=v: java_client(v) for v in JAVA}, "franz-go": go_client}


def table(results):
    width = max(map(len, results))
    rows = [[name.ljust(width), *(results[name].get(c, "").split(" ")[0] or "-" for c in CHECKS)] for name in results]
    head = ["client".ljust(width), *CHECKS]
    return "\n".join("| " + " | ".join(c.ljust(6) for c in row) + " |" for row in [head, ["---"] * len(head), *rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--bootstrap")
    parser.add_argument("--table")
    options = parser.parse_args()
    results, failures = {}, []
    for name, prepare in CLIENTS.items():
        if options.only and options.only not in name:
            continue
        checks = prepare()
        broker = None
        if not options.bootstrap:
            broker = LocalBroker("num.partitions=3")
            broker.start()
        results[name] = {}
        prefix = re.sub(r"[^a-z0-9.]", "-", name.lower()) + f"-{int(time.time())}"
        for check, result in checks(options.bootstrap or broker.address, prefix):
            results[name][check] = result
            print(f"{name}: {check}: {result}", flush=True)
            if result.startswith("fail"):
                failures.append(f"{name}: {check}: {result}")
        if broker:
            if not broker.is_alive() or broker.stop() != 0:
                failures.append(f"{name}: the broker did not stop cleanly:\n{broker.log()[-2000:]}")
            broker.__exit__()
    if not results:
        sys.exit(f"no client is called {options.only!r}; known: {', '.join(CLIENTS)}")
    print("\n" + table(results))
    if options.table:
        pathlib.Path(options.table).write_text(table(results) + "\n")
    for failure in failures:
        print(failure)
    passed = sum(r == "ok" for one in results.values() for r in one.values())
    print(f"clients: {passed} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
