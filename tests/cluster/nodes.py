"""Clusters of real processes on this machine: ours, and Apache Kafka 3.9.1 to judge a test by before it judges us.

All of them keep their data below one directory, and end when this process does.
"""
import ctypes
import json
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
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent / "clients"), str(HERE.parent / "clients" / "matrix")]
import fetch  # noqa: E402  (what the other real clients are fetched with)
from kafka import LOG4J, VERSION, class_path, free_port  # noqa: E402
from librdkafka import Admin  # noqa: E402
from local_broker import barnabas, note  # noqa: E402,F401

PATIENCE = 180  # Seconds after which something that should happen is taken for something that does not.
TICKS = os.sysconf("SC_CLK_TCK")
# What Kafka's own start scripts pass.
JVM = ["-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35",
       "-XX:+ExplicitGCInvokesConcurrent", "-XX:MaxInlineLevel=15", "-Djava.awt.headless=true"]
DEBIAN_ZOOKEEPER = pathlib.Path("/usr/share/java/zookeeper.jar")
QUORUM_PEER = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
_libc = ctypes.CDLL(None)


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: nothing is left when we are killed.


def until(what, check, limit=PATIENCE, pause=0.1):
    """The first true value of check()."""
    deadline = time.monotonic() + limit
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(pause)


def accepts(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A program that can be started again and again, with its output in one file. Ended by its own pid only.

    Start it from the main thread: it is killed when the thread that started it ends. stubborn: one that gives up while
    it starts is started again, as a service manager would.
    """

    def __init__(self, name, home, port, command, stubborn=False):
        self.name, self.port, self.command = name, port, [str(word) for word in command]
        self.stubborn = stubborn
        self.log_path = home / f"{name}.log"
        self.popen = None

    def launch(self):
        with open(self.log_path, "ab") as log:
            self.popen = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          start_new_session=True, preexec_fn=_die_with_parent)

    def wait_ready(self):
        def listens():
            if self.stubborn and not self.is_alive():
                self.launch()
            return self.must_live() and accepts(self.port)
        until(f"{self.name} listens", listens, pause=0.005)

    def start(self):
        self.launch()
        self.wait_ready()

    def must_live(self):
        if not self.is_alive():
            raise AssertionError(f"{self.name} has ended with {self.popen and self.popen.poll()}:\n{self.log()[-3000:]}")
        return True

    def is_alive(self):
        return self.popen is not None and self.popen.poll() is None

    @property
    def pid(self):
        return self.popen.pid if self.is_alive() else None

    def signal(self, number):
        self.popen.send_signal(number)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        if self.is_alive():
            self.popen.kill()
        if self.popen:
            self.popen.wait()

    def ask_to_stop(self):
        if self.is_alive():
            self.signal(signal.SIGTERM)

    def stop(self):
        """The clean end; the exit code."""
        self.ask_to_stop()
        return self.await_end()

    def await_end(self):
        """The exit code; who does not end is killed."""
        if self.popen is None:
            return None
        try:
            return self.popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.popen.returncode

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self, what="VmRSS"):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1]) / 1024


def java(home, jars, heap, main, *words):
    (home / "log4j.properties").write_text(LOG4J)
    return ["java", f"-Xmx{heap}", f"-Xms{heap}", *JVM, f"-Dlog4j.configuration=file:{home}/log4j.properties", "-cp",
            jars, main, *words]


def zookeeper(kind, home, port=0):
    """kind: ours; debian (the package libzookeeper-java); kafka (the one that Kafka 3.9.1 brings along)."""
    port = port or free_port()
    (home / "zoo.cfg").write_text(f"dataDir={home}/zookeeper\nclientPort={port}\nclientPortAddress=127.0.0.1\n"
                                  "admin.enableServer=false\nmaxClientCnxns=0\n")
    if kind == "ours":
        command = [barnabas(), "zookeeper", "--host", "127.0.0.1", "--port", port, "--data-dir", home / "zookeeper",
                   "--max-connections-per-host", "0"]
    elif kind == "debian":
        if not (DEBIAN_ZOOKEEPER.exists() and shutil.which("java")):
            fetch.run([ROOT / "tools" / "install-packages", "zookeeper", "default-jre-headless"])
        command = java(home, DEBIAN_ZOOKEEPER, "512M", QUORUM_PEER, home / "zoo.cfg")
    else:
        command = java(home, class_path(fetch.jars(f"kafka-{VERSION}")), "512M", QUORUM_PEER, home / "zoo.cfg")
    return Process("zookeeper", home, port, command)


def default_settings(size):
    """What a cluster of that size starts with, unless it is told otherwise."""
    replicas = min(3, size)
    return {"default.replication.factor": replicas, "min.insync.replicas": 2 if replicas == 3 else 1,
            "offsets.topic.replication.factor": replicas, "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": 2 if replicas == 3 else 1}


class Cluster:
    """`size` brokers, with ids from 1, and a ZooKeeper; start() them. Use as a context manager.

    home: kept when given, else a temporary directory that goes away unless keep is set. base_port: that of the first
    broker, 0 for free ones. proxy: what stands before every port (proxy.py), so that links can be cut. In settings,
    values may be functions of the broker's id.
    """
    name = None
    zookeeper_kind = None
    clean_exits = [0]
    stubborn = False

    def __init__(self, size, settings=None, zookeeper_kind=None, home=None, base_port=0, proxy=None):
        self.temporary = home is None
        self.keep = False
        self.home = pathlib.Path(home or tempfile.mkdtemp(prefix=f"{self.name}-cluster-")).absolute()
        self.home.mkdir(parents=True, exist_ok=True)
        self.settings = {**default_settings(size), **(settings or {})}
        self.proxy = proxy
        self.zookeeper = zookeeper(zookeeper_kind or self.zookeeper_kind, self.home)
        if proxy:
            proxy.parties = lambda: {str(i): b.pid for i, b in self.brokers.items()}
        zookeeper_port = proxy.stand_before("zookeeper", self.zookeeper.port) if proxy else self.zookeeper.port
        self.zookeeper_address = f"127.0.0.1:{zookeeper_port}"
        self.brokers, self.ports = {}, {}
        for i in range(1, size + 1):
            self.add_broker(i, base_port + i - 1 if base_port else 0)

    def add_broker(self, i, port=0):
        port = port or free_port()
        self.ports[i] = self.proxy.stand_before(str(i), port) if self.proxy else port
        settings = {"broker.id": i, "listeners": f"PLAINTEXT://127.0.0.1:{port}",
                    "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.ports[i]}", "log.dirs": self.data(i),
                    "zookeeper.connect": self.zookeeper_address,
                    **{key: value(i) if callable(value) else value for key, value in self.settings.items()}}
        path = self.home / f"broker-{i}.properties"
        path.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        self.brokers[i] = Process(f"broker-{i}", self.home, port, self.broker_command(path), self.stubborn)

    def broker_command(self, properties):
        raise NotImplementedError

    def data(self, i):
        return self.home / f"data-{i}"

    @property
    def bootstrap(self):
        return ",".join(f"127.0.0.1:{port}" for port in self.ports.values())

    def start(self):
        """Returns when every broker knows of all."""
        self.zookeeper.start()
        self.start_brokers(*self.brokers)
        return self

    def start_brokers(self, *ids):
        for i in ids:
            if self.proxy:
                self.proxy.open(str(i))
            self.brokers[i].launch()
        for i in ids:
            self.brokers[i].wait_ready()
        alive = {i for i, broker in self.brokers.items() if broker.is_alive()}
        for i in ids:
            until(f"broker {i} knows {alive}", lambda: {b["id"] for b in self.metadata(at=i)["brokers"]} >= alive)

    def kill(self, *ids):
        for i in ids:
            self.brokers[i].kill()
            if self.proxy:
                self.proxy.shut(str(i))

    def stop_brokers(self):
        """All at once, cleanly; the exit codes."""
        for broker in self.brokers.values():
            broker.ask_to_stop()
        return {i: broker.await_end() for i, broker in self.brokers.items()}

    def stop(self):
        self.stop_brokers()
        self.zookeeper.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in [*self.brokers.values(), self.zookeeper]:
            process.kill()
        if self.temporary and not self.keep:
            shutil.rmtree(self.home, ignore_errors=True)

    def metadata(self, topic=None, at=None):
        """What a broker (the one with the id `at`, or any) says, as kcat's JSON; with no brokers when nobody answers."""
        address = f"127.0.0.1:{self.ports[at]}" if at else self.bootstrap
        words = ["kcat", "-b", address, "-L", "-J", "-m", "5", *(["-t", topic] if topic else [])]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else {"brokers": [], "topics": [], "controllerid": -1}

    def controller(self):
        return until("a controller", lambda: self._if_broker(self.metadata()["controllerid"]))

    def _if_broker(self, i):
        return i if i in self.brokers else None

    def partitions(self, topic):
        """[{partition, leader, replicas, isr}], as one broker sees it."""
        found = [t for t in self.metadata(topic)["topics"] if t["topic"] == topic and not t.get("error")]
        return [{"partition": p["partition"], "leader": p.get("leader", -1), "replicas": [r["id"] for r in p["replicas"]],
                 "isr": [r["id"] for r in p["isrs"]]} for t in found for p in t["partitions"]]

    def leader(self, topic, partition):
        return until(f"a leader of {topic}-{partition}", lambda: next(
            (self._if_broker(p["leader"]) for p in self.partitions(topic) if p["partition"] == partition), None))

    def wait_in_sync(self, *topics):
        def lagging():
            return [f"{topic}-{p['partition']}" for topic in topics for p in self.partitions(topic) or [{"partition": "?"}]
                    if p.get("leader", -1) < 0 or set(p["isr"]) != set(p["replicas"])]
        until(f"all replicas of {', '.join(topics)} are in sync", lambda: not lagging())

    def create_topic(self, name, partitions, replication_factor=-1, **config):
        admin = Admin(bootstrap_servers=self.bootstrap, log_level=0)
        try:
            admin.create_topic(name, partitions, replication_factor, **config)
        finally:
            admin.close()
        self.wait_in_sync(name)

    def logs(self):
        """The ends of all logs, for who must say what happened."""
        return "\n".join(f"== {p.name}\n{p.log()[-1500:]}" for p in [self.zookeeper, *self.brokers.values()])


class Barnabas(Cluster):
    name = "barnabas"
    zookeeper_kind = "ours"

    def broker_command(self, properties):
        return [barnabas(), "serve", properties]


class Kafka(Cluster):
    name = "kafka"
    zookeeper_kind = "kafka"
    heap = "1G"  # As its start scripts have it.
    clean_exits = [0, 128 + signal.SIGTERM]  # A JVM's, when a signal asked it to end.
    stubborn = True  # It does not start while the session of its killed predecessor lives.

    def broker_command(self, properties):
        return java(self.home, class_path(fetch.jars(f"kafka-{VERSION}")), self.heap, "kafka.Kafka", properties)


KINDS = {kind.name: kind for kind in (Barnabas, Kafka)}
