/* SPDX-License-Identifier: ISC */
/*
 * The library asks for a name and a password, mechanism by mechanism as the
 * server lists them.  Which of its plugins it may load is redirect.c's.
 */
#include "smtp/session_auth.h"

#include <stdlib.h>
#include <string.h>

#include <auth-client.h>
#include <libesmtp.h>

#include "base/mem.h"

struct session_auth {
	auth_context_t context;
	char *username, *password;
};

/* A mechanism that wants to know anything else is none of ours. */
static int
on_request(auth_client_request_t request, char **ret_values, int count,
    void *arg)
{
	struct session_auth *a = arg;

	for (int i = 0; i < count; i++) {
		if (request[i].flags & AUTH_USER)
			ret_values[i] = a->username;
		else if (request[i].flags & AUTH_PASS)
			ret_values[i] = a->password;
		else
			return 0;
	}
	return 1;
}

/*
 * The library looks for a plugin when the server names its mechanism; there
 * will be no way to one then.  One that isn't installed isn't missed here.
 */
static void
load_plugins(void)
{
	static const char *const mechanisms[] = { "PLAIN", "LOGIN",
	    "CRAM-MD5" };
	auth_context_t context = auth_create_context();

	if (context == NULL)
		return;
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		(void)auth_set_mechanism(context, mechanisms[i]);
	(void)auth_destroy_context(context);
}

struct session_auth *
session_auth_new(struct smtp_session *smtp, const char *username,
    const char *password)
{
	struct session_auth *a = MEM_NEW(struct session_auth);

	auth_client_init();
	load_plugins();
	a->context = auth_create_context();
	a->username = mem_strdup(username);
	a->password = mem_strdup(password);
	if (a->context != NULL &&
	    auth_set_mechanism_flags(a->context, AUTH_PLUGIN_PLAIN, 0) &&
	    auth_set_interact_cb(a->context, on_request, a) &&
	    smtp_auth_set_context(smtp, a->context))
		return a;
	session_auth_free(a);
	return NULL;
}

void
session_auth_forget(struct session_auth *a)
{
	explicit_bzero(a->password, strlen(a->password));
}

void
session_auth_free(struct session_auth *a)
{
	if (a == NULL)
		return;
	if (a->context != NULL)
		(void)auth_destroy_context(a->context);
	auth_client_exit();
	free(a->username);
	session_auth_forget(a);
	free(a->password);
	free(a);
}
