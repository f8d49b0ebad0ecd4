"""Finds by decorators what the daemon has stored, with the mangler that the second argument names."""
import hashlib
import sys

import readers
from dogpile.cache.util import kwarg_function_key_generator, length_conditional_mangler, sha1_mangle_key


def md5_mangle_key(key):
    return hashlib.md5(key.encode()).hexdigest()


manglers = {
    "none": None,
    "sha1": lambda key: "shop:" + sha1_mangle_key(key),
    "sha1 alone": sha1_mangle_key,
    "md5": lambda key: "shop:" + md5_mangle_key(key),
    "sha1_if_longer": lambda key: "shop:" + length_conditional_mangler(26, sha1_mangle_key)(key),
    "md5_if_longer": lambda key: "shop:" + length_conditional_mangler(26, md5_mangle_key)(key),
}
region = readers.region(sys.argv[1], "json", key_mangler=manglers[sys.argv[2]])


def computed(*arguments):
    raise AssertionError(f"{arguments} should have been found")


@region.cache_on_arguments()
def price(item, currency):
    computed(item, currency)


@region.cache_on_arguments(namespace="sale")
def reduced(item, currency):
    computed(item, currency)


@region.cache_on_arguments(function_key_generator=kwarg_function_key_generator)
def converted(item, currency="EUR"):
    computed(item, currency)


@region.cache_multi_on_arguments()
def stock(*items):
    computed(*items)


class Shop:
    @region.cache_on_arguments()
    def owner(self, town):
        computed(town)


for item in (1, 2):
    assert price(item, "€uro") == {"item": item, "currency": "€uro"}
assert reduced(1, "€uro") == {"item": 1, "currency": "€uro"}
assert stock(1, 2) == [10, 20]
assert Shop().owner("Bad Münder am Deister") == "Anna"
# The generator that knows keyword arguments sorts them by their names: currency, item.
assert converted(item=1, currency="€uro") == {"item": 1, "currency": "€uro"}
