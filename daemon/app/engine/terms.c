/* SPDX-License-Identifier: ISC */
/*
 * The form key is no key of the store: with it somebody could post without
 * having looked at a form, and that is all.
 */
#include "app/engine/terms.h"

#include <string.h>

#include "app/engine/engine.h"
#include "app/wire.h"
#include "base/crypto.h"
#include "base/log.h"

void
terms_tell(struct engine *e, struct peer *peer)
{
	static const char use[] = "assent form key 1";
	uint8_t key[CRYPTO_HASH_SIZE];
	Message__Envelope envelope;
	Message__Terms terms;

	crypto_hmac(slice_of(e->secret->index, sizeof(e->secret->index)),
	    slice_str(use), key);
	message__terms__init(&terms);
	terms.form_key.data = key;
	terms.form_key.len = sizeof(key);
	terms.level = e->mood;
	message__envelope__init(&envelope);
	envelope.body_case = MESSAGE__ENVELOPE__BODY_TERMS;
	envelope.terms = &terms;
	if (wire_send(peer->ipc, &envelope) < 0)
		log_error("terms_not_told", log_str("peer",
		    role_name(peer->role)));
	explicit_bzero(key, sizeof(key));
}

void
terms_set_mood(struct engine *e, enum price_mood mood)
{
	if (mood == e->mood)
		return;
	e->mood = mood;
	for (size_t i = 0; i < e->peer_count; i++) {
		struct peer *peer = &e->peers[i];

		if (peer->role == ROLE_WEB && peer->ipc != NULL)
			terms_tell(e, peer);
	}
}
