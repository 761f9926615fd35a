/* SPDX-License-Identifier: ISC */
/*
 * quoted-printable (RFC 2045 §6.7): text as ASCII that can nearly be read, in
 * lines of 76 characters at most.
 */
#ifndef BASE_QP_H
#define BASE_QP_H

#include "base/buf.h"
#include "base/slice.h"

/* Appends lines of text, which end with LF or CRLF, each with CRLF. */
void qp_add(struct buf *out, struct slice text);

#endif
