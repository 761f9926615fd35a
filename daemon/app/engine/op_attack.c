/* SPDX-License-Identifier: ISC */
/*
 * The administrator looks at the watch for attacks, or has the last word.
 */
#include "app/engine/op_admin.h"

#include "app/engine/engine.h"
#include "app/engine/watch.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

static const char *const modes[] = {
	[RECORD__WATCH__MODE__AUTO] = "auto",
	[RECORD__WATCH__MODE__ON] = "on",
	[RECORD__WATCH__MODE__OFF] = "off",
};
enum { MODES = sizeof(modes) / sizeof(modes[0]) };

struct telling {
	struct arena *arena;
	Message__Attack *attack;
};

static void
add_source(const struct attack_figures *f, void *arg)
{
	struct telling *t = arg;
	Message__Attack *attack = t->attack;
	Message__Attack__Source *s = arena_alloc(t->arena, sizeof(*s)), **all;

	message__attack__source__init(s);
	s->of = arena_text(t->arena,
	    attack_dimension_name(f->source.dimension));
	s->name = arena_text(t->arena, f->source.name);
	s->state = arena_text(t->arena, attack_state_name(f->state));
	s->why = arena_text(t->arena, attack_why_name(f->why));
	s->since = f->since * CLOCK_SECOND;
	s->posts = f->posts;
	s->usual = f->usual;
	s->asked = f->asked;
	s->confirmed = f->confirmed;
	s->notme = f->notme;
	all = arena_alloc(t->arena, (attack->n_sources + 1) * sizeof(*all));
	if (attack->n_sources > 0)
		memcpy(all, attack->sources,
		    attack->n_sources * sizeof(*all));
	all[attack->n_sources++] = s;
	attack->sources = all;
}

Message__Attack *
op_attack_tell(struct engine *e, struct arena *arena, int64_t now)
{
	struct telling t = { arena, arena_alloc(arena, sizeof(*t.attack)) };

	message__attack__init(t.attack);
	t.attack->mode = arena_text(arena, modes[watch_mode(e)]);
	watch_each(e, now, add_source, &t);
	return t.attack;
}

static void
attack_apply(struct turn *turn, struct op *op)
{
	const Message__AttackQuery *ask = op->question->attack_query;

	for (size_t i = 0; i < MODES; i++) {
		if (strcmp(ask->mode, modes[i]) != 0)
			continue;
		watch_set_mode(turn, (Record__Watch__Mode)i);
		log_warn("attack_mode", log_str("mode", modes[i]),
		    log_num("uid", ask->uid));
	}
	turn_reply(turn, op, MESSAGE__ENVELOPE__BODY_ATTACK)->attack =
	    op_attack_tell(turn->engine, turn->arena, turn->now);
}

const struct op_class op_attack = {
	.name = "attack",
	.apply = attack_apply,
};
