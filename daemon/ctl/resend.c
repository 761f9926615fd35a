/* SPDX-License-Identifier: ISC */
/*
 * assentctl resend: the confirmation mail once more.
 */
#include "ctl/order.h"

int
ctl_resend(struct ctl *ctl)
{
	static const struct order_words words = {
		"is mailed its confirmation link once more",
		"its mail still waits to be sent (see assentctl queue)",
	};
	struct buf form = { 0 };
	int status;

	client_add_parameter(&form, "force", ctl->force ? "1" : NULL);
	status = order_send(ctl, "/resend", &form, &words);
	buf_fini(&form);
	return status;
}
