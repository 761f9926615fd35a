/* SPDX-License-Identifier: ISC */
/*
 * UTF-8 (RFC 3629), on libunistring.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Nothing above 0x7f. */
bool utf8_is_ascii(struct slice s);
bool utf8_is_valid(struct slice s);
/* How many characters of printable ASCII it starts with. */
size_t utf8_ascii_len(struct slice s);
/* The first character and how many bytes it takes; 0 when it is invalid. */
size_t utf8_next(struct slice s, uint32_t *ret_char);
/* A C0 or C1 control, a bidi control or a zero-width character. */
bool utf8_is_control(uint32_t c);
/* Holds one of those, or is invalid. */
bool utf8_has_control(struct slice s);
/* Valid, and none of those but the joiners, which Persian, Hindi and emoji
 * are written with. */
bool utf8_is_text(struct slice s);
/* Normal form C, owned; NULL when s isn't valid UTF-8. */
char *utf8_nfc(struct slice s);

#endif
