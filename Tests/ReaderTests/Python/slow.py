"""A reader that is slow: it reads, says so by the lock it holds, and stores once the key `go` is there.

With `waits` it is to find the value that the daemon stores, and compute nothing.
"""
import sys
import time

import readers

path, waits = sys.argv[1], sys.argv[2:] == ["waits"]
region = readers.region(path, "json", distributed_lock=True, thread_local_lock=False, lock_timeout=60, lock_sleep=0.02)
redis = region.backend.writer_client


def creator():
    assert not waits, "the lock was not waited for"
    while not redis.exists("go"):
        time.sleep(0.01)
    return {"name": "old"}


found = region.get_or_create("items:1", creator)
assert found == {"name": "new" if waits else "old"}, found
