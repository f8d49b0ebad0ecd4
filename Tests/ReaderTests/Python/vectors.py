"""Has the library store values at a known time, and compares the bytes with those that are kept; `--write` keeps them.

A line of vectors.txt is the value as JSON text, what a region with JSON stores, what one without a serializer stores
(by a pickle of protocol 2), and the payload that Rekindle writes for the value, the last three in hexadecimal.
"""
import json
import pathlib
import pickle
import sys
import time

from dogpile.cache import make_region, register_backend
from dogpile.cache.api import BytesBackend

FILE = pathlib.Path(__file__).with_name("vectors.txt")
TIME = 1760000000.123456
VALUES = [
    None, True, 0, -1, 255, 65536, 2**40, -(10**30), 0.1, -2.5e300, "", "a|b \"é\" ☃ 😀", [], {}, [1, [2.5, None]],
    {"id": 1, "name": "x"}, [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}],
]


class Kept(BytesBackend):
    """Keeps the bytes of the last value."""

    def __init__(self, arguments):
        pass

    def set_serialized(self, key, value):
        self.value = value


register_backend("kept", __name__, "Kept")


def stored(**options):
    region = make_region(**options).configure("kept")

    def bytes_of(value):
        region.set("key", value)
        return region.backend.value

    return bytes_of


time.time = lambda: TIME
as_json = stored(serializer=lambda value: json.dumps(value).encode(), deserializer=json.loads)
as_pickle = stored(serializer=lambda value: pickle.dumps(value, protocol=2), deserializer=pickle.loads)
lines = []
kept = FILE.read_text().splitlines() if FILE.exists() else []
for place, value in enumerate(VALUES):
    own = kept[place].split("\t")[3] if place < len(kept) else ""
    lines.append("\t".join([json.dumps(value), as_json(value).hex(), as_pickle(value).hex(), own]))
if sys.argv[1:] == ["--write"]:
    FILE.write_text("\n".join(lines) + "\n")
else:
    assert lines == kept, "\n".join(line for line in lines if line not in kept)
    for value, line in zip(VALUES, lines):
        read = pickle.loads(bytes.fromhex(line.split("\t")[3]))
        assert (type(read), repr(read)) == (type(value), repr(value)), line
