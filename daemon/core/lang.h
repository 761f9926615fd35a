/* SPDX-License-Identifier: ISC */
/*
 * Languages: which of those on offer a visitor reads best.  Tags are BCP 47
 * (RFC 5646), compared without case.
 */
#ifndef CORE_LANG_H
#define CORE_LANG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum { LANG_TAG_MAX = 35 };	/* bytes (RFC 5646 §4.4.1) */

/* Is it a well-formed tag: "en", "pt-BR", "zh-Hant-TW"? */
bool lang_is_tag(struct slice tag);
/*
 * Which of `offered` answers to a tag: itself, else what is left of it when
 * its end is cut off (RFC 4647 §3.4), else one that begins with it ("pt" takes
 * "pt-BR").  The index, or -1.
 */
int lang_match(struct slice tag, char *const *offered, size_t count);
/*
 * The same for an Accept-Language value with its weights (RFC 9110 §12.5.4).
 * -1 when it names none of them, is empty or malformed.
 */
int lang_negotiate(struct slice accept_language, char *const *offered,
    size_t count);

#endif
