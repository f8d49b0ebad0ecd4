"""Reads what the daemon has stored: present, null, absent; fresh, and expired by the reader's own clock."""
import sys
import time

import readers
from dogpile.cache.api import NO_VALUE

region = readers.region(sys.argv[1], sys.argv[2])
item = {
    "id": 1, "name": 'a|b "é"', "price": 12.5, "big": 123456789012345678901234567890,
    "tags": ["😀", {"x": None}, 0, 1000.0], "since": "2026-11-21",
}


def creator(*keys):
    raise AssertionError(f"the value of {keys} is there and fresh")


assert region.get("items:1") == item, region.get("items:1")
assert type(region.get("items:1")["big"]) is int
assert region.get("items:2") is None
assert region.get("items:3") is NO_VALUE
assert region.get("items:all") == [{"id": 1, "name": 'a|b "é"'}]
assert region.get("items:count") == 1
assert region.get_multi(["items:1", "items:3", "items:count"]) == [item, NO_VALUE, 1]
assert region.get_or_create("items:1", creator) == item
assert region.get_or_create_multi(["items:1", "items:2"], creator) == [item, None]
assert region.get("items:1", expiration_time=0) is NO_VALUE
assert region.get_or_create("items:9", lambda: "made by the reader") == "made by the reader"
if readers.RELEASE >= (1, 3):
    assert -1 < region.get_value_metadata("items:1").age < 60

# Made longer ago than the reader allows: it computes the value itself.
old = time.time() - 3601
raw = region.backend.reader_client if hasattr(region.backend, "reader_client") else region.backend.client
stored = raw.get("items:1")
raw.set("items:1", b'{"ct": %f, "v": 2}|' % old + stored.split(b"|", 1)[1])
assert region.get("items:1") is NO_VALUE
assert region.get_or_create("items:1", lambda: "mine") == "mine"
assert region.get("items:1") == "mine"
