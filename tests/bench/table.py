# SPDX-License-Identifier: ISC
"""The rows of the table, in its order.  A row that is missed has a figure all
the same; one whose peer isn't installed says so."""
from dataclasses import dataclass
from typing import Callable

import peers
import rows_http
import rows_mail
import rows_size
import rows_store


@dataclass
class Row:
    name: str
    what: str
    unit: str
    measure: Callable
    target: float
    aim: float = None
    against: str = ""           # nothing: the value itself has to reach it
    at_most: bool = False       # else at least
    peer: type = None
    is_large: bool = False      # with as many contacts as a disk has to hold


NGINX = {"against": "nginx", "peer": peers.Nginx}
SINK = {"against": "smtp-source", "peer": peers.SmtpSink}

ROWS = [
    Row("answers", "answers without a commit, one web process", "1/s",
        rows_http.answers, 0.7, 0.9, **NGINX),
    Row("answers_unlogged", "the same, neither of them logging", "1/s",
        rows_http.answers_unlogged, 0.7, 0.9, **NGINX),
    Row("answers_tls", "the same over TLS 1.3", "1/s", rows_http.answers_tls, 0.7, **NGINX),
    Row("handshakes", "full TLS 1.3 handshakes, an answer each", "1/s",
        rows_http.handshakes, 0.9, **NGINX),
    Row("one_connection", "durable posts, 1 connection", "1/s",
        rows_store.one_connection, 0.3, 0.4, "pwrite + fdatasync"),
    Row("many_connections", "durable posts, 64 connections", "1/s",
        rows_store.many_connections, 1.2, 1.5, "PostgreSQL, 32 clients",
        peer=peers.Postgres),
    Row("without_sync", "durable posts, 256 connections", "1/s",
        rows_store.without_sync, 0.65, 0.8, "the same, not synced"),
    Row("larger", "durable posts with 1 M contacts, warm", "1/s",
        rows_size.larger, 0.5, 0.8, "with 0.1 M"),
    Row("largest", "durable posts with 10 M contacts, warm", "1/s",
        rows_size.largest, 0.3, 0.6, "with 0.1 M", is_large=True),
    Row("latency", "p99 of posts at half of the most", "us", rows_store.latency, 30, 15,
        "p50 of a flush", at_most=True),
    Row("confirm", "confirmations, 64 connections", "1/s", rows_store.confirm, 1,
        against="posts"),
    Row("show", "confirmation pages, 64 connections", "1/s", rows_store.show, 2,
        against="posts"),
    Row("mails", "confirmation mails, 16 connections", "1/s", rows_mail.mails, 0.6, **SINK),
    Row("cycles", "post, mail and confirmation", "1/s", rows_mail.cycles, 0.7,
        against="the slowest alone", peer=peers.SmtpSink),
    Row("ready", "start to ready with 10 M contacts", "s", rows_size.ready, 1,
        at_most=True, is_large=True),
    Row("memory_idle", "anonymous memory, idle", "MB", rows_size.memory_idle, 24,
        at_most=True),
    Row("memory_full", "anonymous memory, 10 M contacts and 1 M mails", "MB",
        rows_size.memory_full, 64, at_most=True, is_large=True),
    Row("disk", "disk for each confirmed contact", "bytes", rows_size.disk, 900,
        at_most=True),
]


def is_reached(row, ratio, limit):
    return ratio <= limit if row.at_most else ratio >= limit


def verdict(row, figure):
    if row.aim is not None and is_reached(row, figure.ratio, row.aim):
        return "aim reached"
    return "reached" if is_reached(row, figure.ratio, row.target) else "MISSED"
