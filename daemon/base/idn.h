/* SPDX-License-Identifier: ISC */
/*
 * Domain names, on libidn2.
 */
#ifndef BASE_IDN_H
#define BASE_IDN_H

#include "base/slice.h"

/*
 * A domain as typed, valid UTF-8, to lower-case A-labels: IDNA2008 lookup,
 * UTS 46 non-transitional, STD3 rules, A-labels checked by a round trip
 * (RFC 5891 §5).  Owned; NULL when it isn't a domain name.
 */
char *idn_to_alabels(struct slice domain);

#endif
