/* SPDX-License-Identifier: ISC */
/*
 * Line ends of text for the network: CRLF and nothing else (RFC 5321
 * §2.3.8), so that no two readers see different lines.
 */
#ifndef BASE_CRLF_H
#define BASE_CRLF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"

/* RFC 5322 §2.1.1: octets of a line, without its CRLF. */
enum { CRLF_LINE_MAX = 998 };

/*
 * Appends text with every CRLF, CR or LF as CRLF and one at the end; fails
 * the buffer on NUL.
 */
void crlf_add(struct buf *out, struct slice text);
/*
 * Only whole lines ended by CRLF, none longer than CRLF_LINE_MAX; no other
 * CR or LF, no NUL, nothing above 0x7f.
 */
bool crlf_is_clean(struct slice text);

#endif
