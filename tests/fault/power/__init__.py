# SPDX-License-Identifier: ISC
"""The power goes: what may a disk hold then, and is all of it there that was
promised?"""
