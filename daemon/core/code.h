/* SPDX-License-Identifier: ISC */
/*
 * The short code of a confirmation mail, for typing where links don't work:
 * 8 of 32 characters (A-Z and 2-9 without I and O), shown as XXXX-XXXX.
 */
#ifndef CORE_CODE_H
#define CORE_CODE_H

#include <stdint.h>

#include "base/slice.h"

enum { CODE_RANDOM_SIZE = 5, CODE_SIZE = 9, CODE_SHOWN_SIZE = 10 };

/* The code of 40 random bits in its normal form, 8 characters and a NUL. */
void code_make(const uint8_t random[CODE_RANDOM_SIZE],
    char ret_code[CODE_SIZE]);
/* A code in normal form as it is shown: XXXX-XXXX. */
void code_show(const char code[CODE_SIZE], char ret_shown[CODE_SHOWN_SIZE]);
/* What somebody typed (any case, dashes, blanks) in normal form; -1: none. */
int code_read(struct slice typed, char ret_code[CODE_SIZE]);

#endif
