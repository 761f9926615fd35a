/* SPDX-License-Identifier: ISC */
/*
 * Which characters may stand where in HTTP.
 */
#ifndef IO_HTTP_CHARS_H
#define IO_HTTP_CHARS_H

#include <stdbool.h>

#include "base/slice.h"

/* A token (RFC 9110 §5.6.2), not empty. */
bool http_is_token(struct slice);
/* A header's value, or nothing: no control byte but HTAB. */
bool http_is_field_text(struct slice);
/* How many bytes of such text it starts with. */
size_t http_field_text_len(struct slice);
/* A path (RFC 3986 §3.3); "%" is taken wherever it stands. */
bool http_is_path_text(struct slice);
/* A query: all that browsers leave in one, which is more than §3.4. */
bool http_is_query_text(struct slice);
/* A host name or an IPv4 address. */
bool http_is_host_text(struct slice);
/* The value of a hex digit; -1 when it isn't one. */
int http_hex_value(char c);

#endif
