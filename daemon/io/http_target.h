/* SPDX-License-Identifier: ISC */
/*
 * What a request is for: the target of its request line, and the host.
 */
#ifndef IO_HTTP_TARGET_H
#define IO_HTTP_TARGET_H

#include <stdbool.h>

#include "base/slice.h"
#include "io/http.h"

/*
 * Takes a target apart (RFC 9112 §3.2): origin-form, absolute-form of http
 * and https, whose authority is to be compared with Host (else p == NULL),
 * and "*" for OPTIONS.  0, or -1.
 */
int http_parse_target(struct slice target, enum http_method method,
    struct slice *ret_path, struct slice *ret_query,
    struct slice *ret_authority);

/* uri-host [ ":" port ], without a user, not empty (RFC 9110 §7.2). */
bool http_host_is_valid(struct slice host);

#endif
