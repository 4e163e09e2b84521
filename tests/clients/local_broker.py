"""A broker of ours for the end-to-end tests: on a free port, with a data directory that goes away."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

PATIENCE = 60  # Seconds after which something that should happen is taken for something that does not.


def barnabas():
    """The binary under test; ctest names it."""
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    return os.environ.get("BARNABAS", str(root / "build" / "release" / "barnabas"))


class LocalBroker:
    """start() it; the address may change with each start. Use as a context manager."""

    def __init__(self, *settings, options=()):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="barnabas-test-"))
        self.data = self.home / "data"
        self.settings = list(settings)
        self.options = list(options)
        self.process = None
        self.address = None
        self.log_path = self.home / "log"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process:
            self.process.stdout.close()
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def host(self):
        return self.address.rsplit(":", 1)[0]

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def start(self):
        if self.process:
            self.process.stdout.close()
        words = [barnabas(), "serve", "--data-dir", str(self.data), *self.options]
        for setting in ["listeners=PLAINTEXT://localhost:0", *self.settings]:
            words += ["--set", setting]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline().strip()
        if not line.startswith("ready "):
            raise AssertionError(f"the broker did not start: {line!r}\n{self.log()}")
        self.address = line.split()[1]

    def stop(self):
        """The clean end; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def is_alive(self):
        return self.process.poll() is None


def kcat(*arguments, text=None):
    """kcat's stdout; fails with its stderr."""
    done = subprocess.run(["kcat", *map(str, arguments)], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=2 * PATIENCE)
    if done.returncode != 0:
        raise AssertionError(f"kcat {' '.join(map(str, arguments))}\n{done.stderr.decode(errors='replace')}")
    return done.stdout


def note(*words):
    """A line of progress, seen at once."""
    print(*words, file=sys.stderr, flush=True)
