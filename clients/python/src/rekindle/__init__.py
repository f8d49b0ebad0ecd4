"""What a Python reader of a cache that Rekindle keeps right needs beside dogpile.cache."""
from .invalidation import RekindleInvalidation
from .regions import region_arguments

__all__ = ["RekindleInvalidation", "region_arguments"]
