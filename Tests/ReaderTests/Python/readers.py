"""What the tests' readers share: a region of this release of dogpile.cache, on a Redis behind a Unix socket."""
import json
from importlib.metadata import version

from dogpile.cache import make_region

RELEASE = tuple(int(part) for part in version("dogpile.cache").split("."))


def region(path, serializer, expiration_time=3600, key_mangler=None, region_invalidator=None, **arguments):
    options = {"key_mangler": key_mangler}
    if serializer == "json":
        options.update(serializer=lambda value: json.dumps(value).encode(), deserializer=json.loads)
    return make_region(**options).configure(
        "dogpile.cache.redis", expiration_time=expiration_time, region_invalidator=region_invalidator,
        arguments={"url": f"unix://{path}", **arguments})
