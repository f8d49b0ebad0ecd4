import unittest

from dogpile.cache import api, make_region
from dogpile.cache.api import NO_VALUE
from dogpile.cache.util import sha1_mangle_key

from rekindle import region_arguments
from server import Server


class RegionTests(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.stop)

    def region(self, **options):
        region = make_region(**region_arguments(**options)).configure(
            "dogpile.cache.redis", arguments={"url": "unix://" + self.server.path})
        self.addCleanup(region.backend.writer_client.close)
        return region

    def test_json_is_written_and_read(self):
        region = self.region(prefix="items:")
        value = {"name": "a|b \"é\"", "list": [1, 2.5, None, True]}
        region.set("1", value)
        self.assertEqual(region.get("1"), value)
        self.assertTrue(self.server.client().get("items:1").endswith(b'"list":[1,2.5,null,true]}'))

    def test_keys_are_mangled_behind_the_prefix(self):
        self.region(prefix="shop:", mangler=sha1_mangle_key).set("1", 1)
        self.region(mangler=sha1_mangle_key, serializer="pickle").set("2", 2)
        names = sorted(self.server.client().keys())
        self.assertEqual(names, sorted([("shop:" + sha1_mangle_key("1")).encode(), sha1_mangle_key("2").encode()]))

    @unittest.skipUnless(hasattr(api, "CantDeserializeException"), "this release raises")
    def test_what_is_no_json_is_missing(self):
        region = self.region()
        self.server.client().set("1", b'{"ct": 1760000000.0, "v": 2}|{"cut')
        self.assertIs(region.get("1"), NO_VALUE)

    def test_another_serializer_is_refused(self):
        with self.assertRaises(ValueError):
            region_arguments(serializer="xml")


if __name__ == "__main__":
    unittest.main()
