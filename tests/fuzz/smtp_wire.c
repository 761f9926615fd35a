/* SPDX-License-Identifier: ISC */
/*
 * A talk with a mail server, a line each: what begins with "C" we said, what
 * begins with "B" is a body, all else the server.  In pieces or not, what is
 * made of it is one line of ASCII, and the same.
 */
#include <string.h>

#include "fuzz.h"
#include "smtp/verdict.h"
#include "smtp/wire.h"

static void
check_text(const char *text)
{
	size_t len = strnlen(text, WIRE_TEXT_MAX);

	MUST(len < WIRE_TEXT_MAX);
	for (size_t i = 0; i < len; i++)
		MUST(text[i] >= ' ' && text[i] <= '~');
}

static void
hear(struct wire *w, struct slice line, size_t step)
{
	for (size_t i = 0; i < line.len; i += step)
		wire_got(w, slice_sub(line, i, i + step));
	wire_got(w, slice_str("\n"));
}

static void
talk(struct wire *w, struct slice rest, size_t step)
{
	struct slice line;

	wire_init(w);
	while (slice_split(&rest, '\n', &line)) {
		if (slice_starts(line, "C")) {
			wire_sent(w, slice_sub(line, 1, line.len));
		} else if (slice_starts(line, "B")) {
			wire_begin_body(w);
			wire_end_body(w);
		} else {
			hear(w, line, step);
		}
		MUST(w->asked_count <= WIRE_ASKED_MAX);
		check_text(w->text);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_of(data, size);
	struct verdict one, other;
	struct wire w;

	for (int how = 0; how < 4; how++) {
		talk(&w, all, 1);
		verdict_at_end(&w, how & 1, how & 2, &one);
		check_text(one.text);
		MUST(strlen(wire_step_name(wire_awaited(&w))) > 0);
		talk(&w, all, size);
		verdict_at_end(&w, how & 1, how & 2, &other);
		MUST(one.stage == other.stage &&
		    strcmp(one.text, other.text) == 0);
	}
	return 0;
}
