/* SPDX-License-Identifier: ISC */
/*
 * The log of events: appended to, walked, erased from; never reordered.
 */
#include "app/ledger_log.h"

#include "app/engine.h"
#include "core/ip.h"
#include "core/ledger.h"

uint64_t
ledger_append(struct turn *turn, Record__Event *event)
{
	struct engine_progress *p = &turn->engine->progress;
	uint64_t sequence = p->next_event++;
	uint8_t *salt = arena_alloc(turn->arena, LEDGER_SALT_SIZE);
	uint8_t *leaf = arena_alloc(turn->arena, CRYPTO_HASH_SIZE);

	p->changed = true;
	event->time = turn->now;
	crypto_random(salt, LEDGER_SALT_SIZE);
	event->salt = (ProtobufCBinaryData){ LEDGER_SALT_SIZE, salt };
	ledger_leaf_hash(sequence, event, leaf);
	event->leaf_hash = (ProtobufCBinaryData){ CRYPTO_HASH_SIZE, leaf };
	rows_put(turn, STORE_LEDGER, rows_key_u64(sequence), &event->base);
	return sequence;
}

void
ledger_gather_chain(struct turn *turn, uint64_t last, size_t max)
{
	while (last != 0 && max-- > 0) {
		Record__Event *event = rows_event(turn, last);

		if (event == NULL)
			return;
		ledger_gather_chain(turn, event->request_event, max);
		last = event->previous;
	}
}

void
ledger_erase_chain(struct turn *turn, uint64_t last, size_t max)
{
	while (last != 0 && max-- > 0) {
		Record__Event *event = rows_event(turn, last);
		Record__Event erased;

		if (event == NULL)
			return;
		erased = ledger_erased(event);
		rows_put(turn, STORE_LEDGER, rows_key_u64(last),
		    &erased.base);
		last = event->previous;
	}
}

Record__Pair **
ledger_pairs(struct turn *turn, Message__Pair *const *pairs, size_t count)
{
	Record__Pair **out = arena_alloc(turn->arena, count * sizeof(*out));

	for (size_t i = 0; i < count; i++) {
		out[i] = arena_alloc(turn->arena, sizeof(*out[i]));
		record__pair__init(out[i]);
		out[i]->name = pairs[i]->name;
		out[i]->value = pairs[i]->value;
	}
	return out;
}

Message__Pair **
ledger_pairs_message(struct turn *turn, Record__Pair *const *pairs,
    size_t count)
{
	Message__Pair **out = arena_alloc(turn->arena, count * sizeof(*out));

	for (size_t i = 0; i < count; i++) {
		out[i] = arena_alloc(turn->arena, sizeof(*out[i]));
		message__pair__init(out[i]);
		out[i]->name = pairs[i]->name;
		out[i]->value = pairs[i]->value;
	}
	return out;
}

Record__Evidence *
ledger_evidence(struct turn *turn, const Message__Evidence *from)
{
	char *ip = arena_alloc(turn->arena, IP_TEXT_SIZE);
	Record__Evidence *to;

	if (from == NULL)
		return NULL;
	to = arena_alloc(turn->arena, sizeof(*to));
	record__evidence__init(to);
	ip_write_evidence(slice_str(from->ip),
	    turn->engine->config->retain.log_ip, ip);
	to->ip = ip;
	to->user_agent = from->user_agent;
	to->origin = from->origin;
	to->form_url = from->form_url;
	to->n_source = from->n_source;
	to->source = ledger_pairs(turn, from->source, from->n_source);
	to->sec_fetch_site = from->sec_fetch_site;
	to->sec_fetch_user = from->sec_fetch_user;
	to->way = from->way;
	return to;
}

Message__Evidence *
ledger_evidence_message(struct turn *turn, const Record__Evidence *from)
{
	Message__Evidence *to;

	if (from == NULL)
		return NULL;
	to = arena_alloc(turn->arena, sizeof(*to));
	message__evidence__init(to);
	to->ip = from->ip;
	to->user_agent = from->user_agent;
	to->origin = from->origin;
	to->form_url = from->form_url;
	to->n_source = from->n_source;
	to->source = ledger_pairs_message(turn, from->source, from->n_source);
	to->sec_fetch_site = from->sec_fetch_site;
	to->sec_fetch_user = from->sec_fetch_user;
	to->way = from->way;
	to->seconds_since_mail = from->seconds_since_mail;
	return to;
}
