/* SPDX-License-Identifier: ISC */
/*
 * What each generation needs to have, at a start and at a reload: the log,
 * certificates, what the mail server wants, and the sockets.
 */
#include "app/parent/launch_step.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/certificates.h"
#include "app/mailer/password_file.h"
#include "app/parent/generation.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/net.h"
#include "io/passed.h"

enum { SOCKET_MODE = 0666, ADMIN_SOCKET_MODE = 0660 };

int
launch_open_log(struct launch_step *s)
{
	const struct proc_user *user = launch_user(s->launch);
	const char *target = s->config->log.target;
	struct generation *g = s->generation;
	int error = proc_pretend(user);

	g->log_level = s->launch->debug ? LOG_LEVEL_DEBUG :
	    s->config->log.level;
	if (error == 0) {
		error = log_open_target(target, &g->log);
		proc_pretend_end(user);
	}
	if (error < 0)
		launch_say(s, s->config->lines.log_target, "target = %s: "
		    "cannot open it%s%s: %s: want a file that can be "
		    "written, stderr or syslog", target,
		    user != NULL ? " as " : "",
		    user != NULL ? user->name : "", strerror(-error));
	return error < 0 ? -1 : 0;
}

/* The mailer will read it as the user. */
static int
try_ca_file(struct launch_step *s)
{
	const struct proc_user *user = launch_user(s->launch);
	const char *path = s->config->mail.ca_file;
	int error;

	if (path[0] == '\0' || s->config->mail.tls == CONFIG_TLS_NONE)
		return 0;
	error = proc_pretend(user);
	if (error == 0) {
		if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) < 0)
			error = -errno;
		proc_pretend_end(user);
	}
	if (error < 0)
		launch_say(s, s->config->lines.mail_ca_file, "ca_file = %s: "
		    "cannot read it%s%s: %s: want a file that all may read",
		    path, user != NULL ? " as " : "",
		    user != NULL ? user->name : "", strerror(-error));
	return error;
}

static int
open_password(struct launch_step *s)
{
	const char *path = s->config->mail.password_file;
	struct buf wrong = { 0 };

	if (s->config->mail.username[0] == '\0')
		return 0;
	s->generation->password = password_file_open(path, &wrong);
	if (s->generation->password < 0)
		launch_say(s, s->config->lines.mail_password_file,
		    "password_file = %s: %s", path, buf_str(&wrong));
	buf_fini(&wrong);
	return s->generation->password < 0 ? -1 : 0;
}

static int
prepare_mail(struct launch_step *s)
{
	if (s->config->mail.transport != CONFIG_TRANSPORT_SMTP)
		return 0;
	return open_password(s) < 0 || try_ca_file(s) < 0 ? -1 : 0;
}

/* As root, if that is who we are: keys often can be read by nobody else. */
static int
load_certificates(struct launch_step *s)
{
	struct generation *g = s->generation;

	g->certificates = certificates_load(s->config, s->former != NULL ?
	    s->former->certificates : NULL, s->error);
	return g->certificates != NULL ? 0 : -1;
}

static const char *
listen_hint(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "stop what listens there (another assentd?), or take "
		    "another address";
	case EADDRNOTAVAIL:
		return "this machine has no such address, want one of its own";
	case EACCES:
		return "want another address: root alone has the ports below "
		    "1024, and a folder's owner its sockets";
	}
	return "want another address";
}

/* The service manager's, to make and to remove. */
static bool
is_passed(const struct launch *l, const char *text)
{
	struct net_address address;

	return net_parse(slice_str(text), &address) == 0 &&
	    passed_has(l->passed, &address);
}

/* The former generation's very socket, if it has one there. */
static int
listen_on(struct launch_step *s, unsigned line, const char *text, mode_t mode)
{
	const bool is_public = mode == SOCKET_MODE;
	struct sockets *own = &s->generation->sockets;
	struct net_address address;
	int fd = -1;

	if (s->former != NULL)
		fd = sockets_find(&s->former->sockets, is_public, text, own);
	if (fd < 0 && net_parse(slice_str(text), &address) < 0) {
		fd = -EINVAL;
	} else if (fd < 0) {
		fd = passed_claim(s->launch->passed, &address);
		if (fd < 0)
			fd = net_listen(&address, mode);
	}
	if (fd < 0) {
		launch_say(s, line, "cannot listen on %s: %s: %s", text,
		    strerror(-fd), listen_hint(-fd));
		return -1;
	}
	sockets_add(own, text, fd, is_passed(s->launch, text));
	return 0;
}

static int
bind_public(struct launch_step *s)
{
	for (size_t i = 0; i < s->config->listener_count; i++) {
		const struct config_listener *c = &s->config->listeners[i];

		if (listen_on(s, c->line, c->address, SOCKET_MODE) < 0)
			return -1;
		s->generation->sockets.public_count++;
	}
	return 0;
}

/* The socket belongs to the user, who may have to make it anew. */
static int
bind_admin_socket(struct launch_step *s)
{
	const struct proc_user *user = launch_user(s->launch);
	const char *path = s->config->admin.socket;
	char *name = mem_printf("unix:%s", path);
	char *copy = mem_strdup(path);
	int ret;

	(void)launch_make_folder(s, dirname(copy), 0755);
	ret = listen_on(s, s->config->lines.admin_socket, name,
	    ADMIN_SOCKET_MODE);
	if (ret == 0 && user != NULL && !is_passed(s->launch, name) &&
	    lchown(path, user->uid, user->gid) < 0)
		log_warn("admin_socket_not_owned", log_errno("why", errno));
	free(copy);
	free(name);
	return ret;
}

static int
bind_admin(struct launch_step *s)
{
	if (bind_admin_socket(s) < 0)
		return -1;
	if (s->config->admin.metrics[0] == '\0')
		return 0;
	return listen_on(s, s->config->lines.admin_metrics,
	    s->config->admin.metrics, 0);
}

static int
refuse_passed(struct launch_step *s, const char *name)
{
	buf_printf(s->error, "%s: the service manager passes a socket that "
	    "listens on %s, which is not in this file: add listen \"%s\" { }, "
	    "or take its ListenStream= out of the .socket unit\n",
	    s->config->path, name, name);
	return -1;
}

/* Who connects to one that nobody accepts on would wait forever. */
static int
refuse_what_is_left(struct launch_step *s)
{
	const struct sockets *own = &s->generation->sockets;
	const struct sockets *former = s->former != NULL ?
	    &s->former->sockets : own;
	char name[NET_NAME_SIZE];

	if (passed_left(s->launch->passed, name))
		return refuse_passed(s, name);
	for (size_t i = 0; i < former->count; i++) {
		if (former->passed[i] &&
		    !sockets_have(own, former->fds[i]))
			return refuse_passed(s, former->names[i]);
	}
	return 0;
}

/* What was bound anew; what the former has is the former's. */
static void
unbind(struct launch_step *s)
{
	struct sockets *own = &s->generation->sockets;

	if (s->former != NULL)
		sockets_leave_to(own, &s->former->sockets);
	sockets_drop(own);
}

int
launch_fill(struct launch_step *step)
{
	static int (*const steps[])(struct launch_step *) = {
		load_certificates, prepare_mail, bind_public, bind_admin,
		refuse_what_is_left,
	};

	step->generation->web_processes = step->config->web_processes;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i](step) < 0) {
			unbind(step);
			return -1;
		}
	}
	return 0;
}
