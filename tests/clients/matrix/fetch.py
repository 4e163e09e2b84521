"""Gets clients and what they need: from PyPI, Maven Central, Go, npm and Cargo into ~/.cache/barnabas, once each."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
DRIVERS = ROOT / "tests" / "clients" / "drivers"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "barnabas" / "clients"
GO = "1.26.0"
RUST = (1, 85)  # What rskafka's dependencies ask for; Debian 12 has it as cargo-web.
CENTRAL = os.environ.get("MAVEN_CENTRAL", "https://repo.maven.apache.org/maven2")
LOCK = pathlib.Path(__file__).resolve().parent / "jars.lock"


def run(command, attempts=1, **options):
    """Runs a preparation step; its output is shown only when it fails. What needs the network may try again."""
    for left in reversed(range(attempts)):
        done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, **options)
        if done.returncode == 0:
            return done.stdout
        if left:
            time.sleep(5)
    again = f" {attempts} times" if attempts > 1 else ""
    sys.exit(f"tools/test-clients: this failed{again}:\n  {' '.join(map(str, command))}\n{done.stdout}")


def debian(**packages):
    """Installs the Debian packages whose command is missing: debian(curl="curl")."""
    missing = [package for command, package in packages.items() if not shutil.which(command)]
    if missing:
        run([ROOT / "tools" / "install-packages", *missing])


def once(home, done, make):
    """Fills the folder by make() unless its file named `done` says that this is so."""
    if not (home / done).exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        make()
        (home / done).touch()
    return home


def jars(name):
    """The folder with the jars of one set of jars.lock."""
    home = CACHE / "java" / name
    lines = [line.split() for line in LOCK.read_text().splitlines() if line.startswith(name + " ")]
    wanted = {jar_path(coordinates): digest for _, coordinates, digest in lines}

    def make():
        debian(curl="curl", javac="openjdk-17-jdk-headless")
        listing = "".join(f'url = "{CENTRAL}/{path}"\noutput = "{home / path.rsplit("/", 1)[1]}"\n' for path in wanted)
        (home / "list").write_text(listing)
        run(["curl", "-fsSL", "--retry", "5", "--retry-all-errors", "--parallel", "--parallel-max", "6", "-K",
             home / "list"], attempts=3)
        for path, digest in wanted.items():
            got = hashlib.sha256((home / path.rsplit("/", 1)[1]).read_bytes()).hexdigest()
            if got != digest:
                sys.exit(f"tools/test-clients: {CENTRAL}/{path} has SHA-256 {got}, jars.lock says {digest}")
    key = hashlib.sha256(repr(sorted(wanted.items())).encode()).hexdigest()[:16]
    return once(home, f"done-{key}", make)


def jar_path(coordinates):
    group, artifact, version, *classifier = coordinates.split(":")
    return f"{group.replace('.', '/')}/{artifact}/{version}/{'-'.join([artifact, version, *classifier])}.jar"


def venv(name, *requirements):
    """The python of an environment with the given packages."""
    home = CACHE / name

    def make():
        run([sys.executable, "-m", "venv", home])
        run([home / "bin" / "pip", "install", "-q", "--retries", "5", *requirements], attempts=3)
    return once(home, "+".join(requirements), make) / "bin" / "python"


def go():
    """The machine's go when it is new enough, else that release from the module proxy, where Go keeps them."""
    debian(go="golang-go", curl="curl")
    version = re.search(r"go(\d+)\.(\d+)", run(["go", "version"]))
    if (int(version[1]), int(version[2])) >= tuple(map(int, GO.split(".")[:2])):
        return "go"
    name = f"golang.org/toolchain@v0.0.1-go{GO}.linux-amd64"
    home = CACHE / "go" / name
    if not home.exists():
        (CACHE / "go").mkdir(parents=True, exist_ok=True)
        proxy = run(["go", "env", "GOPROXY"]).split(",")[0].strip()
        archive = CACHE / "go" / "toolchain.zip"
        url = f"{proxy}/golang.org/toolchain/@v/v0.0.1-go{GO}.linux-amd64.zip"
        run(["curl", "-fsSL", "--retry", "5", "-o", archive, url], attempts=3)
        with zipfile.ZipFile(archive) as z:
            z.extractall(CACHE / "go")
        archive.unlink()
        for tool in [*home.glob("bin/*"), *home.glob("pkg/tool/*/*")]:
            tool.chmod(0o755)
    return str(home / "bin/go")


def go_program(package):
    (CACHE / "go").mkdir(parents=True, exist_ok=True)
    binary = CACHE / "go" / package
    run([go(), "build", "-o", binary, "./" + package], attempts=3, cwd=DRIVERS / "go",
        env={**os.environ, "GOTOOLCHAIN": "local"})
    return binary


def node_folder():
    """A folder with the node driver and what its package.json asks for."""
    home, source = CACHE / "node", DRIVERS / "node"
    debian(node="nodejs", npm="npm")
    home.mkdir(parents=True, exist_ok=True)
    lock = (source / "package-lock.json").read_text()
    if not (home / "lock").exists() or (home / "lock").read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, home / name)
        run(["npm", "ci", "--no-audit", "--no-fund"], attempts=3, cwd=home)
        (home / "lock").write_text(lock)
    for script in source.glob("*.js"):
        shutil.copy(script, home / script.name)
    return home


def cargo():
    if shutil.which("cargo"):
        version = re.search(r"cargo (\d+)\.(\d+)", run(["cargo", "--version"]))
        if (int(version[1]), int(version[2])) >= RUST:
            return
    run([ROOT / "tools" / "install-packages", "cargo-web", "rustc-web", "gcc", "libc6-dev"])


def rust_program():
    cargo()
    target = CACHE / "rust"
    manifest = DRIVERS / "rust" / "Cargo.toml"
    run(["cargo", "build", "-q", "--locked", "--manifest-path", manifest, "--target-dir", target], attempts=3)
    return target / "debug" / "client"
