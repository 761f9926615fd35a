/* SPDX-License-Identifier: ISC */
/*
 * Everything about one address, as the administrator is shown it.
 */
#include "app/engine/op_admin.h"

#include "app/engine/show.h"
#include "core/address.h"

/* The same reads whether it gathers or applies. */
static Message__Contact *
show_address(struct turn *turn, const Message__ShowQuery *query)
{
	Message__Contact *out = arena_alloc(turn->arena, sizeof(*out));
	struct address address;
	struct person p;

	message__contact__init(out);
	if (address_parse(slice_str(query->address), &address) != ADDRESS_OK)
		return out;
	p = person_get(turn, address.key, NULL, 0);
	out = show_person(turn, &p, address.key, query->proof ? SHOW_PROOF :
	    0);
	/* A hash tells no address: whoever asks knows it. */
	if (out->found || (out->n_suppressions == 0 && out->proof_until == 0))
		return out;
	out->found = true;
	if (out->address[0] == '\0')
		out->address = turn_text(turn, address.canonical);
	return out;
}

static void
show_gather(struct turn *turn, struct op *op)
{
	(void)show_address(turn, op->question->show_query);
}

static void
show_apply(struct turn *turn, struct op *op)
{
	Message__Contact *out = show_address(turn,
	    op->question->show_query);

	turn_reply(turn, op, MESSAGE__ENVELOPE__BODY_CONTACT)->contact = out;
}

const struct op_class op_show = {
	.name = "show",
	.gather = show_gather,
	.apply = show_apply,
};
