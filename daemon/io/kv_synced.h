/* SPDX-License-Identifier: ISC */
/*
 * What is committed is on disk.  What that costs is measured by a program that
 * is built to do without (tests/bench).
 */
#ifndef IO_KV_SYNCED_H
#define IO_KV_SYNCED_H

#ifndef KV_SYNCED
#define KV_SYNCED 1
#endif

#endif
