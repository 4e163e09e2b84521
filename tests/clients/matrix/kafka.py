"""Apache Kafka 3.9.1 in ZooKeeper mode, to judge the checks by: one broker on free ports of this machine."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import fetch

VERSION = "3.9.1"
START_SECONDS = 90
LOG4J = """log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
"""


def server_jars():
    return fetch.jars(f"kafka-{VERSION}")


def class_path(jars):
    return ":".join(map(str, sorted(jars.glob("*.jar"))))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


class ApacheKafka:
    """The same interface as LocalBroker."""

    def __init__(self, *settings):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="kafka-test-"))
        self.settings = settings
        self.processes = []
        self.address = None

    def start(self):
        zookeeper, port = free_port(), free_port()
        (self.home / "log4j.properties").write_text(LOG4J)
        self._write("zookeeper.properties", f"dataDir={self.home}/zookeeper", f"clientPort={zookeeper}",
                    "clientPortAddress=127.0.0.1", "admin.enableServer=false", "maxClientCnxns=0")
        self._write("server.properties", "broker.id=1", f"listeners=PLAINTEXT://127.0.0.1:{port}",
                    f"log.dirs={self.home}/data", f"zookeeper.connect=127.0.0.1:{zookeeper}",
                    "offsets.topic.replication.factor=1", "transaction.state.log.replication.factor=1",
                    "transaction.state.log.min.isr=1", *self.settings)
        self._start("-Xmx256m", "org.apache.zookeeper.server.quorum.QuorumPeerMain", "zookeeper.properties", zookeeper)
        self._start("-Xmx768m", "kafka.Kafka", "server.properties", port)
        self.address = f"127.0.0.1:{port}"

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return 0

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def is_alive(self):
        return all(p.poll() is None for p in self.processes)

    def log(self):
        return (self.home / "log").read_text(errors="replace")

    def _write(self, name, *lines):
        (self.home / name).write_text("\n".join(lines) + "\n")

    def _start(self, heap, main, properties, port):
        with open(self.home / "log", "ab") as log:
            self.processes.append(subprocess.Popen(
                ["java", heap, "-XX:+UseSerialGC", f"-Dlog4j.configuration=file:{self.home}/log4j.properties",
                 "-cp", class_path(server_jars()), main, str(self.home / properties)],
                stdout=log, stderr=log, env={k: v for k, v in os.environ.items() if k != "KAFKA_OPTS"}))
        deadline = time.monotonic() + START_SECONDS
        while not answers(port):
            if not self.is_alive() or time.monotonic() > deadline:
                raise AssertionError(f"Apache Kafka did not start:\n{self.log()[-3000:]}")
            time.sleep(0.2)
