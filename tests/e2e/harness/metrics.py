# SPDX-License-Identifier: ISC
"""What /metrics tells, as a dict from (name, labels) to a number."""
import re
import subprocess

SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? ([0-9.]+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


class Metrics:
    def __init__(self, text):
        self.text = text
        self.types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
        self.samples = {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            found = SAMPLE.fullmatch(line)
            assert found, line
            key = key_of(found[1], dict(LABEL.findall(found[2] or "")))
            assert key not in self.samples, line
            self.samples[key] = float(found[3])

    def get(self, name, **labels):
        """0 for a series that isn't there yet."""
        return self.samples.get(key_of(name, labels), 0)

    def type_of(self, key):
        base = re.sub(r"_(bucket|sum|count)$", "", key[0])
        return self.types.get(key[0]) or self.types[base]

    def only_grow(self):
        """Those that must never go back."""
        return {k: v for k, v in self.samples.items() if self.type_of(k) != "gauge"}

    def moved(self, before, *but):
        """The counters that others than `but` have changed, and by how much."""
        return {k: v - before.samples.get(k, 0) for k, v in self.only_grow().items()
                if self.type_of(k) == "counter" and k[0] not in but
                and v != before.samples.get(k, 0)}


def key_of(name, labels):
    return (name, *sorted(labels.items()))


def promtool(*args, text=None):
    """What it has to say; nothing, if all is well."""
    done = subprocess.run(["promtool", "check", *args], input=text, text=True,
                          capture_output=True)
    return done.stdout + done.stderr if done.returncode else ""
