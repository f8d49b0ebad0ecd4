"""Programs under measurement, the events that drive.c makes for them, and how quiet the machine is meanwhile."""
import contextlib
import os
import statistics
import subprocess
import time

from servers import Redis, conninfo, shell, wait_ready

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.path.join(os.path.dirname(HERE), ".build/peers/bin/python")
ITEMS = """
CREATE TABLE items (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2) NOT NULL, tags text[] NOT NULL,
                    updated_at timestamptz NOT NULL DEFAULT now());
INSERT INTO items SELECT i, 'item ' || i, (i % 1000) / 10.0, ARRAY['tag' || i % 7, 'tag' || i % 11]
FROM generate_series(1, 200000) i;
VACUUM ANALYZE items;
"""


def load(directory, sql):
    """Runs SQL, in as many transactions as it has statements."""
    with open(directory + "/schema.sql", "w") as file:
        file.write(sql)
    shell(directory, f"psql '{conninfo(directory)}' -v ON_ERROR_STOP=1 -qf schema.sql")


def compile_c(directory, *names):
    for name in names:
        shell(directory, f"cc -O2 -o {name} {HERE}/{name}.c -I$(pg_config --includedir) -lpq -lhiredis")


def places(directory):
    """Where the servers are, as the programs that are measured take it."""
    return [conninfo(directory), directory + "/redis.sock"]


def peer(name, *words):
    """The command of a peer in Python."""
    if not os.path.exists(PYTHON):
        raise SystemExit("the Python peers have no packages yet: run scripts/peers")
    return [PYTHON, f"{HERE}/peers/{name}.py", *words]


def configure(directory, rest=None, workers=1):
    """Writes the configuration: compare.toml, or its servers and region with other queries and channels."""
    with open(HERE + "/compare.toml") as file:
        text = file.read()
    if rest is not None:
        text = text[:text.index("[queries.item]")] + rest
    for word, value in (("{host}", directory + "/pg"), ("{redis}", directory + "/redis.sock"), ("{dir}", directory)):
        text = text.replace(word, value)
    with open(directory + "/bench.toml", "w") as file:
        file.write(text.replace("workers = 1", f"workers = {workers}"))
    return directory + "/bench.toml"


@contextlib.contextmanager
def running(directory, command):
    """Runs a program on an empty Redis, from when it listens on; yields it, and the seconds that it took to.

    The daemon says so at /readyz, every other program by a line.
    """
    Redis(directory).ask("FLUSHALL")
    is_daemon = command[1] == "serve"
    began = time.monotonic()
    with open(directory + "/program.log", "w") as log:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL if is_daemon else subprocess.PIPE, stderr=log)
    try:
        if is_daemon:
            wait_ready(directory, process)
        elif process.stdout.readline() != b"ready\n":
            with open(directory + "/program.log") as log:
                raise SystemExit(f"{command[1]} did not begin: {log.read()}")
        yield process, time.monotonic() - began
    finally:
        process.terminate()
        process.wait()


class MemoryLatency:
    """How long a read of memory takes, which tells in part how quiet the machine is."""

    name = "memory latency"

    def __init__(self, directory):
        compile_c(directory, "memory_latency")
        self.command = [directory + "/memory_latency"]

    def look(self):
        return {"read": float(subprocess.run(self.command, capture_output=True, check=True, text=True).stdout)}

    @classmethod
    def tell(cls, seen):
        """Prints what was seen, round by round."""
        reads = sorted(look["read"] for look in seen[cls.name])
        middle = statistics.median(reads)
        print(f"\nA read of memory, at a random place within 8 MiB, took {reads[0]:.0f} to {reads[-1]:.0f} ns, at the "
              f"median {middle:.0f} ns.", flush=True)


class Drive:
    """The events of drive.c."""

    def __init__(self, directory):
        compile_c(directory, "drive")
        self.command = [directory + "/drive", *places(directory)]

    def figures(self, *words):
        done = subprocess.run([*self.command, *map(str, words)], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"drive {' '.join(map(str, words))} failed: {done.stderr or 'not all keys came in time'}")
        return [float(word) for word in done.stdout.split()]

    def burst(self, count, *payload):
        """Seconds until all keys of a burst are stored."""
        return self.figures("burst", count, *payload)[0]

    def ping(self, count):
        """Median and 99th percentile, in microseconds, from a commit to a subscriber."""
        return self.figures("ping", count)

    def hot(self, count, keys):
        """Seconds of all commits, and the moment of the last."""
        return self.figures("hot", count, keys)
