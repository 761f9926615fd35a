# SPDX-License-Identifier: ISC
"""Rows about answers that need no commit: web alone is at work."""
from harness import env
from harness.certificates import Certificates

import measure
import texts
import tools
from ours import Ours
from peers import Nginx

ONE_WEB = {"web_processes": 1}


def against_nginx(bench, ours, nginx, **options):
    """Refused posts, as many as 64 connections get answered."""
    request = bench.write("bad.http", texts.post("nobody"))

    def rate(port, cpu, status):
        return measure.with_cpu(cpu, lambda: tools.load(
            port, request, bench.seconds, 64, e=status, **options))

    with ours, nginx:
        return measure.in_turns(
            bench.rounds,
            lambda: rate(ours.port, lambda: ours.cpu("web"), 400),
            lambda: rate(nginx.port, nginx.cpu, 200))


def answers(bench):
    return against_nginx(bench, Ours(bench, ONE_WEB), Nginx(bench))


def answers_unlogged(bench):
    """Neither writes a line for each."""
    return against_nginx(bench, Ours(bench, {**ONE_WEB, "log": {"level": "warn"}}),
                         Nginx(bench, logs=False))


def with_tls(bench, **options):
    folder = bench.make_folder("tls-")
    certificate = [str(p) for p in Certificates(folder.path).files()]
    for path in certificate:
        env.give_away(path)
    ours = Ours(bench, ONE_WEB)
    ours.values[("listen", f"127.0.0.1:{ours.port}")] = {
        "certificate": certificate[0], "key": certificate[1]}
    return against_nginx(bench, ours, Nginx(bench, certificate),
                         T=True, **options)


def answers_tls(bench):
    return with_tls(bench)


def handshakes(bench):
    return with_tls(bench, x=True)
