/* SPDX-License-Identifier: ISC */
/*
 * One row for each process.  Nothing here opens anything: a row tells what a
 * process may go on to open, besides what it has.
 *
 * web: a parser of strangers' bytes; needs no file, and nor does admin.
 * engine: the database's folder.  copier: that file to read, and a thread, with
 * which LMDB copies.  mailer: depends on how mails leave.
 */
#include "app/confine.h"

#include <stdlib.h>
#include <string.h>

#include <linux/capability.h>

#include "app/mailer/transport.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/capability.h"
#include "io/dns.h"
#include "io/sandbox.h"
#include "io/sandbox_program.h"
#include "io/tls_client.h"

enum { PORT_DNS = 53 };

/*
 * Becomes the user in each child and for a moment itself, ends children,
 * reads keys that belong to whoever, removes and gives away sockets, binds
 * ports below 1024, and takes all of this from its children.
 */
static const uint64_t parent_capabilities = CAPABILITY(CAP_SETUID) |
    CAPABILITY(CAP_SETGID) | CAPABILITY(CAP_KILL) |
    CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_DAC_READ_SEARCH) |
    CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_FOWNER) |
    CAPABILITY(CAP_NET_BIND_SERVICE) | CAPABILITY(CAP_SETPCAP);

static void
allow_database(struct sandbox *s, const struct config *config)
{
	sandbox_allow_path(s, config->database, SANDBOX_WRITE);
}

static void
allow_file(struct sandbox *s, const struct config *config, const char *name,
    enum sandbox_use use)
{
	char *path = mem_printf("%s/%s", config->database, name);

	sandbox_allow_path(s, path, use);
	free(path);
}

/* Whoever reads says so in the lock file. */
static void
allow_copy(struct sandbox *s, const struct config *config)
{
	allow_file(s, config, "data.mdb", SANDBOX_READ);
	allow_file(s, config, "lock.mdb", SANDBOX_WRITE);
}

static void
allow_maildir(struct sandbox *s, const struct config *config)
{
	sandbox_allow_path(s, config->mail.maildir, SANDBOX_WRITE);
}

/* A folder of certificates is mostly links to elsewhere. */
static void
allow_trusted(struct sandbox *s)
{
	static const char *const folders[] = { "/usr/share/ca-certificates",
	    "/usr/local/share/ca-certificates", "/etc/ca-certificates",
	    "/etc/pki/ca-trust", "/etc/pki/tls/certs" };

	sandbox_allow_path(s, tls_client_trusted_folder(), SANDBOX_READ);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		sandbox_allow_path(s, folders[i], SANDBOX_READ);
}

static void
allow_smtp(struct sandbox *s, const struct config *config)
{
	char *program = transport_smtp_program();

	sandbox_program_allow(s, program);
	free(program);
	for (const char *const *p = dns_files(); *p != NULL; p++)
		sandbox_allow_path(s, *p, SANDBOX_READ);
	if (config->mail.tls != CONFIG_TLS_NONE)
		allow_trusted(s);
	sandbox_allow_port(s, config->mail.port);
	sandbox_allow_port(s, PORT_DNS);
	/* For the numbers of c-ares' questions. */
	sandbox_allow_path(s, "/dev/urandom", SANDBOX_READ);
}

struct row {
	unsigned calls;
	void (*allow)(struct sandbox *, const struct config *);
};

static const struct row rows[] = {
	[ROLE_ENGINE] = { SANDBOX_OPEN | SANDBOX_CHANGE, allow_database },
	[ROLE_COPIER] = { SANDBOX_OPEN | SANDBOX_THREAD, allow_copy },
	[ROLE_ADMIN] = { SANDBOX_ACCEPT, NULL },
	[ROLE_WEB] = { SANDBOX_ACCEPT, NULL },
};

static const struct row mailers[] = {
	[CONFIG_TRANSPORT_SMTP] = { SANDBOX_OPEN | SANDBOX_CONNECT |
	    SANDBOX_FORK | SANDBOX_EXEC, allow_smtp },
	[CONFIG_TRANSPORT_MAILDIR] = { SANDBOX_OPEN | SANDBOX_CHANGE,
	    allow_maildir },
};

/* A log file is opened by the parent, and comes as it is. */
static void
allow_log(struct sandbox *s, const struct config *config)
{
	if (strcmp(config->log.target, "syslog") == 0)
		sandbox_allow_calls(s, SANDBOX_SYSLOG);
}

static int
enter(struct sandbox *s, uint64_t capabilities)
{
	int error = sandbox_enter(s, capabilities);

	sandbox_free(s);
	if (error < 0)
		log_error("no_sandbox", log_errno("why", error));
	return error < 0 ? -1 : 0;
}

int
confine_parent(void)
{
	struct sandbox *s = sandbox_new(SANDBOX_OPEN | SANDBOX_CHANGE |
	    SANDBOX_ACCEPT | SANDBOX_CONNECT | SANDBOX_SYSLOG |
	    SANDBOX_THREAD | SANDBOX_FORK | SANDBOX_EXEC | SANDBOX_MANAGE);
	struct buf what = { 0 };
	enum log_level level = sandbox_describe(&what) ? LOG_LEVEL_INFO :
	    LOG_LEVEL_WARN;

	log_event(level, "sandbox", LOG_FIELDS(log_slice("of",
	    buf_slice(&what))));
	buf_fini(&what);
	sandbox_allow_anywhere(s);
	/* Where that isn't ours to do, there is nothing to take away. */
	(void)capability_bound(parent_capabilities);
	return enter(s, parent_capabilities);
}

int
confine_child(enum role role, const struct config *config)
{
	const struct row *row = role == ROLE_MAILER ?
	    &mailers[config->mail.transport] : &rows[role];
	struct sandbox *s = sandbox_new(row->calls);

	if (row->allow != NULL)
		row->allow(s, config);
	allow_log(s, config);
	return enter(s, 0);
}
