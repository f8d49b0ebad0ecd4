"""Twenty threads in four processes read keys that expire, while the daemon refreshes the same ones.

Each value is computed at most once each time it expires, exactly once where nobody refreshes it, and nothing raises.
Keys 1 to 8 are refreshed all the time, keys 101 to 103 never. What no release promises is not asked for: a thread that has
read a soft-expired value and then finds the lock free computes, though another has just done so, so here a creator goes
on until all others have got the old value; and get_or_create_multi may compute a value more than once, for it looks at what
it had read before it waited for the locks.
"""
import multiprocessing
import sys
import threading
import time
import traceback

import readers

PATH, SERIALIZER = sys.argv[1:3]
PROCESSES, THREADS = 4, 5
SOFT = """
local value = redis.call('GET', KEYS[1])
if not value then return 0 end
local bar = string.find(value, '|', 1, true)
redis.call('SET', KEYS[1], '{"ct": 1, "v": 2}' .. string.sub(value, bar))
return 1
"""


def region():
    return readers.region(PATH, SERIALIZER, distributed_lock=True, thread_local_lock=False, lock_timeout=30,
                          lock_sleep=0.005)


class Reader:
    """What one process reads by, shared by its threads as in a service."""

    def __init__(self):
        self.region = region()
        self.redis = self.region.backend.writer_client
        self.others = 0

        @self.region.cache_on_arguments()
        def decorated(number):
            return self.compute(f"{__name__}:decorated|{number}")

        self.decorated = decorated

    def compute(self, key):
        self.redis.incr(f"made {key}")
        time.sleep(0.01)
        end = time.monotonic() + 20
        while int(self.redis.get("returned") or 0) < self.others:
            assert time.monotonic() < end, "the other threads wait, though there is a value"
            time.sleep(0.002)
        return {"id": key, "by": "a reader"}

    def compute_all(self, *keys):
        return [self.compute(key) for key in keys]

    def read(self, how, keys):
        if how == "get_or_create":
            value = self.region.get_or_create(keys[0], lambda: self.compute(keys[0]))
            assert value["id"], value
        elif how == "get_or_create_multi":
            values = self.region.get_or_create_multi(keys, self.compute_all)
            assert all(value["id"] for value in values), values
        elif how == "decorator":
            assert self.decorated(int(keys[0].rpartition("|")[2]))["by"]
        self.redis.incr("returned")
        self.region.get(keys[0])
        self.region.get_multi(keys)


def process(rounds, barrier, errors):
    reader = Reader()

    def thread(how, keys):
        try:
            reader.read(how, keys)
        except BaseException:
            errors.put(traceback.format_exc())

    for how, keys, expiry in rounds:
        barrier.wait(60)
        reader.others = PROCESSES * THREADS - 1 if expiry == "soft" and how != "get_or_create_multi" else 0
        threads = [threading.Thread(target=thread, args=(how, keys)) for _ in range(THREADS)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        barrier.wait(60)


def plan():
    """What is read, how it is made to expire before, and whether somebody else may compute it first."""
    for number in range(3):
        for expiry in ("deleted", "ttl", "soft"):
            yield "get_or_create", [f"items:{101 + number % 3}"], expiry, False
            yield "get_or_create", [f"items:{1 + number}"], expiry, True
            yield "get_or_create_multi", [f"items:{key}" for key in (5, 6, 7, 102)], expiry, True
        yield "decorator", [f"__main__:decorated|{number}"], "deleted", False
        yield "decorator", [f"__main__:decorated|{number}"], "soft", False


def expire(redis, key, how):
    if how == "soft":
        return redis.eval(SOFT, 1, key)
    if how == "deleted":
        return redis.delete(key)
    redis.pexpire(key, 1)
    time.sleep(0.003)


def main():
    rounds = list(plan())
    fork = multiprocessing.get_context("fork")
    barrier, errors = fork.Barrier(PROCESSES + 1), fork.Queue()
    steps = [(how, keys, expiry) for how, keys, expiry, _ in rounds]
    processes = [
        fork.Process(target=process, args=(steps, barrier, errors), daemon=True) for _ in range(PROCESSES)]
    for each in processes:
        each.start()
    redis = region().backend.writer_client
    for how, keys, expiry, may_be_first in rounds:
        redis.set("returned", 0)
        for key in keys:
            expire(redis, key, expiry)
            redis.delete(f"made {key}")
        barrier.wait(60)
        barrier.wait(60)
        if not errors.empty():
            sys.exit(errors.get())
        for key in keys:
            made = int(redis.get(f"made {key}") or 0)
            alone = not may_be_first or int(key.rpartition(":")[2].rpartition("|")[2]) > 100
            if how == "get_or_create_multi":
                continue
            assert made <= 1, f"{how} {key} {expiry}: computed {made} times"
            assert made == 1 or not alone, f"{how} {key} {expiry}: never computed"
            if made:
                redis.incr("made by readers")
    for each in processes:
        each.join()
        assert each.exitcode == 0, each.exitcode
    for key in redis.scan_iter("made *"):
        redis.delete(key)


main()
