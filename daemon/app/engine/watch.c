/* SPDX-License-Identifier: ISC */
/*
 * From posts and people to sources that are counted, and from states to moods.
 */
#include "app/engine/watch_private.h"

#include <stdlib.h>
#include <string.h>

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/budget.h"
#include "core/evidence_ip.h"

enum { TOTAL_KEY = 1 };

static void
log_change(const struct attack_figures *f)
{
	log_warn(f->state == ATTACK_CALM ? "attack_off" :
	    f->state == ATTACK_ON ? "attack_on" : "attack_rush",
	    log_str("of", attack_dimension_name(f->source.dimension)),
	    log_str("name", f->source.name),
	    log_str("why", attack_why_name(f->why)),
	    log_num("posts_in_hour", f->posts), log_num("usual", f->usual),
	    log_num("asked", f->asked), log_num("confirmed", f->confirmed),
	    log_num("not_me", f->notme));
}

/* For the mail, which is written in a turn of its own. */
static void
keep_news(struct watch_news *news, const struct attack_figures *figures)
{
	news->is_there = true;
	news->figures = *figures;
	memcpy(news->name, figures->source.name,
	    strlen(figures->source.name) + 1);
	news->figures.source.name = news->name;
}

static void
on_change(const struct attack_figures *figures, void *arg)
{
	struct engine *e = arg;

	log_change(figures);
	if (figures->state == ATTACK_ON)
		keep_news(&e->watch->news[figures->source.dimension],
		    figures);
	e->watch->has_changed = true;
	watch_save(e);
}

struct watch *
watch_new(struct engine *e)
{
	struct watch *w = MEM_NEW(struct watch);

	w->attack = attack_new(on_change, e);
	return w;
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	attack_free(w->attack);
	free(w);
}

/* ---- what is counted ---- */

struct note {
	struct engine *engine;
	enum attack_fact fact;
	int64_t when, now;
};

static void
count(const struct note *n, enum attack_dimension dimension, uint64_t key,
    const char *name)
{
	attack_count(n->engine->watch->attack, &(struct attack_source){
	    dimension, key, name }, n->fact, n->when / CLOCK_SECOND,
	    n->now / CLOCK_SECOND);
	n->engine->watch->has_changed = true;
}

static uint64_t
origin_key(const struct engine *e, const Fact__Evidence *evidence)
{
	return budget_text_key(slice_str(evidence->origin), e->budgets.seed);
}

/* Whatever it is about, this is where it came from. */
static void
count_source(const struct note *n, const Fact__Evidence *evidence,
    uint64_t site)
{
	const struct engine *e = n->engine;
	enum config_log_ip how = e->config->retain.log_ip;
	char network[IP_TEXT_SIZE];

	evidence_ip_write(slice_str(evidence->ip), how == CONFIG_IP_FULL ?
	    CONFIG_IP_TRUNCATED : how, network);
	count(n, ATTACK_TOTAL, TOTAL_KEY, "all");
	count(n, ATTACK_ORIGIN, origin_key(e, evidence),
	    evidence->origin[0] != '\0' ? evidence->origin : "none");
	count(n, ATTACK_SITE, site, network);
}

void
watch_post(struct engine *e, const Message__Subscribe *s, bool is_taken,
    int64_t now)
{
	struct note n = { e, is_taken ? ATTACK_POSTED : ATTACK_CHALLENGED,
		now, now };

	for (size_t i = 0; i < s->n_lists; i++)
		count(&n, ATTACK_LIST, engine_list_by_name(e,
		    s->lists[i])->id, s->lists[i]);
	count_source(&n, s->evidence, budgets_site_key(e, s->evidence->ip));
}

void
watch_request(struct engine *e, const Record__Request *r,
    enum attack_fact fact, int64_t when, int64_t now)
{
	struct note n = { e, fact, when, now };

	if (r->purpose == RECORD__REQUEST__PURPOSE__MANAGE ||
	    r->evidence == NULL)
		return;
	for (size_t i = 0; i < r->n_wishes; i++) {
		const struct engine_list *l = engine_list_by_id(e,
		    r->wishes[i]->list);

		if (l != NULL)
			count(&n, ATTACK_LIST, l->id, l->name);
	}
	count_source(&n, r->evidence, r->site);
}

void
watch_look(struct engine *e, int64_t now)
{
	attack_look(e->watch->attack, now / CLOCK_SECOND);
	watch_save(e);
}

void
watch_each(const struct engine *e, int64_t now, attack_callback callback,
    void *arg)
{
	attack_each(e->watch->attack, now / CLOCK_SECOND, callback, arg);
}

/* ---- moods ---- */

/* The mood if it were for the sources alone. */
static enum price_mood
mood_by_word(const struct watch *w, enum attack_state state)
{
	static const enum price_mood moods[ATTACK_STATES] = {
		[ATTACK_CALM] = PRICE_CALM, [ATTACK_RUSH] = PRICE_STRAINED,
		[ATTACK_ON] = PRICE_ATTACK };

	if (w->mode == RECORD__WATCH__MODE__OFF)
		return PRICE_CALM;
	return w->mode == RECORD__WATCH__MODE__ON ? PRICE_ATTACK :
	    moods[state];
}

static enum attack_state
worse(enum attack_state state, const struct engine *e,
    enum attack_dimension dimension, uint64_t key)
{
	enum attack_state other = attack_state_of(e->watch->attack,
	    dimension, key);

	return other > state ? other : state;
}

enum price_mood
watch_mood(const struct engine *e)
{
	return mood_by_word(e->watch, worse(ATTACK_CALM, e, ATTACK_TOTAL,
	    TOTAL_KEY));
}

enum price_mood
watch_mood_of_post(const struct engine *e, const Message__Subscribe *s)
{
	enum attack_state state = worse(ATTACK_CALM, e, ATTACK_TOTAL,
	    TOTAL_KEY);

	for (size_t i = 0; i < s->n_lists; i++)
		state = worse(state, e, ATTACK_LIST, engine_list_by_name(e,
		    s->lists[i])->id);
	state = worse(state, e, ATTACK_ORIGIN, origin_key(e, s->evidence));
	state = worse(state, e, ATTACK_SITE, budgets_site_key(e,
	    s->evidence->ip));
	return mood_by_word(e->watch, state);
}

Record__Watch__Mode
watch_mode(const struct engine *e)
{
	return e->watch->mode;
}

void
watch_set_mode(struct turn *turn, Record__Watch__Mode mode)
{
	turn->engine->watch->mode = mode;
	watch_put(turn);
}
