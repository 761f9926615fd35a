/* SPDX-License-Identifier: ISC */
/*
 * What the other processes may send the engine, though somebody else speaks in
 * them: frames of a role, a length and a message.  The engine answers, hangs
 * up or both, and can be started again with what it has then.
 */
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/engine/engine_world.h"
#include "app/wire.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "fuzz.h"
#include "io/ipc.h"

enum { HEAD = 3, FRAMES_MAX = 16, ROUNDS = 8 };

static const enum role roles[] = { ROLE_WEB, ROLE_MAILER, ROLE_ADMIN };

/* The same in each run, or nothing that was found could be found again. */
void __wrap_crypto_random(void *p, size_t len);

static struct {
	struct child *world;
	char *database;
	uint64_t drawn;
	struct slice input;
} run;

void
__wrap_crypto_random(void *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)p)[i] = (uint8_t)(++run.drawn * 2654435761 >> 13);
}

static void
fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	Message__Envelope *envelope = wire_open(frame);

	(void)ipc;
	(void)arg;
	MUST(envelope != NULL);
	wire_free(envelope);
}

static void
on_close(struct ipc *ipc, void *arg)
{
	struct ipc **where = arg;

	ipc_free(ipc);
	*where = NULL;
}

static void
send_frame(struct child *c, enum role role, struct slice frame)
{
	static const struct ipc_callbacks callbacks = {
		.on_frame = on_frame, .on_close = on_close };
	struct ipc *ipc;
	int fds[2];

	MUST(ipc_pair(fds) == 0);
	c->callbacks->on_peer(c, role, 1, fds[0], c->arg);
	ipc = ipc_new(c->base, fds[1], &callbacks, &ipc);
	(void)ipc_send(ipc, frame);
	for (int i = 0; i < ROUNDS; i++)
		event_base_loop(c->base, EVLOOP_NONBLOCK);
	ipc_free(ipc);
	event_base_loop(c->base, EVLOOP_NONBLOCK);
}

static void
hear_all(struct child *c)
{
	struct slice rest = run.input;

	world_subscribe(c, "jo@example.org", "weekly", false);
	for (int i = 0; i < FRAMES_MAX && rest.len >= HEAD; i++) {
		const uint8_t *head = (const uint8_t *)rest.p;
		size_t len = (size_t)bytes_get_be(head + 1, 2);

		send_frame(c, roles[head[0] % 3], slice_sub(rest, HEAD,
		    HEAD + len));
		rest = slice_sub(rest, HEAD + len, rest.len);
	}
	world_pass(DAY);
	world_settle_due(c);
}

static void
forget_database(const char *folder)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "lock",
		"journal" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = mem_printf("%s/%s", folder, names[i]);

		(void)unlink(path);
		free(path);
	}
}

static void
end_world(void)
{
	void *state = run.world;

	forget_database(run.database);
	(void)world_teardown(&state);
	free(run.database);
}

/* The templates and the secret, which take long, are made once. */
static void
begin_world(void)
{
	static struct world_judge judge = { fail };
	void *state = &judge;

	MUST(log_open("/dev/null", "engine", LOG_LEVEL_ERROR) == 0);
	MUST(world_setup(&state) == 0);
	run.world = state;
	run.database = mem_printf("%s/database", run.world->folder);
	MUST(mkdir(run.database, 0700) == 0);
	run.world->config.database = run.database;
	MUST(atexit(end_world) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (run.world == NULL)
		begin_world();
	forget_database(run.database);
	run.drawn = 0;
	run.input = slice_of(data, size);
	world_pass(NOON - world_now());
	MUST(world_live(run.world, hear_all) == 0);
	MUST(world_live(run.world, world_settle) == 0);
	return 0;
}
