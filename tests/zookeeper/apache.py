#!/usr/bin/env python3
"""The tests of the ZooKeeper client that need Apache ZooKeeper: starts it on free ports, runs them, stops it.

  apache.py contract              the contract suite against one server
  apache.py chaos [--seconds N]   three servers that are killed, paused and restarted in turn, for N seconds (600)

The class path of Apache ZooKeeper comes from --class-path or ZOOKEEPER_CLASSPATH; without them it is Debian's package
(/usr/share/java), and without that the jars that tools/test-clients gets for Apache Kafka 3.9.1 (ZooKeeper 3.8.4).
The test binary is build/release/tests/zookeeper_test, or ZOOKEEPER_TEST.
"""
import argparse
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEBIAN_JARS = ["zookeeper", "zookeeper-jute", "slf4j-api", "slf4j-simple", "netty", "netty-all", "snappy-java",
               "metrics-core", "commons-cli", "log4j-1.2", "guava", "jackson-core", "jackson-databind",
               "jackson-annotations"]


def class_path(given):
    path = given or os.environ.get("ZOOKEEPER_CLASSPATH")
    if path:
        return path
    jars = [f"/usr/share/java/{name}.jar" for name in DEBIAN_JARS]
    if not os.path.exists(jars[0]):
        sys.path.insert(0, str(ROOT / "tests" / "clients" / "matrix"))
        import fetch  # Only where it is needed: it may have to download.
        return ":".join(map(str, sorted(fetch.jars("kafka-3.9.1").glob("*.jar"))))
    return ":".join(jar for jar in jars if os.path.exists(jar))


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Server:
    """One ZooKeeper server; the same data directory through all its lives."""

    def __init__(self, number, directory, ports, all_ports, jars):
        self.number, self.port, self.jars = number, ports[0], jars
        self.home = directory / str(number)
        self.process = None
        data = self.home / "data"
        data.mkdir(parents=True)
        (data / "myid").write_text(str(number))
        lines = [f"dataDir={data}", f"clientPort={self.port}", "clientPortAddress=127.0.0.1", "maxClientCnxns=0",
                 "admin.enableServer=false", "tickTime=1000", "initLimit=10", "syncLimit=3", "minSessionTimeout=2000",
                 "4lw.commands.whitelist=srvr,ruok"]
        if len(all_ports) > 1:
            lines += [f"server.{n}=127.0.0.1:{p[1]}:{p[2]}" for n, p in enumerate(all_ports, 1)]
        self.config = self.home / "zoo.cfg"
        self.config.write_text("\n".join(lines) + "\n")

    def start(self):
        log = open(self.home / "log.txt", "ab")
        self.process = subprocess.Popen(
            ["java", "-Xmx192m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", self.jars,
             "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(self.config)], stdout=log, stderr=log,
            start_new_session=True)

    def send(self, number):
        if self.process:
            self.process.send_signal(number)

    def stop(self, number=signal.SIGKILL):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def serves(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.settimeout(1)
                connection.sendall(b"srvr")
                return b"Mode:" in connection.recv(4096)
        except OSError:
            return False


def wait_until_serving(servers, test=None, seconds=180):
    """Or until the test, if there is one, has ended."""
    end = time.monotonic() + seconds
    while not all(server.serves() for server in servers):
        if test and test.poll() is not None:
            return
        if time.monotonic() > end:
            sys.exit(f"apache.py: the servers did not come up; see {servers[0].home.parent}")
        time.sleep(0.2)


def chaos(servers, test, draw):
    """One server after the other: killed, paused, or stopped and started again, each time when all have come back.

    Sooner would test Apache's servers: one that is killed while it catches up may later lead without what was committed
    meanwhile, and the others then cut that off (3.8.4; ZOOKEEPER-4643 and its kin).
    """
    count = 0
    while test.poll() is None:
        wait_until_serving(servers, test)
        time.sleep(draw.uniform(1, 4))
        server = servers[count % len(servers)]
        fault = ["kill", "pause", "restart"][(count // len(servers)) % 3]
        seconds = draw.uniform(1, 12)
        print(f"{fault} {server.number} for {seconds:.1f} s", flush=True)
        if fault == "pause":
            server.send(signal.SIGSTOP)
            time.sleep(seconds)
            server.send(signal.SIGCONT)
        else:
            server.stop(signal.SIGKILL if fault == "kill" else signal.SIGTERM)
            time.sleep(seconds)
            server.start()
        count += 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["contract", "chaos"])
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--class-path")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    jars = class_path(options.class_path)
    binary = os.environ.get("ZOOKEEPER_TEST", str(ROOT / "build" / "release" / "tests" / "zookeeper_test"))
    directory = pathlib.Path(tempfile.mkdtemp(prefix="apache-zookeeper-"))
    count = 1 if options.what == "contract" else 3
    flat = free_ports(3 * count)
    ports = [flat[3 * n:3 * n + 3] for n in range(count)]
    servers = [Server(n + 1, directory, ports[n], ports, jars) for n in range(count)]
    environment = dict(os.environ, BARNABAS_ZOOKEEPER=",".join(f"127.0.0.1:{server.port}" for server in servers))
    code = 1
    try:
        for server in servers:
            server.start()
        wait_until_serving(servers)
        if options.what == "contract":
            code = subprocess.run([binary, "--gtest_filter=*Contract*apache*"], env=environment).returncode
        else:
            environment["BARNABAS_ZOOKEEPER_SECONDS"] = str(options.seconds)
            test = subprocess.Popen([binary, "--gtest_filter=ApacheEnsemble.*"], env=environment)
            faults = chaos(servers, test, random.Random(options.seed))
            code = test.wait()
            print(f"{faults} faults, exit {code}")
    finally:
        for server in servers:
            server.stop()
        if code == 0:
            shutil.rmtree(directory, ignore_errors=True)
        else:
            print(f"apache.py: the servers' logs are in {directory}")
    sys.exit(code)


if __name__ == "__main__":
    main()
