# SPDX-License-Identifier: ISC
"""What the end-to-end tests stand on: a daemon of their own in a folder of
their own, an HTTP client that sends exactly what it is told, and mailboxes
that wait for a mail instead of sleeping.  Nothing leaves the loopback."""
