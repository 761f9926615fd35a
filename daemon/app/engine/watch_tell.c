/* SPDX-License-Identifier: ISC */
/*
 * The owner's mail: one a day for each dimension, and nothing in it that came
 * from a stranger.
 */
#include "app/engine/engine.h"
#include "app/engine/outbox.h"
#include "app/engine/watch_private.h"
#include "base/clock.h"
#include "core/address.h"
#include "core/origin.h"

#define TELL_AGAIN (86400 * CLOCK_SECOND)

static const struct engine_list *
first_list(const struct engine *e)
{
	for (size_t i = 0; i < e->list_count; i++) {
		if (e->lists[i].config == &e->config->lists[0])
			return &e->lists[i];
	}
	return NULL;
}

/* What a post says of its page may be anything. */
static const char *
name_of(const struct engine *e, const struct attack_source *source)
{
	if (source->dimension != ATTACK_ORIGIN)
		return source->name;
	for (size_t i = 0; i < e->config->list_count; i++) {
		if (origin_is_named(slice_str(source->name),
		    &e->config->lists[i].origins))
			return source->name;
	}
	return strcmp(source->name, e->config->base_url) == 0 ?
	    e->config->base_url : "";
}

static Fact__Alarm *
make_alarm(struct turn *turn, const struct attack_figures *f)
{
	Fact__Alarm *alarm = arena_alloc(turn->arena, sizeof(*alarm));

	fact__alarm__init(alarm);
	alarm->of = turn_text(turn,
	    attack_dimension_name(f->source.dimension));
	alarm->name = turn_text(turn, name_of(turn->engine, &f->source));
	alarm->why = turn_text(turn, attack_why_name(f->why));
	alarm->asked = f->asked;
	alarm->confirmed = f->confirmed;
	alarm->notme = f->notme;
	return alarm;
}

static void
add_mail(struct turn *turn, const struct engine_list *list,
    const struct address *to, const struct attack_figures *figures)
{
	Record__Outbox mail;

	record__outbox__init(&mail);
	mail.kind = RECORD__OUTBOX__KIND__ATTACK;
	mail.address = turn_text(turn, to->canonical);
	mail.lang = list->config->languages.item[0];
	mail.n_lists = 1;
	mail.lists = arena_alloc(turn->arena, sizeof(*mail.lists));
	mail.lists[0] = list->id;
	mail.alarm = make_alarm(turn, figures);
	(void)outbox_add(turn, &mail);
}

void
watch_tell(struct turn *turn)
{
	struct engine *e = turn->engine;
	struct watch *w = e->watch;
	const struct engine_list *list = first_list(e);
	struct address to;
	bool may_tell = list != NULL && address_parse(slice_str(
	    e->config->admin.notify), &to) == ADDRESS_OK;

	for (size_t d = 0; d < ATTACK_DIMENSIONS; d++) {
		if (!w->news[d].is_there)
			continue;
		w->news[d].is_there = false;
		if (!may_tell || (w->told_at[d] != 0 &&
		    turn->now < w->told_at[d] + TELL_AGAIN &&
		    turn->now >= w->told_at[d]))
			continue;
		add_mail(turn, list, &to, &w->news[d].figures);
		w->told_at[d] = turn->now;
	}
}
