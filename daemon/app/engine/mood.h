/* SPDX-License-Identifier: ISC */
/*
 * How things stand, for the price of a post: calm, more than half of a budget
 * used up, or an attack.  Never a matter of the address itself.
 */
#ifndef APP_MOOD_H
#define APP_MOOD_H

#include <stdint.h>

#include "core/message.pb-c.h"
#include "core/price.h"

struct engine;

/* For one post; now in microseconds. */
enum price_mood mood_of_post(struct engine *, const Message__Subscribe *,
    int64_t now);
/* For all of them, told to the webs if it is another one. */
void mood_look(struct engine *, int64_t now);

#endif
