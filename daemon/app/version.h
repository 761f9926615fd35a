/* SPDX-License-Identifier: ISC */
/*
 * What -V prints.
 */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#include <stdio.h>

/* "assentd 0.1.0" and a line for each library, as it is at run time. */
void version_print(FILE *out, const char *program);

#endif
