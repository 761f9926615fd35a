# SPDX-License-Identifier: ISC
"""ALTCHA's challenges, version 2, as somebody else would write, sign and solve
them: by the specification and not by our code."""
import base64
import hashlib
import hmac
import json
import os
import time
from pathlib import Path

from . import env

# Where ./quickstart check puts what tests/e2e/altcha names.
PACKAGES = env.SOURCE / "build/altcha/node_modules"


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def derive(parameters, counter):
    return hashlib.sha256(bytes.fromhex(parameters["salt"] + parameters["nonce"])
                          + counter.to_bytes(4, "big")).digest()


def solve(challenge, limit=1_000_000):
    """The payload that a widget posts."""
    prefix = bytes.fromhex(challenge["parameters"]["keyPrefix"])
    for counter in range(limit):
        key = derive(challenge["parameters"], counter)
        if key.startswith(prefix):
            return payload(challenge, counter, key)
    raise AssertionError(f"no counter below {limit} solves {challenge}")


def payload(challenge, counter, key, **spelling):
    solution = {"counter": counter, "derivedKey": key.hex(), "time": 12.5}
    text = json.dumps({"challenge": challenge, "solution": solution}, **spelling)
    return base64.b64encode(text.encode()).decode()


def respelt(text):
    """The same payload in other words."""
    value = json.loads(base64.b64decode(text))
    value["solution"]["time"] = 99
    return base64.b64encode(json.dumps(value, indent=3).encode()).decode()


class Keys:
    """What a daemon signs with, from its secret file."""

    def __init__(self, daemon):
        lines = Path(daemon.values["secret_file"]).read_text().splitlines()
        index = next(line.split()[1] for line in lines if line.startswith("index "))
        form_key = mac(bytes.fromhex(index), b"assent form key 1")
        self.secrets = [mac(form_key, use).hex() for use in (b"altcha", b"altcha key")]

    def make(self, name="weekly", level=0, seconds=900, counter=5, **changes):
        """A challenge as the daemon would make it, or with changes, signed."""
        p = {"algorithm": "SHA-256", "cost": 1, "data": {"level": level, "list": name},
             "expiresAt": int(time.time()) + seconds, "keyLength": 32,
             "nonce": os.urandom(16).hex(), "salt": os.urandom(16).hex()}
        key = derive(p, counter)
        p["keyPrefix"] = key[:16].hex()
        p["keySignature"] = mac(self.secrets[1].encode(), key).hex()
        p.update(changes)
        return {"parameters": p,
                "signature": mac(self.secrets[0].encode(), canonical(p)).hex()}
