/* SPDX-License-Identifier: ISC */
/*
 * One line about one address.
 */
#include "ctl/order.h"

#include <stdio.h>

#include "ctl/print.h"
#include "io/json.h"

int
order_send(const struct ctl *ctl, const char *path, struct buf *form,
    const struct order_words *words)
{
	struct json *body;
	struct slice until;
	int answer;

	client_add_parameter(form, "address", ctl->args[0]);
	answer = client_post(ctl->client, path, buf_slice(form));
	if (answer != 200)
		return ctl_refused_for(ctl, answer, ctl->args[0]);
	if (ctl->json) {
		struct slice text = client_body(ctl->client);

		fwrite(text.p, 1, text.len, stdout);
		return CTL_DONE;
	}
	body = json_read(client_body(ctl->client));
	print_clean(slice_str(ctl->args[0]), 0);
	printf(": %s", json_number(json_get(body, "changed")) > 0 ?
	    words->done : words->nothing);
	until = json_text(json_get(body, "proof_until"));
	if (until.len > 0) {
		printf("; the proof of consent stays sealed until ");
		print_clean(until, 0);
	}
	putchar('\n');
	json_free(body);
	return CTL_DONE;
}
