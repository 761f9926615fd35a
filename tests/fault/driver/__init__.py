# SPDX-License-Identifier: ISC
"""Faults while somebody subscribes, and what must be true after them."""
