/* SPDX-License-Identifier: ISC */
/*
 * The order of entering: places before calls, since the filter takes away the
 * calls that close the places.
 *
 * There are no limits of file sizes: stderr may be a file that is large, and
 * who writes beyond the limit is killed.
 */
#include "io/sandbox_private.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/capability.h"

struct sandbox *
sandbox_new(unsigned calls)
{
	struct sandbox *s = MEM_NEW(struct sandbox);

	s->calls = calls;
	return s;
}

void
sandbox_free(struct sandbox *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->path_count; i++)
		free(s->paths[i].path);
	free(s->paths);
	free(s->ports);
	free(s);
}

void
sandbox_allow_calls(struct sandbox *s, unsigned calls)
{
	s->calls |= calls;
}

void
sandbox_allow_anywhere(struct sandbox *s)
{
	s->anywhere = true;
}

void
sandbox_allow_path(struct sandbox *s, const char *path, enum sandbox_use use)
{
	s->paths = mem_resize(s->paths, s->path_count + 1,
	    sizeof(s->paths[0]));
	s->paths[s->path_count++] = (struct sandbox_path){
		mem_strdup(path), use };
}

void
sandbox_allow_port(struct sandbox *s, uint16_t port)
{
	s->ports = mem_resize(s->ports, s->port_count + 1,
	    sizeof(s->ports[0]));
	s->ports[s->port_count++] = port;
}

static int
set_limit(__rlimit_resource_t resource, rlim_t most)
{
	const struct rlimit limit = { most, most };

	return setrlimit(resource, &limit) < 0 ? -errno : 0;
}

/* Against others: other processes of the same user, and core files. */
static int
close_memory(void)
{
	/* The leak check of a sanitizer attaches to its own process. */
	if (!SANDBOX_SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return set_limit(RLIMIT_CORE, 0);
}

static int
close_processes(const struct sandbox *s)
{
	/* Counted for the whole user, and not for root: the filter does it,
	 * and this where there is none. */
	if (SANDBOX_SANITIZED ||
	    (s->calls & (SANDBOX_FORK | SANDBOX_THREAD)) != 0)
		return 0;
	return set_limit(RLIMIT_NPROC, 0);
}

int
sandbox_enter(const struct sandbox *s, uint64_t capabilities)
{
	int error = capability_limit(capabilities);

	/* Another sandbox around this one may refuse it: the filter below
	 * leaves no call that one could be used for. */
	if (error == -EPERM)
		error = 0;
	if (error == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		error = -errno;
	/* After the capabilities, which make a process dumpable or not. */
	if (error == 0)
		error = close_memory();
	if (error == 0)
		error = close_processes(s);
	if (error == 0 && !s->anywhere)
		error = sandbox_limit_places(s);
	if (error == 0)
		error = sandbox_limit_calls(s->calls);
	return error;
}

bool
sandbox_describe(struct buf *out)
{
	bool calls = sandbox_has_calls();
	int version = sandbox_places_version();

	if (calls)
		buf_add_str(out, "seccomp");
	if (version > 0)
		buf_printf(out, "%slandlock-%d", calls ? " " : "", version);
	if (!calls && version == 0)
		buf_add_str(out, "none");
	return calls && version > 0;
}
