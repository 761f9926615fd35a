/* SPDX-License-Identifier: ISC */
/*
 * Which sockets are whose, when generations overlap.
 */
#include "app/parent/sockets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/slice.h"
#include "io/net.h"

void
sockets_add(struct sockets *s, const char *name, int fd, bool passed)
{
	s->fds = mem_resize(s->fds, s->count + 1, sizeof(*s->fds));
	s->names = mem_resize(s->names, s->count + 1, sizeof(*s->names));
	s->passed = mem_resize(s->passed, s->count + 1, sizeof(*s->passed));
	s->fds[s->count] = fd;
	s->passed[s->count] = passed;
	s->names[s->count++] = mem_strdup(name);
}

static bool
is_same(const char *a, const char *b)
{
	struct net_address of_a, of_b;

	return strcmp(a, b) == 0 ||
	    (net_parse(slice_str(a), &of_a) == 0 &&
	    net_parse(slice_str(b), &of_b) == 0 && net_equal(&of_a, &of_b));
}

int
sockets_find(const struct sockets *s, bool is_public, const char *name,
    const struct sockets *taken)
{
	size_t end = is_public ? s->public_count : s->count;

	for (size_t i = is_public ? 0 : s->public_count; i < end; i++) {
		if (s->fds[i] >= 0 && is_same(s->names[i], name) &&
		    !sockets_have(taken, s->fds[i]))
			return s->fds[i];
	}
	return -1;
}

bool
sockets_have(const struct sockets *s, int fd)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->fds[i] == fd)
			return true;
	}
	return false;
}

void
sockets_leave_to(struct sockets *s, const struct sockets *other)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->fds[i] >= 0 && sockets_have(other, s->fds[i]))
			s->fds[i] = -1;
	}
}

void
sockets_close(struct sockets *s)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->fds[i] >= 0)
			close(s->fds[i]);
		s->fds[i] = -1;
	}
}

void
sockets_drop(struct sockets *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct net_address address;

		if (s->fds[i] >= 0 && !s->passed[i] &&
		    net_parse(slice_str(s->names[i]), &address) == 0 &&
		    net_path(&address) != NULL)
			(void)unlink(net_path(&address));
	}
	sockets_close(s);
}

void
sockets_remove(const struct sockets *s)
{
	struct net_address address;

	for (size_t i = 0; i < s->count; i++) {
		/* Even a look at who listens there would start us again. */
		if (!s->passed[i] &&
		    net_parse(slice_str(s->names[i]), &address) == 0)
			net_remove(&address);
	}
}

void
sockets_free(struct sockets *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->names[i]);
	free(s->names);
	free(s->passed);
	free(s->fds);
	*s = (struct sockets){ 0 };
}
