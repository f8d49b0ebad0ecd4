"""Servers of a benchmark's own, in a scratch folder, and what is asked of them."""
import contextlib
import glob
import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def start_postgres(directory):
    os.chmod(directory, 0o755)
    os.mkdir(directory + "/pg")
    as_user = []
    if os.geteuid() == 0:
        shutil.chown(directory + "/pg", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
    subprocess.run([*as_user, programs + "/initdb", "-D", directory + "/pg/data", "-A", "trust", "-U", "postgres"],
                   check=True, stdout=subprocess.DEVNULL, cwd="/")
    postgres = subprocess.Popen(
        [*as_user, programs + "/postgres", "-D", directory + "/pg/data", "-k", directory + "/pg", "-c",
         "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=512MB"],
        stderr=open(directory + "/pg.log", "w"), cwd="/")
    return postgres


def start_redis(directory, *options):
    return subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", directory + "/redis.sock", "--save", "",
                             "--dir", directory, *options], stdout=subprocess.DEVNULL)


def shell(directory, command):
    return subprocess.run(["bash", "-c", command], cwd=directory, check=True, text=True, capture_output=True).stdout


def conninfo(directory):
    return f"host={directory}/pg user=postgres dbname=postgres"


@contextlib.contextmanager
def servers():
    """A scratch folder with both servers in it; yields the folder and a list of processes to end."""
    directory = tempfile.mkdtemp(prefix="rekindle-bench.")
    processes = [start_postgres(directory), start_redis(directory)]
    try:
        while subprocess.run(["psql", conninfo(directory), "-c", "select 1"], capture_output=True).returncode != 0:
            time.sleep(0.05)
        yield directory, processes
    finally:
        for process in processes:
            process.send_signal(signal.SIGINT)
        for process in processes:
            process.wait()
        shutil.rmtree(directory, ignore_errors=True)


def get(directory, path, name="health.sock"):
    """The status and text of an endpoint of the daemon; 0 when nobody answers."""
    connection = http.client.HTTPConnection("localhost", timeout=5)
    try:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(f"{directory}/{name}")
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def wait_ready(directory, daemon, limit=300):
    end = time.monotonic() + limit
    while get(directory, "/readyz")[0] != 200:
        if daemon.poll() is not None or time.monotonic() > end:
            raise SystemExit("the daemon did not become ready")
        time.sleep(0.01)


def memory(process, name):
    """A line of /proc/PID/status, such as VmRSS, in MiB."""
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) / 1024


class Redis:
    """Commands over the Unix socket."""

    def __init__(self, directory):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(directory + "/redis.sock")
        self.file = self.socket.makefile("rb", buffering=1 << 20)

    def ask(self, *words):
        """The reply to one command."""
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
        return self.reply()

    def reply(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        if kind == b"+":
            return rest
        raise SystemExit(f"redis: {line.decode().strip() or 'the connection is gone'}")

    def mget(self, keys):
        return self.ask("MGET", *keys)
