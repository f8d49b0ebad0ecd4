"""Compares pickles with the JSON texts they were made of: lines of both in hexadecimal, from standard input."""
import json
import pickle
import struct
import sys


def same(left, right):
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right))
    if isinstance(left, float):
        return struct.pack(">d", left) == struct.pack(">d", right)
    return left == right


sys.setrecursionlimit(10_000)
count, ours, theirs = 0, 0, 0
for line in sys.stdin:
    text, pickled = (bytes.fromhex(word) for word in line.split())
    value = json.loads(text)
    read = pickle.loads(pickled)
    assert same(value, read), f"{text!r} became {read!r}"
    count += 1
    ours += len(pickled)
    theirs += len(pickle.dumps(value, protocol=2))
print(count, ours, theirs)
