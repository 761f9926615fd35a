/* SPDX-License-Identifier: ISC */
/*
 * The hashes of the ledger's rows.  A leaf (RFC 9162 §2.1.1) holds a salted
 * commitment to the event and nothing else of it, so that erasing the event
 * and its salt leaves the log valid and tells nothing.
 */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include <stdint.h>

#include "base/crypto.h"
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
 * the leaf hash, the chain and the budget key, which goes once no budget
 * looks back so far.  Borrows from `event`.
 */
Record__Event ledger_erased(const Record__Event *event);

/* "subscribe", "mailed" … */
const char *ledger_event_name(Record__Event__Kind kind);

#endif
