/* SPDX-License-Identifier: ISC */
/*
 * The commands of app/admin/admin.c's table; those about one address are in
 * app/admin/admin_order.h.
 */
#ifndef APP_ADMIN_COMMANDS_H
#define APP_ADMIN_COMMANDS_H

#include "app/admin/admin.h"

void admin_status(struct admin_call *);
void admin_show(struct admin_call *);
void admin_list(struct admin_call *);
void admin_export(struct admin_call *);
void admin_unsubscribe(struct admin_call *);
void admin_queue(struct admin_call *);
void admin_queue_retry(struct admin_call *);
void admin_queue_drop(struct admin_call *);
void admin_preview(struct admin_call *);
void admin_metrics(struct admin_call *);

/* Why whoever calls may not do this; NULL: they may. */
const char *admin_forbids(const struct admin_call *);
/* Finds the command that is meant (http_handler); counts what it was answered
 * (http_observer). */
void admin_request(struct http_exchange *, void *admin);
void admin_answered(const struct http_request *, unsigned mark,
    unsigned status, int64_t took_us, void *admin);
/* GET /metrics and nothing else, for a listener that anybody on this machine
 * can reach (http_handler). */
void admin_metrics_alone(struct http_exchange *, void *admin);
/* "other", then the path of each command; NULL behind the last. */
const char *admin_command_label(size_t i);

#endif
