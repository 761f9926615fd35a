/* SPDX-License-Identifier: ISC */
/*
 * assentctl confirm: the administrator's word in place of the person's click.
 */
#include "ctl/order.h"

int
ctl_confirm(struct ctl *ctl)
{
	static const struct order_words words = {
		"is subscribed",
		"was subscribed already",
	};
	struct buf form = { 0 };
	int status;

	if (ctl->list == NULL || ctl->reason == NULL) {
		ctl_fail("confirm needs --list LIST and --reason TEXT");
		return CTL_USAGE;
	}
	client_add_parameter(&form, "list", ctl->list);
	client_add_parameter(&form, "reason", ctl->reason);
	status = order_send(ctl, "/confirm", &form, &words);
	buf_fini(&form);
	return status;
}
