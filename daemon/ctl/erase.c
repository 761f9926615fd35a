/* SPDX-License-Identifier: ISC */
/*
 * assentctl erase: everything about one address goes.
 */
#include "ctl/order.h"

int
ctl_erase(struct ctl *ctl)
{
	static const struct order_words words = {
		"is erased",
		"was not known, and is suppressed already",
	};
	struct buf form = { 0 };
	int status;

	client_add_parameter(&form, "all", ctl->all ? "1" : NULL);
	client_add_parameter(&form, "suppress", ctl->suppress ? "1" : NULL);
	status = order_send(ctl, "/erase", &form, &words);
	buf_fini(&form);
	return status;
}
