"""The arguments of ``make_region`` that fit a region of Rekindle's configuration."""
import json

from dogpile.cache import api

# Releases before 1.2 have none: there, what can not be read is the caller's to handle.
_Unreadable = getattr(api, "CantDeserializeException", None)


def region_arguments(serializer="json", prefix="", mangler=None):
    """The keyword arguments of ``make_region`` for a region with ``format = "dogpile"``.

    :param serializer: the region's ``serializer``, ``"json"`` or ``"pickle"``.
    :param prefix: the region's ``prefix``, when the keys that the program uses do not begin with it.
    :param mangler: the function that the region's ``mangler`` names, such as ``sha1_mangle_key``.
    """
    if serializer not in ("json", "pickle"):
        raise ValueError("serializer can not be %r, only 'json' or 'pickle'" % (serializer,))
    arguments = {}
    if serializer == "json":
        arguments.update(serializer=_dumps, deserializer=_loads)
    if prefix or mangler:
        arguments["key_mangler"] = lambda key: prefix + (mangler(key) if mangler else key)
    return arguments


def _dumps(value):
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _loads(text):
    try:
        return json.loads(text)
    except ValueError:
        if _Unreadable is None:
            raise
        raise _Unreadable("the payload is no JSON")
