/* SPDX-License-Identifier: ISC */
/*
 * Web origins (RFC 6454), http and https only: "https://host[:port]", host in
 * lower case (A-labels, IPv4, or [IPv6]), the scheme's own port left out.
 * They are compared as whole texts, never by prefix or suffix.
 */
#ifndef CORE_ORIGIN_H
#define CORE_ORIGIN_H

#include <stdbool.h>

#include "base/slice.h"
#include "core/config.h"

enum { ORIGIN_TEXT_SIZE = 272, ORIGIN_URL_MAX = 2048 };

/* A plain value. */
struct origin {
	char text[ORIGIN_TEXT_SIZE];	/* as a browser writes it */
};

/* An origin as a person writes it into a config; 0, or -1. */
int origin_parse(struct slice text, struct origin *ret_origin);

/*
 * The origin of an absolute URL, read strictly: ASCII without blanks, controls
 * or backslashes, scheme://host, no user@, at most ORIGIN_URL_MAX; 0, or -1.
 */
int origin_of_url(struct slice url, struct origin *ret_origin);

/*
 * An Origin header against a list's origins, each as origin_parse writes it
 * (the config has them so); "*" there takes all but null.
 */
bool origin_is_listed(struct slice header,
    const struct config_strings *origins);

/* As before, but "*" stands for nothing: for places we send people to. */
bool origin_is_named(struct slice header,
    const struct config_strings *origins);

/* An absolute URL whose origin is named there: fit for a redirect. */
bool origin_allows_url(struct slice url, const struct config_strings *origins);

#endif
