#!/usr/bin/env python3
"""keytab_scan_seeds.py DIRECTORY: writes the seeds of fuzz_keytab_scan, one file a kind of keytab, field by field."""
import pathlib
import struct
import sys


def record(order='>', version=2, components=(b'impala', b'lb.example.com'), realm=b'EXAMPLE.COM', name_type=1,
           timestamp=1700000000, kvno8=3, enctype=18, key=b'k' * 32, kvno32=3, extra=b'', length=None):
    text = lambda octets: struct.pack(order + 'H', len(octets)) + octets
    fields = struct.pack(order + 'H', len(components) + (version == 1))
    fields += text(realm) + b''.join(text(part) for part in components)
    fields += struct.pack(order + 'i', name_type) if version == 2 else b''
    fields += struct.pack(order + 'IBh', timestamp, kvno8, enctype) + text(key)
    fields += struct.pack(order + 'I', kvno32) if kvno32 is not None else b''
    fields += extra
    return struct.pack(order + 'i', len(fields) if length is None else length) + fields


def hole(size):
    return struct.pack('>i', -size) + bytes(size)


TWO = b'\x05\x02'
SEEDS = {
    'header': TWO,
    'one': TWO + record(),
    'two_enctypes': TWO + record() + record(enctype=17, key=b'k' * 16),
    'without_wide_kvno': TWO + record(kvno32=None),
    'wide_kvno': TWO + record(kvno8=44, kvno32=300),
    'heimdal_flags': TWO + record(extra=b'\0\0\0\1'),
    'holes': TWO + hole(20) + record(extra=bytes(9)) + hole(7),
    'conflict': TWO + record() + record(key=b'K' * 32),
    'old_kvno': TWO + record(kvno8=2, kvno32=2) + record(),
    'doubtful_key': TWO + record(key=b'short'),
    'unknown_enctype': TWO + record(enctype=9999, key=b'x'),
    'cut': TWO + record()[:-10],
    'zero_length': TWO + record() + bytes(4) + record(),
    'wrong_length': TWO + record(length=40) + record(),
    'swallowed': TWO + record(length=2 * len(record()) - 4) + record() + record(),
    'int_min': TWO + record(length=-2**31) + record(),
    'int_max': TWO + record(length=2**31 - 1) + record(),
    'hole_past_the_end': TWO + record() + struct.pack('>i', -100),
    'empty_realm': TWO + record(realm=b'') + record(),
    'no_components': TWO + record(components=()) + record(),
    'tail': TWO + record() + b'xy',
    'version_1_little': b'\x05\x01' + record('<', 1) + record('<', 1, kvno32=None),
    'version_1_big': b'\x05\x01' + record('>', 1) + record('>', 1, kvno32=None),
    'text': b'hello',
}

directory = pathlib.Path(sys.argv[1])
directory.mkdir(parents=True, exist_ok=True)
for name, octets in SEEDS.items():
    (directory / name).write_bytes(octets)
print(f'{len(SEEDS)} seeds in {directory}')
