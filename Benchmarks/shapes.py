"""The workloads: what the daemon is configured for, and which payloads it gets."""
import dataclasses

CHANNEL = '{ channel = "items", after = "refresh" }'
STREAM = '{ stream = "log", after = "refresh", maxlen = 100000 }'
ROW = "SELECT id, name, price, tags, updated_at FROM items WHERE id = "
SIZES = {100: 1, 2000: 5, 50_000: 25}
PAIRS = """
CREATE TABLE pairs AS SELECT id % 100 AS a, id AS b, name, price, tags, updated_at FROM items;
ALTER TABLE pairs ADD PRIMARY KEY (a, b);
VACUUM ANALYZE pairs;
"""
# Text that is not worth compressing; the statement has nothing to do but to read it.
WIDE = """
CREATE TABLE wide{size} (id int PRIMARY KEY, body text NOT NULL);
ALTER TABLE wide{size} ALTER body SET STORAGE EXTERNAL;
INSERT INTO wide{size} SELECT i, left((SELECT string_agg(md5(i || ' ' || j), '')
FROM generate_series(1, {size} / 32 + 1) j), {size}) FROM generate_series(1, {keys}) i;
VACUUM ANALYZE wide{size};
"""


@dataclasses.dataclass
class Shape:
    """Queries and channels of a configuration, the SQL of a payload, and how many keys make a burst."""

    rules: str
    keys: int
    payload: str = "i::text"
    size: int = 0


def rules(sql, sources, form="text", publish=(CHANNEL,)):
    """One query, whose parameters come from the payload as `sources` says, and one channel that refreshes it."""
    taken = ", ".join(f'{name} = "{source}"' for name, source in sources.items())
    return f"""
[queries.item]
region = "items"
params = [{", ".join(f'"{name}"' for name in sources)}]
sql = "{sql}"

[channels.items]
payload = "{form}"
refresh = [{{ query = "item", params = {{ {taken} }} }}]
publish = [{", ".join(publish)}]
"""


def plain(publish=(CHANNEL,)):
    return rules(ROW + "$1::int", {"id": "payload"}, publish=publish)


def shapes(keys):
    """All workloads by name, plain ones first; wide values come in smaller bursts than of `keys` keys."""
    pair = "SELECT a, b, name, price, tags, updated_at FROM pairs WHERE a = $1::int AND b = $2::int"
    found = {
        "plain": Shape(plain(), keys),
        "no routes": Shape(plain(publish=()), keys),
        "a channel and a stream": Shape(plain(publish=(CHANNEL, STREAM)), keys),
        "two parameters, CSV": Shape(rules(pair, {"a": "0", "b": "1"}, "csv"), keys, "i % 100 || ',' || i"),
        "JSON, `row.ids.0`": Shape(
            rules(ROW + "$1::int", {"id": "row.ids.0"}, "json"), keys,
            """'{"table":"items","row":{"ids":[' || i || '],"by":"a writer"}}'"""),
    }
    for size, part in SIZES.items():
        sql = f"SELECT id, body FROM wide{size} WHERE id = $1::int"
        found[f"values of {size:,} bytes"] = Shape(rules(sql, {"id": "payload"}), keys // part, size=size)
    # An array is a parameter that can not be one of many in an array.
    found["key by key"] = Shape(rules(ROW + "ANY($1::int[])", {"ids": "payload"}), keys, "'{' || i || '}'")
    return found


def schema(keys):
    """What the workloads read beside `items`."""
    return PAIRS + "".join(WIDE.format(size=size, keys=keys // part) for size, part in SIZES.items())
