"""A ZooKeeper to judge: ours, or Apache's for comparison. And Apache Kafka's brokers, which use it."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "matrix")]
import fetch  # noqa: E402  (what the other real clients are fetched with)
from kafka import LOG4J, answers, class_path, free_port  # noqa: E402
from local_broker import barnabas  # noqa: E402

PATIENCE = 300


class Java:
    """One process, with its output in a file; ended by its own pid only."""

    def __init__(self, home, name, jars, main, *words, heap="-Xmx512m", options=()):
        self.log_path = home / f"{name}.log"
        (home / "log4j.properties").write_text(LOG4J)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                ["java", heap, "-XX:+UseSerialGC", f"-Dlog4j.configuration=file:{home}/log4j.properties", *options,
                 "-cp", class_path(fetch.jars(jars)), main, *map(str, words)], stdout=log, stderr=log)

    def wait_for(self, port):
        deadline = time.monotonic() + PATIENCE
        while not answers(port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"it did not start:\n{self.log_path.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Server:
    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="zookeeper-test-"))
        self.port = free_port()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


class Ours(Server):
    def start(self):
        with open(self.home / "log", "ab") as log:
            self.process = subprocess.Popen(
                [barnabas(), "zookeeper", "--host", "127.0.0.1", "--port", str(self.port), "--data-dir",
                 str(self.home / "data"), "--max-connections-per-host", "0", "--four-letter-words", "*"],
                stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise AssertionError(f"it did not start: {line!r}\n{(self.home / 'log').read_text()}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Apache(Server):
    def start(self):
        (self.home / "zoo.cfg").write_text(
            f"dataDir={self.home}/data\nclientPort={self.port}\nclientPortAddress=127.0.0.1\nmaxClientCnxns=0\n"
            "admin.enableServer=false\n4lw.commands.whitelist=*\n")
        self.java = Java(self.home, "zookeeper", "kafka-3.9.1", "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                         self.home / "zoo.cfg")
        self.java.wait_for(self.port)

    def kill(self):
        self.java.end(signal.SIGKILL)


class Cluster:
    """Three brokers of Apache Kafka 3.9.1 on the given ZooKeeper."""

    def __init__(self, zookeeper):
        self.zookeeper = zookeeper
        self.ports = [free_port() for _ in range(3)]
        self.brokers = [None] * 3

    @property
    def addresses(self):
        return [f"127.0.0.1:{port}" for broker, port in zip(self.brokers, self.ports) if broker]

    def start(self, *ids):
        home = self.zookeeper.home
        for i in ids:
            (home / f"server-{i}.properties").write_text("\n".join([
                f"broker.id={i}", f"listeners=PLAINTEXT://127.0.0.1:{self.ports[i]}", f"log.dirs={home}/kafka-{i}",
                f"zookeeper.connect={self.zookeeper.address}", "zookeeper.session.timeout.ms=6000",
                "default.replication.factor=3", "min.insync.replicas=2", "offsets.topic.replication.factor=3",
                "offsets.topic.num.partitions=3", "group.initial.rebalance.delay.ms=0", ""]))
            self.brokers[i] = Java(home, f"kafka-{i}", "kafka-3.9.1", "kafka.Kafka", home / f"server-{i}.properties")
        for i in ids:
            self.brokers[i].wait_for(self.ports[i])

    def kill(self, i):
        self.brokers[i].end(signal.SIGKILL)
        self.brokers[i] = None

    def stop(self):
        for broker in filter(None, self.brokers):
            broker.end(signal.SIGKILL)


def tool(jars, main, *words, text=None, limit=PATIENCE, must=True):
    """The output of one of Kafka's command-line tools."""
    done = subprocess.run(["java", "-Xmx256m", "-XX:+UseSerialGC", "-cp", class_path(fetch.jars(jars)), main,
                           *map(str, words)], input=text, capture_output=True, text=True, timeout=limit, check=False)
    if must and done.returncode != 0:
        raise AssertionError(f"{main} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def four_letters(server, word):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as s:
        s.sendall(word.encode())
        return b"".join(iter(lambda: s.recv(65536), b"")).decode()


def until(what, check, limit=PATIENCE):
    """The first true value of check()."""
    deadline = time.monotonic() + limit
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.5)


CLEAN_ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("ZOOKEEPER_", "KAFKA_"))}
