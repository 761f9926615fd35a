/* SPDX-License-Identifier: ISC */
/*
 * Proofs, checked with the form key.  That one is used once is the engine's to
 * see to: all webs would have to know.
 */
#include "app/web/web_proof.h"

#include <string.h>

#include "app/web/web_altcha.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/form_names.h"

static struct slice
key_of(const struct web *web)
{
	return slice_of(web->form_key, sizeof(web->form_key));
}

static struct slice
posted(const struct http_form *form, enum form_field field)
{
	const char *value = http_form_get(form, form_names_own(field));

	return slice_trim(slice_str(value != NULL ? value : ""));
}

static void
take_token(const struct web *web, const struct http_form *form,
    const char *list, int64_t now, struct web_proof *p)
{
	struct slice text = posted(form, FORM_FIELD_FORM_TOKEN);
	struct form_token token;

	if (form_token_read(key_of(web), list, FORM_TOKEN_FORM, text, now,
	    &token) == FORM_TOKEN_OK)
		p->kind = PRICE_FORM;
	p->wait = form_token_read(key_of(web), list, FORM_TOKEN_WAIT, text,
	    now, &p->token);
	if (p->wait != FORM_TOKEN_OK)
		return;
	p->kind = PRICE_WAIT;
	p->nonce_size = FORM_TOKEN_NONCE_SIZE;
	memcpy(p->nonce, p->token.nonce, p->nonce_size);
	p->expires_at = p->token.made_at + FORM_TOKEN_WAIT_MAX;
}

/* A challenge for any of them will do: the page can't know which comes first.
 */
static const char *
list_of(const struct challenge *c, const struct config_list *const *lists,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_eq_str(c->list, lists[i]->name))
			return lists[i]->name;
	}
	return count > 0 ? lists[0]->name : "";
}

static void
take_solution(const struct web *web, const struct web_altcha *altcha,
    const char *list, int64_t now, struct web_proof *p)
{
	static const char *const whys[] = {
		[CHALLENGE_FORGED] = "forged",
		[CHALLENGE_EXPIRED] = "expired",
		[CHALLENGE_OTHER_LIST] = "other_list",
		[CHALLENGE_TOO_EASY] = "too_easy",
		[CHALLENGE_UNSOLVED] = "unsolved",
	};
	const struct challenge *c = &altcha->challenge;
	enum challenge_state state = challenge_check(key_of(web), c,
	    altcha->key_found, list, 0, now);

	if (state != CHALLENGE_OK) {
		log_debug("challenge_refused", log_str("why", whys[state]));
		return;
	}
	/* Who has waited, too, need not solve a harder one. */
	if (p->kind == PRICE_WAIT && c->level < web->level)
		return;
	p->kind = PRICE_SOLVED;
	p->level = c->level;
	p->nonce_size = sizeof(c->nonce);
	memcpy(p->nonce, c->nonce, p->nonce_size);
	p->expires_at = c->expires_at;
}

void
web_proof_read(const struct web *web, const struct http_form *form,
    const struct config_list *const *lists, size_t count, int64_t now,
    struct web_proof *ret_proof)
{
	struct slice solution = posted(form, FORM_FIELD_ALTCHA);
	struct web_altcha altcha;

	*ret_proof = (struct web_proof){ .wait = FORM_TOKEN_NONE,
		.has_solution = solution.len > 0 };
	/* Without a key nothing can be ours. */
	if (!web->has_terms)
		return;
	take_token(web, form, count > 0 ? lists[0]->name : "", now,
	    ret_proof);
	if (solution.len == 0)
		return;
	if (web_altcha_read(solution, &altcha) < 0)
		log_debug("challenge_refused", log_str("why", "malformed"));
	else
		take_solution(web, &altcha, list_of(&altcha.challenge, lists,
		    count), now, ret_proof);
}

const char *
web_proof_name(const struct web_proof *p)
{
	static const char *const names[PRICE_PROOFS] = {
		[PRICE_NOTHING] = "",
		[PRICE_FORM] = "form",
		[PRICE_WAIT] = "waited",
		[PRICE_SOLVED] = "solved",
	};

	return names[p->kind];
}

Message__Proof *
web_proof_message(const struct web_proof *p)
{
	static const Message__Proof__Kind kinds[PRICE_PROOFS] = {
		[PRICE_NOTHING] = MESSAGE__PROOF__KIND__NOTHING,
		[PRICE_FORM] = MESSAGE__PROOF__KIND__FORM,
		[PRICE_WAIT] = MESSAGE__PROOF__KIND__WAIT,
		[PRICE_SOLVED] = MESSAGE__PROOF__KIND__SOLVED,
	};
	Message__Proof *message;

	if (p->kind == PRICE_NOTHING)
		return NULL;
	message = MEM_NEW(Message__Proof);
	message__proof__init(message);
	message->kind = kinds[p->kind];
	message->level = p->level;
	message->expires_at = p->expires_at;
	message->nonce.len = p->nonce_size;
	if (p->nonce_size > 0)
		message->nonce.data = mem_dup(p->nonce, p->nonce_size);
	return message;
}

void
web_proof_token(const struct web *web, const char *list,
    enum form_token_kind kind, int64_t now,
    char ret_text[FORM_TOKEN_TEXT_SIZE])
{
	struct form_token token = { .kind = kind, .made_at = now };

	crypto_random(token.nonce, sizeof(token.nonce));
	form_token_make(key_of(web), list, &token, ret_text);
}
