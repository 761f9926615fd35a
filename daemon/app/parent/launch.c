/* SPDX-License-Identifier: ISC */
/*
 * Prepares a start, step by step, and says clearly which step failed.  If
 * root, what a child must be able to do later is tried here as its user.
 */
#include "app/parent/launch.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/certificates.h"
#include "app/engine/secret_file.h"
#include "app/mailer/password_file.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/net.h"
#include "io/passed.h"

enum { SOCKET_MODE = 0666, ADMIN_SOCKET_MODE = 0660 };

struct step {
	struct launch *launch;
	const struct config *config;
	bool debug;
	struct buf *error;
};

/* FILE:LINE: what is wrong and what would be right. */
static void __attribute__((format(printf, 3, 4)))
say(const struct step *s, unsigned line, const char *fmt, ...)
{
	va_list ap;

	buf_printf(s->error, "%s:%u: ", s->config->path, line);
	va_start(ap, fmt);
	buf_vprintf(s->error, fmt, ap);
	va_end(ap);
}

static const struct proc_user *
user_of(const struct launch *l)
{
	return l->changes_user ? &l->user : NULL;
}

static int
find_user(struct step *s)
{
	const char *name = s->config->user;
	unsigned line = s->config->lines.user;

	if (geteuid() != 0)
		return 0;
	if (name[0] == '\0') {
		say(s, line, "`user` is required when started as root: name "
		    "the user that the processes become, such as user = "
		    "\"assent\"");
		return -1;
	}
	if (proc_find_user(name, &s->launch->user) < 0) {
		say(s, line, "user = %s: there is no such user on this "
		    "system: make it (useradd --system %s), or name another",
		    name, name);
		return -1;
	}
	if (s->launch->user.uid == 0) {
		say(s, line, "user = %s: that is root again: name one without "
		    "privileges", name);
		return -1;
	}
	s->launch->changes_user = true;
	return 0;
}

static int
open_log(struct step *s)
{
	const struct proc_user *user = user_of(s->launch);
	int error = proc_pretend(user);

	if (error == 0) {
		error = log_open(s->config->log.target, "parent",
		    s->debug ? LOG_LEVEL_DEBUG : s->config->log.level);
		proc_pretend_end(user);
	}
	if (error < 0)
		say(s, s->config->lines.log_target, "target = %s: cannot open "
		    "it%s%s: %s: want a file that can be written, stderr or "
		    "syslog", s->config->log.target, user != NULL ? " as " :
		    "", user != NULL ? user->name : "", strerror(-error));
	return error < 0 ? -1 : 0;
}

/* Makes one level of folder, the user's own; fine if it is there. */
static int
make_folder(const struct step *s, const char *path, mode_t mode)
{
	const struct proc_user *user = user_of(s->launch);
	int fd, ret = 0;

	if (mkdir(path, mode) < 0)
		return errno == EEXIST ? 0 : -errno;
	if (user == NULL)
		return 0;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fchown(fd, user->uid, user->gid) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* May whoever the engine runs as make files there? */
static int
try_folder(const struct step *s, const char *path)
{
	const struct proc_user *user = user_of(s->launch);
	struct stat st;
	int error = proc_pretend(user);

	if (error < 0)
		return error;
	if (stat(path, &st) < 0)
		error = -errno;
	else if (!S_ISDIR(st.st_mode))
		error = -ENOTDIR;
	else if (faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK,
	    AT_EACCESS) < 0)
		error = -errno;
	proc_pretend_end(user);
	return error;
}

static int
prepare_database(struct step *s)
{
	const struct proc_user *user = user_of(s->launch);
	const char *path = s->config->database;
	int error = make_folder(s, path, 0700);

	if (error < 0) {
		say(s, s->config->lines.database, "database = %s: cannot make "
		    "this folder: %s: make it, or name another", path,
		    strerror(-error));
		return -1;
	}
	error = try_folder(s, path);
	if (error < 0) {
		say(s, s->config->lines.database, "database = %s: cannot "
		    "write to it%s%s: %s: want a folder of that user's own",
		    path, user != NULL ? " as user " : "",
		    user != NULL ? user->name : "", strerror(-error));
		return -1;
	}
	return 0;
}

static int
make_secret(struct step *s)
{
	const char *path = s->config->secret_file;
	char *data = mem_printf("%s/data.mdb", s->config->database);
	bool has_database = access(data, F_OK) == 0;
	int error;

	free(data);
	if (has_database) {
		say(s, s->config->lines.secret_file, "secret_file = %s: it is "
		    "not there, but the database in %s is: put back the "
		    "secret that it was made with", path,
		    s->config->database);
		return -1;
	}
	error = secret_file_make(path);
	if (error < 0 && error != -EEXIST) {
		say(s, s->config->lines.secret_file, "secret_file = %s: "
		    "cannot make it: %s: want a place in a folder that is "
		    "there and can be written", path, strerror(-error));
		return -1;
	}
	log_info("secret_made", log_str("path", path));
	return 0;
}

static int
open_secret(struct step *s)
{
	const char *path = s->config->secret_file;
	struct buf wrong = { 0 };

	if (access(path, F_OK) < 0 && errno == ENOENT && make_secret(s) < 0)
		return -1;
	s->launch->secret = secret_file_open(path, &wrong);
	if (s->launch->secret < 0)
		say(s, s->config->lines.secret_file, "secret_file = %s: %s",
		    path, buf_str(&wrong));
	buf_fini(&wrong);
	return s->launch->secret < 0 ? -1 : 0;
}

/* The mailer will read it as the user. */
static int
try_ca_file(struct step *s)
{
	const struct proc_user *user = user_of(s->launch);
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
		say(s, s->config->lines.mail_ca_file, "ca_file = %s: cannot "
		    "read it%s%s: %s: want a file that all may read", path,
		    user != NULL ? " as " : "", user != NULL ? user->name :
		    "", strerror(-error));
	return error;
}

static int
open_password(struct step *s)
{
	const char *path = s->config->mail.password_file;
	struct buf wrong = { 0 };

	if (s->config->mail.username[0] == '\0')
		return 0;
	s->launch->password = password_file_open(path, &wrong);
	if (s->launch->password < 0)
		say(s, s->config->lines.mail_password_file,
		    "password_file = %s: %s", path, buf_str(&wrong));
	buf_fini(&wrong);
	return s->launch->password < 0 ? -1 : 0;
}

static int
prepare_mail(struct step *s)
{
	if (s->config->mail.transport != CONFIG_TRANSPORT_SMTP)
		return 0;
	return open_password(s) < 0 || try_ca_file(s) < 0 ? -1 : 0;
}

/* As root, if that is who we are: keys often can be read by nobody else. */
static int
load_certificates(struct step *s)
{
	s->launch->certificates = certificates_load(s->config, s->error);
	return s->launch->certificates != NULL ? 0 : -1;
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

static int
listen_on(struct step *s, unsigned line, const char *text, mode_t mode)
{
	struct net_address address;
	int fd;

	if (net_parse(slice_str(text), &address) < 0) {
		fd = -EINVAL;
	} else {
		fd = passed_claim(s->launch->passed, &address);
		if (fd < 0)
			fd = net_listen(&address, mode);
	}
	if (fd < 0)
		say(s, line, "cannot listen on %s: %s: %s", text,
		    strerror(-fd), listen_hint(-fd));
	return fd;
}

static int
bind_public(struct step *s)
{
	struct launch *l = s->launch;
	size_t count = s->config->listener_count;

	l->listeners = mem_new(count, sizeof(int));
	for (size_t i = 0; i < count; i++) {
		const struct config_listener *c = &s->config->listeners[i];
		int fd = listen_on(s, c->line, c->address, SOCKET_MODE);

		if (fd < 0)
			return -1;
		l->listeners[l->listener_count++] = fd;
	}
	return 0;
}

/* The socket belongs to the user, who may have to make it anew. */
static int
bind_admin_socket(struct step *s)
{
	const struct proc_user *user = user_of(s->launch);
	const char *path = s->config->admin.socket;
	char *name = mem_printf("unix:%s", path);
	char *copy = mem_strdup(path);
	int fd;

	(void)make_folder(s, dirname(copy), 0755);
	fd = listen_on(s, s->config->lines.admin_socket, name,
	    ADMIN_SOCKET_MODE);
	if (fd >= 0 && user != NULL && !is_passed(s->launch, name) &&
	    lchown(path, user->uid, user->gid) < 0)
		log_warn("admin_socket_not_owned", log_errno("why", errno));
	free(copy);
	free(name);
	return fd;
}

static int
bind_admin(struct step *s)
{
	struct launch *l = s->launch;
	int fd = bind_admin_socket(s);

	if (fd < 0)
		return -1;
	l->admin_listeners[l->admin_listener_count++] = fd;
	if (s->config->admin.metrics[0] == '\0')
		return 0;
	fd = listen_on(s, s->config->lines.admin_metrics,
	    s->config->admin.metrics, 0);
	if (fd < 0)
		return -1;
	l->admin_listeners[l->admin_listener_count++] = fd;
	return 0;
}

/* Who connects to one that nobody accepts on would wait forever. */
static int
refuse_what_is_left(struct step *s)
{
	char name[NET_NAME_SIZE];

	if (!passed_left(s->launch->passed, name))
		return 0;
	buf_printf(s->error, "%s: the service manager passes a socket that "
	    "listens on %s, which is not in this file: add listen \"%s\" { }, "
	    "or take its ListenStream= out of the .socket unit",
	    s->config->path, name, name);
	return -1;
}

static void
close_sockets(struct launch *l)
{
	while (l->listener_count > 0)
		close(l->listeners[--l->listener_count]);
	while (l->admin_listener_count > 0)
		close(l->admin_listeners[--l->admin_listener_count]);
}

int
launch_init(struct launch *launch, const struct config *config, bool debug,
    struct buf *error)
{
	static int (*const steps[])(struct step *) = {
		find_user, open_log, prepare_database, open_secret,
		load_certificates, prepare_mail, bind_public, bind_admin,
		refuse_what_is_left,
	};
	struct step step = { launch, config, debug, error };

	*launch = (struct launch){ .secret = -1, .password = -1,
	    .passed = passed_take(error) };
	if (launch->passed == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i](&step) < 0) {
			close_sockets(launch);
			launch_remove_sockets(launch, config);
			return -1;
		}
	}
	return 0;
}

void
launch_fini(struct launch *launch)
{
	free(launch->listeners);
	certificates_free(launch->certificates);
	passed_free(launch->passed);
}

static void
remove_socket(const struct launch *launch, const char *text)
{
	struct net_address address;

	/* Even a look at who listens there would start us again. */
	if (!is_passed(launch, text) &&
	    net_parse(slice_str(text), &address) == 0)
		net_remove(&address);
}

void
launch_remove_sockets(const struct launch *launch,
    const struct config *config)
{
	char *admin = mem_printf("unix:%s", config->admin.socket);

	remove_socket(launch, admin);
	free(admin);
	for (size_t i = 0; i < config->listener_count; i++)
		remove_socket(launch, config->listeners[i].address);
}
