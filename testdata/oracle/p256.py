"""ECDSA on P-256 with SHA-256: the mathematics is libcrypto's, called through ctypes, so that no
package is needed that Quoin itself does not need."""

import ctypes
import ctypes.util
import functools
import hashlib

_NID_P256 = 415  # NID_X9_62_prime256v1

_crypto = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
_crypto.EC_KEY_new_by_curve_name.restype = ctypes.c_void_p
_crypto.EC_KEY_new_by_curve_name.argtypes = [ctypes.c_int]
_crypto.EC_KEY_oct2key.argtypes = [
    ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
_crypto.EC_KEY_free.argtypes = [ctypes.c_void_p]
_crypto.EC_KEY_free.restype = None
_crypto.ECDSA_verify.argtypes = [
    ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]


class _Key:
    """A point of the curve; `handle` is null where the bytes are none."""

    def __init__(self, point):
        self.handle = _crypto.EC_KEY_new_by_curve_name(_NID_P256)
        octets = b"\x04" + point
        if _crypto.EC_KEY_oct2key(self.handle, octets, len(octets), None) != 1:
            _crypto.EC_KEY_free(self.handle)
            self.handle = None

    def __del__(self):
        if self.handle:
            _crypto.EC_KEY_free(self.handle)


_key = functools.lru_cache(maxsize=1024)(_Key)


def _der_unsigned(octets):
    value = octets.lstrip(b"\x00")
    if not value or value[0] & 0x80:
        value = b"\x00" + value
    return bytes([2, len(value)]) + value


@functools.lru_cache(maxsize=1 << 15)
def _verify(point, signature, digest):
    key = _key(point)
    if not key.handle:
        return False
    parts = _der_unsigned(signature[:32]) + _der_unsigned(signature[32:])
    der = bytes([0x30, len(parts)]) + parts
    return _crypto.ECDSA_verify(0, digest, len(digest), der, len(der), key.handle) == 1


def verify(point, signature, message):
    """Whether `signature` (r || s) over `message` is by the key `point` (X || Y)."""
    return _verify(point, signature, hashlib.sha256(message).digest())
