/* SPDX-License-Identifier: ISC */
/*
 * What the parts of the admin process that are no command share.
 */
#ifndef APP_ADMIN_PROCESS_H
#define APP_ADMIN_PROCESS_H

#include "app/admin/admin.h"

/* Why whoever calls may not do this; NULL: they may. */
const char *admin_forbids(const struct admin_call *);
/* Finds the command that is meant (http_handler); counts what it was answered
 * (http_observer). */
void admin_request(struct http_exchange *, void *admin);
void admin_answered(const struct http_request *, unsigned mark,
    unsigned status, int64_t took_us, void *admin);
/* Asks the engine how it is; as admin_call_ask. */
void admin_ask_status(struct admin_call *, admin_on_answer);
/* GET /metrics and nothing else, for a listener that anybody on this machine
 * can reach (http_handler). */
void admin_metrics_alone(struct http_exchange *, void *admin);
/* "other", then the path of each command; NULL behind the last. */
const char *admin_command_label(size_t i);

#endif
