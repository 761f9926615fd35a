/* SPDX-License-Identifier: ISC */
/*
 * JSON that was read and written is read as the same.
 */
#include "io/json.h"

#include "fuzz.h"

static void
check_members(const char *name, const struct json *value, void *arg)
{
	struct buf plain = { 0 };

	MUST(json_get(arg, name) == value);
	json_add_plain(value, &plain);
	buf_fini(&plain);
	(void)json_text(value);
	(void)json_number(value);
	(void)json_truth(value);
	(void)json_at(value, json_count(value));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *value = json_read(slice_of(data, size)), *again;
	struct buf once = { 0 }, twice = { 0 };
	union {
		const struct json *object;
		void *arg;
	} u = { .object = value };

	if (value == NULL)
		return 0;
	json_write(value, &once);
	again = json_read(buf_slice(&once));
	MUST(again != NULL);
	json_write(again, &twice);
	MUST(slice_eq(buf_slice(&once), buf_slice(&twice)));
	json_each(value, check_members, u.arg);
	json_free(again);
	json_free(value);
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}
