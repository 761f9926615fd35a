/* SPDX-License-Identifier: ISC */
/*
 * Reads single values of the config: numbers, times, choices, texts.
 */
#include "app/config/config_rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/proc.h"

static void
want_range(struct buf *right, const char *what, uint64_t min, uint64_t max,
    const char *unit)
{
	buf_printf(right, "want %s from %llu to %llu%s", what,
	    (unsigned long long)min, (unsigned long long)max, unit);
}

/* A number within the rule's bounds, and within a type's. */
static bool
read_number(const struct config_rule *rule, const char *text,
    uint64_t *ret_value, struct buf *right)
{
	if (num_parse_range(slice_str(text), rule->min, rule->max,
	    ret_value) == 0)
		return true;
	want_range(right, "a number", rule->min, rule->max, "");
	return false;
}

bool
config_read_unsigned(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	unsigned *number = field;
	uint64_t n;

	if (!read_number(rule, value->text, &n, right))
		return false;
	*number = (unsigned)n;
	return true;
}

bool
config_read_u32(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	uint32_t *number = field;
	uint64_t n;

	if (!read_number(rule, value->text, &n, right))
		return false;
	*number = (uint32_t)n;
	return true;
}

bool
config_read_port(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	uint16_t *number = field;
	uint64_t n;

	if (!read_number(rule, value->text, &n, right))
		return false;
	*number = (uint16_t)n;
	return true;
}

bool
config_read_size(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	uint64_t *size = field, n;

	if (num_parse_size(slice_str(value->text), &n) == 0 &&
	    n >= rule->min && n <= rule->max) {
		*size = n;
		return true;
	}
	buf_printf(right, "want a size such as 64m or 64g, from %llum to "
	    "%llum", (unsigned long long)rule->min >> 20,
	    (unsigned long long)rule->max >> 20);
	return false;
}

/* "14d", as a person would write it. */
static void
add_time(struct buf *out, uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		char letter;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (seconds > 0 && seconds % units[i].seconds == 0) {
			buf_printf(out, "%llu%c", (unsigned long long)
			    (seconds / units[i].seconds), units[i].letter);
			return;
		}
	}
	buf_printf(out, "%llus", (unsigned long long)seconds);
}

static bool
read_time(const struct config_rule *rule, const char *text,
    uint64_t *ret_seconds, struct buf *right)
{
	uint64_t n;

	if (num_parse_duration(slice_str(text), &n) == 0 && n >= rule->min &&
	    n <= rule->max) {
		*ret_seconds = n;
		return true;
	}
	buf_add_str(right, "want a time such as 90s, 10m, 72h or 3d, from ");
	add_time(right, rule->min);
	buf_add_str(right, " to ");
	add_time(right, rule->max);
	return false;
}

bool
config_read_time(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	uint64_t *seconds = field;

	return read_time(rule, value->text, seconds, right);
}

/* 0 when it is off. */
bool
config_read_time_or_off(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	uint64_t *seconds = field;

	if (strcmp(value->text, "off") == 0) {
		*seconds = 0;
		return true;
	}
	if (read_time(rule, value->text, seconds, right))
		return true;
	buf_add_str(right, ", or \"off\"");
	return false;
}

/* Room for one more of what is kept in the arena: twice as much at each power
 * of two. */
static void *
make_room(struct arena *memory, void *items, size_t count, size_t size)
{
	char *grown;

	if ((count & (count - 1)) != 0)
		return items;
	grown = arena_alloc(memory, (count > 0 ? 2 * count : 1) * size);
	if (count > 0)
		memcpy(grown, items, count * size);
	return grown;
}

bool
config_read_retry(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	enum { RETRY_MAX = 32 };
	struct config_times *times = field;
	uint64_t seconds;

	if (!read_time(rule, value->text, &seconds, right))
		return false;
	if (times->count == RETRY_MAX) {
		buf_printf(right, "want at most %d steps", RETRY_MAX);
		return false;
	}
	if (times->count > 0 && seconds < times->item[times->count - 1]) {
		buf_add_str(right, "want no step shorter than the one before");
		return false;
	}
	times->item = make_room(value->memory, times->item, times->count,
	    sizeof(*times->item));
	times->item[times->count++] = seconds;
	return true;
}

static bool
find_choice(const char *const *choices, const char *text,
    unsigned *ret_index, struct buf *right)
{
	for (unsigned i = 0; choices[i] != NULL; i++) {
		if (strcmp(choices[i], text) == 0) {
			*ret_index = i;
			return true;
		}
	}
	buf_add_str(right, "want ");
	for (unsigned i = 0; choices[i] != NULL; i++)
		buf_printf(right, "%s%s", i == 0 ? "" :
		    choices[i + 1] != NULL ? ", " : " or ", choices[i]);
	return false;
}

/* An enum's field: all of ours have an unsigned's size. */
_Static_assert(sizeof(enum config_tls) == sizeof(unsigned) &&
    sizeof(enum log_level) == sizeof(unsigned), "enums are unsigned");

bool
config_read_choice(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	unsigned index;

	if (!find_choice(rule->choices, value->text, &index, right))
		return false;
	memcpy(field, &index, sizeof(index));
	return true;
}

/* true and false, or the rule's own two words for false and true. */
bool
config_read_bool(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	static const char *const words[] = { "false", "true", NULL };
	bool *flag = field;
	unsigned index;

	if (!find_choice(rule->choices != NULL ? rule->choices : words,
	    value->text, &index, right))
		return false;
	*flag = index != 0;
	return true;
}

bool
config_read_limit(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	struct limit *limit = field;

	(void)rule;
	if (limit_parse(slice_str(value->text), limit) == 0)
		return true;
	buf_printf(right, "want COUNT/TIME such as \"3/1d\", up to %d of them "
	    "with commas, or \"off\"", LIMIT_WINDOWS_MAX);
	return false;
}

/* Nothing is fine for what need not be there. */
static char *
make_text(const struct config_rule *rule, const struct config_value *value,
    struct buf *right)
{
	if (value->text[0] != '\0')
		return rule->make(rule, value, right);
	if (!rule->required)
		return mem_strdup("");
	buf_add_str(right, "it must not be empty");
	return NULL;
}

bool
config_read_text(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	char **text = field;
	char *made = make_text(rule, value, right);

	if (made == NULL)
		return false;
	*text = arena_text(value->memory, made);
	free(made);
	return true;
}

bool
config_read_texts(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	struct config_strings *texts = field;
	char *made;

	if (value->text[0] == '\0') {
		buf_add_str(right, "it must not be empty");
		return false;
	}
	made = rule->make(rule, value, right);
	if (made == NULL)
		return false;
	for (size_t i = 0; i < texts->count && !rule->may_repeat; i++) {
		if (strcmp(texts->item[i], made) == 0) {
			buf_add_str(right, "it stands here twice");
			free(made);
			return false;
		}
	}
	texts->item = make_room(value->memory, texts->item, texts->count,
	    sizeof(*texts->item));
	texts->item[texts->count++] = arena_text(value->memory, made);
	free(made);
	return true;
}

/* By number, or by name as this system knows it. */
static bool
find_caller(struct slice name, struct config_caller *ret)
{
	struct proc_user user;
	uint64_t id;
	char *text;
	bool found;

	if (num_parse_range(name, 0, UINT32_MAX - 1, &id) == 0) {
		ret->id = (uint32_t)id;
		return true;
	}
	text = slice_dup(name);
	if (ret->is_group) {
		found = proc_find_group(text, &ret->id) == 0;
	} else {
		found = proc_find_user(text, &user) == 0;
		ret->id = found ? user.uid : 0;
	}
	free(text);
	return found;
}

bool
config_read_callers(const struct config_rule *rule,
    const struct config_value *value, void *field, struct buf *right)
{
	struct config_callers *callers = field;
	struct slice name = slice_str(value->text);
	struct config_caller caller = { .is_group = slice_starts(name, "@") };

	(void)rule;
	if (!find_caller(slice_sub(name, caller.is_group ? 1 : 0, name.len),
	    &caller)) {
		buf_add_str(right, "want a user of this system, by name or "
		    "number, or \"@\" and a group");
		return false;
	}
	callers->item = make_room(value->memory, callers->item,
	    callers->count, sizeof(*callers->item));
	callers->item[callers->count++] = caller;
	return true;
}
