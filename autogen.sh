#!/bin/sh
# Makes ./configure from a fresh clone.
set -eu
cd "$(dirname "$0")"
autoreconf --install --force --warnings=all
