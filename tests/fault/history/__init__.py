# SPDX-License-Identifier: ISC
"""Do the answers that many clients get, while processes die and stand still,
fit one order of what they asked?"""
