/* SPDX-License-Identifier: ISC */
/*
 * The login, by the library's own PLAIN, LOGIN and CRAM-MD5.
 */
#ifndef SMTP_SESSION_AUTH_H
#define SMTP_SESSION_AUTH_H

struct session_auth;
struct smtp_session;	/* libESMTP's */

/* PLAIN's room in the library is no larger, and isn't looked after. */
enum { SESSION_AUTH_MAX = 255 };

/*
 * Makes the session log in; name and password have SESSION_AUTH_MAX bytes at
 * most.  Owned, longer than the session; NULL when the library can't.
 */
struct session_auth *session_auth_new(struct smtp_session *,
    const char *username, const char *password);
/* It is logged in: the password is cleared. */
void session_auth_forget(struct session_auth *);
/* NULL is fine. */
void session_auth_free(struct session_auth *);

#endif
