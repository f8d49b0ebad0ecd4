"""A Redis server of the tests' own, on a Unix socket in a scratch folder."""
import shutil
import subprocess
import tempfile
import time

import redis


class Server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="rekindle-client")
        self.path = self.folder + "/redis.sock"
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "", "--dir", self.folder],
            stdout=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while True:
            try:
                self.client().ping()
                return
            except redis.exceptions.ConnectionError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def client(self):
        return redis.Redis(unix_socket_path=self.path)

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)
