/* SPDX-License-Identifier: ISC */
/*
 * Landlock by its system calls, as landlock(7) has them; there is no library.
 * A version knows all rights of those before it, so one table tells which
 * there are.  The headers may be older than the kernel: the values are here.
 *
 * Version 1 refuses every rename from one folder to another, which is how a
 * maildir works: it counts as none.
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <linux/landlock.h>

#include "io/sandbox_private.h"

enum { VERSION_MIN = 2 };

/* Rights to files and folders. */
enum {
	PLACE_EXECUTE = 1 << 0,
	PLACE_WRITE_FILE = 1 << 1,
	PLACE_READ_FILE = 1 << 2,
	PLACE_READ_FOLDER = 1 << 3,
	PLACE_REMOVE_FOLDER = 1 << 4,
	PLACE_REMOVE_FILE = 1 << 5,
	PLACE_MAKE_FOLDER = 1 << 7,
	PLACE_MAKE_FILE = 1 << 8,
	PLACE_RENAME = 1 << 13,
	PLACE_TRUNCATE = 1 << 14,
	PLACE_IOCTL = 1 << 15,
};
enum { NET_BIND = 1 << 0, NET_CONNECT = 1 << 1, RULE_NET_PORT = 2 };
enum { SCOPE_ABSTRACT = 1 << 0, SCOPE_SIGNAL = 1 << 1 };

/* As the newest kernel has them; an older one takes zeros at the end. */
struct ruleset {
	uint64_t files, net, scope;
};
struct net_rule {
	uint64_t access, port;
};

/* What each version can refuse, which is refused unless it is allowed. */
static const struct ruleset versions[] = {
	[1] = { .files = (1 << 13) - 1 },
	[2] = { .files = PLACE_RENAME },
	[3] = { .files = PLACE_TRUNCATE },
	[4] = { .net = NET_BIND | NET_CONNECT },
	[5] = { .files = PLACE_IOCTL },
	[6] = { .scope = SCOPE_ABSTRACT | SCOPE_SIGNAL },
};
enum { VERSION_MAX = sizeof(versions) / sizeof(versions[0]) - 1 };

static const uint64_t uses[] = {
	[SANDBOX_READ] = PLACE_READ_FILE | PLACE_READ_FOLDER,
	[SANDBOX_RUN] = PLACE_READ_FILE | PLACE_READ_FOLDER | PLACE_EXECUTE,
	[SANDBOX_WRITE] = PLACE_READ_FILE | PLACE_READ_FOLDER |
	    PLACE_WRITE_FILE | PLACE_TRUNCATE | PLACE_MAKE_FILE |
	    PLACE_MAKE_FOLDER | PLACE_REMOVE_FILE | PLACE_REMOVE_FOLDER |
	    PLACE_RENAME,
};
enum { FOR_FILES = PLACE_EXECUTE | PLACE_WRITE_FILE | PLACE_READ_FILE |
	PLACE_TRUNCATE | PLACE_IOCTL };

int
sandbox_places_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return version >= VERSION_MIN ? (int)version : 0;
}

static struct ruleset
rights_of(int version)
{
	struct ruleset all = { 0 };

	for (int i = 1; i <= version && i <= VERSION_MAX; i++) {
		all.files |= versions[i].files;
		all.net |= versions[i].net;
		all.scope |= versions[i].scope;
	}
	return all;
}

/* A place that isn't there, or isn't ours to see, can't be used anyway. */
static bool
is_out_of_reach(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES ||
	    error == EPERM || error == ELOOP;
}

static int
add_path(int fd, const struct sandbox_path *path, uint64_t known)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = uses[path->use] & known,
		.parent_fd = open(path->path, O_PATH | O_CLOEXEC),
	};
	struct stat st;
	int error = 0;

	if (rule.parent_fd < 0)
		return is_out_of_reach(errno) ? 0 : -errno;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= FOR_FILES;
	if (syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH,
	    &rule, 0) < 0)
		error = -errno;
	(void)close(rule.parent_fd);
	return error;
}

static int
add_port(int fd, uint16_t port)
{
	const struct net_rule rule = { NET_CONNECT, port };

	return syscall(SYS_landlock_add_rule, fd, RULE_NET_PORT, &rule, 0) <
	    0 ? -errno : 0;
}

static int
add_rules(int fd, const struct sandbox *s, const struct ruleset *rights)
{
	char root[] = "/";
	const struct sandbox_path all = { root, SANDBOX_READ };
	int error = SANDBOX_SANITIZED ? add_path(fd, &all, rights->files) : 0;

	for (size_t i = 0; i < s->path_count && error == 0; i++)
		error = add_path(fd, &s->paths[i], rights->files);
	for (size_t i = 0; i < s->port_count && error == 0 &&
	    rights->net != 0; i++)
		error = add_port(fd, s->ports[i]);
	return error;
}

int
sandbox_limit_places(const struct sandbox *s)
{
	const struct ruleset rights = rights_of(sandbox_places_version());
	int fd, error;

	if (rights.files == 0)
		return 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &rights,
	    sizeof(rights), 0);
	if (fd < 0)
		return -errno;
	error = add_rules(fd, s, &rights);
	if (error == 0 && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		error = -errno;
	(void)close(fd);
	return error;
}
