/* SPDX-License-Identifier: ISC */
/*
 * assentctl suppress and unsuppress: whether an address may be mailed at all.
 */
#include "ctl/order.h"

int
ctl_suppress(struct ctl *ctl)
{
	static const struct order_words words = {
		"will not be mailed any more",
		"was suppressed already",
	};
	struct buf form = { 0 };
	int status;

	client_add_parameter(&form, "reason", ctl->reason);
	status = order_send(ctl, "/suppress", &form, &words);
	buf_fini(&form);
	return status;
}

int
ctl_unsuppress(struct ctl *ctl)
{
	static const struct order_words words = {
		"may be mailed again, once it asks",
		"was not suppressed",
	};
	struct buf form = { 0 };
	int status = order_send(ctl, "/unsuppress", &form, &words);

	buf_fini(&form);
	return status;
}
