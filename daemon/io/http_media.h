/* SPDX-License-Identifier: ISC */
/*
 * Values of headers that have parts: media types and Content-Disposition,
 * `word; name=token; name="quoted"` (RFC 9110 §5.6.6).
 */
#ifndef IO_HTTP_MEDIA_H
#define IO_HTTP_MEDIA_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/*
 * Takes the word before the first ';' off *rest, trimmed; what remains are
 * parameters for http_media_param.
 */
struct slice http_media_word(struct slice *rest);
/*
 * Takes the next parameter off *rest: its name borrowed, its value put into
 * the buffer without quotes and backslashes.  1, 0 at the end, -1 when
 * malformed.
 */
int http_media_param(struct slice *rest, struct slice *ret_name,
    struct buf *ret_value);
/*
 * The value of one parameter: 1, 0 when it isn't there, -1 when anything of
 * the parameters is malformed or it is there twice.
 */
int http_media_find(struct slice params, const char *name,
    struct buf *ret_value);

#endif
