/* SPDX-License-Identifier: ISC */
/*
 * The hashes of the ledger's rows.  A leaf (RFC 9162 §2.1.1) holds a salted
 * commitment to the event and nothing else of it, so that erasing the event
 * and its salt leaves the log valid and tells nothing.  It follows from the
 * row, and is stored only once the event is erased.
 */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/slice.h"
#include "core/record.pb-c.h"

enum { LEDGER_SALT_SIZE = 16 };

/*
 * The leaf hash of an event: SHA-256(0x00 ‖ "assent-leaf-1" ‖ sequence ‖ time
 * ‖ kind ‖ SHA-256(salt ‖ event without salt and leaf hash)), numbers as 8
 * bytes big-endian.  The event must have its salt.
 */
void ledger_leaf_hash(uint64_t sequence, const Record__Event *event,
    uint8_t ret_hash[CRYPTO_HASH_SIZE]);
/*
 * The same event without anything personal: what stays is the time, the kind,
 * the chain, the budget key, which goes once no budget looks back so far, and
 * its leaf hash, for which the caller has room.  It may not be erased yet.
 */
Record__Event ledger_erased(uint64_t sequence, const Record__Event *event,
    uint8_t leaf[CRYPTO_HASH_SIZE]);

/*
 * What can be told of a packed event, a row of many, without unpacking it: the
 * kind, the time and the budget key, which come first; the rest is as in an
 * empty one.  False: these can't be read.
 */
bool ledger_glance(struct slice packed, Record__Event *ret_event);

/* "subscribe", "mailed" … */
const char *ledger_event_name(Record__Event__Kind kind);

#endif
