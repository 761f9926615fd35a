/* SPDX-License-Identifier: ISC */
/*
 * Counts commands and replies (RFC 5321 §4.2).
 */
#include "smtp/wire.h"

#include <string.h>

/* RFC 5321 wants lines up to 512; a reply may have many of them. */
enum { LENGTH_MAX = 1000, REPLY_MAX = 64 * 1024 };

static const struct {
	const char *verb;	/* NULL: not by a verb */
	const char *name;
} steps[] = {
	[WIRE_GREETING] = { NULL, "a greeting" },
	[WIRE_EHLO] = { "EHLO", "an answer to EHLO" },
	[WIRE_AUTH] = { "AUTH", "an answer to AUTH" },
	[WIRE_MAIL] = { "MAIL", "an answer to MAIL" },
	[WIRE_RCPT] = { "RCPT", "an answer to RCPT" },
	[WIRE_DATA] = { "DATA", "an answer to DATA" },
	[WIRE_BODY] = { NULL, "room for the message" },
	[WIRE_DOT] = { NULL, "an answer to the message" },
	[WIRE_OTHER] = { NULL, "an answer" },
	[WIRE_QUIT] = { "QUIT", "an answer to QUIT" },
};
_Static_assert(sizeof(steps) / sizeof(steps[0]) == WIRE_STEPS,
    "each step has a name");

const char *
wire_step_name(enum wire_step step)
{
	return steps[step].name;
}

enum wire_step
wire_awaited(const struct wire *w)
{
	return w->asked_count > 0 ? w->asked[0] : w->step;
}

static void
ask(struct wire *w, enum wire_step step)
{
	w->step = step;
	if (w->asked_count < WIRE_ASKED_MAX)
		w->asked[w->asked_count++] = step;
}

void
wire_init(struct wire *w)
{
	*w = (struct wire){ 0 };
	ask(w, WIRE_GREETING);
}

/* What answers a 334 is a part of AUTH, however it looks. */
static enum wire_step
step_of(const struct wire *w, struct slice line)
{
	if (w->step == WIRE_AUTH && w->code == 334)
		return WIRE_AUTH;
	if (slice_starts(line, "HELO"))
		return WIRE_EHLO;
	for (enum wire_step s = 0; s < WIRE_STEPS; s++) {
		if (steps[s].verb != NULL &&
		    slice_starts(line, steps[s].verb))
			return s;
	}
	return WIRE_OTHER;
}

void
wire_sent(struct wire *w, struct slice data)
{
	struct slice line;

	if (slice_ends(data, "\n"))
		data.len--;
	while (slice_split(&data, '\n', &line)) {
		enum wire_step before = w->step;

		ask(w, step_of(w, line));
		/* What it ends is of more interest. */
		if (w->step == WIRE_QUIT)
			w->step = before;
	}
}

void
wire_begin_body(struct wire *w)
{
	w->step = WIRE_BODY;
}

void
wire_end_body(struct wire *w)
{
	ask(w, WIRE_DOT);
}

/* Printable ASCII with single blanks. */
static void
add_text(struct wire *w, struct slice text)
{
	for (size_t i = 0; i < text.len &&
	    w->draft_len < WIRE_TEXT_MAX - 1; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c > ' ')
			w->draft[w->draft_len++] = c > '~' ? '?' : (char)c;
		else if (w->draft_len > 0 &&
		    w->draft[w->draft_len - 1] != ' ')
			w->draft[w->draft_len++] = ' ';
	}
}

static void
keep_reply(struct wire *w, unsigned code)
{
	enum wire_step to = wire_awaited(w);

	/* DATA was sent along, and has no recipient. */
	if (to == WIRE_DATA && w->reply_to == WIRE_RCPT && w->code >= 400)
		return;
	w->reply_to = to;
	w->code = code;
	memcpy(w->text, w->draft, w->draft_len);
	w->text[w->draft_len] = '\0';
	if (code == 235 && w->reply_to == WIRE_AUTH)
		w->authenticated = true;
}

static void
take_reply(struct wire *w, unsigned code)
{
	if (wire_awaited(w) != WIRE_QUIT)
		keep_reply(w, code);
	w->draft_len = w->reply_len = 0;
	/* A 421 may come at any time: the server is about to leave. */
	if (w->asked_count == 0 && code != 421)
		w->fault = "the server speaks out of turn";
	else if (w->asked_count > 0)
		memmove(&w->asked[0], &w->asked[1],
		    --w->asked_count * sizeof(w->asked[0]));
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 0 when it isn't a line of a reply. */
static unsigned
code_of(struct slice line)
{
	if (line.len < 3 || line.p[0] < '2' || line.p[0] > '5' ||
	    !is_digit(line.p[1]) || !is_digit(line.p[2]) ||
	    (line.len > 3 && line.p[3] != ' ' && line.p[3] != '-'))
		return 0;
	return (unsigned)((line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 +
	    (line.p[2] - '0'));
}

static void
end_line(struct wire *w)
{
	struct slice line = slice_of(w->line, w->line_len <
	    sizeof(w->line) ? w->line_len : sizeof(w->line));
	unsigned code;

	w->line_len = 0;
	if (slice_ends(line, "\r"))
		line.len--;
	code = code_of(line);
	if (code == 0) {
		w->fault = "the server doesn't speak SMTP";
		return;
	}
	if (w->draft_len == 0)
		add_text(w, slice_sub(line, 0, 3));
	add_text(w, slice_of(" ", 1));
	add_text(w, slice_sub(line, 4, line.len));
	if (line.len < 4 || line.p[3] == ' ')
		take_reply(w, code);
}

void
wire_got(struct wire *w, struct slice data)
{
	for (size_t i = 0; i < data.len && w->fault == NULL; i++) {
		if (data.p[i] == '\n') {
			end_line(w);
			continue;
		}
		if (w->line_len < sizeof(w->line))
			w->line[w->line_len++] = data.p[i];
		else if (w->line_len++ > LENGTH_MAX)
			w->fault = "the server's reply has no end";
		if (w->reply_len++ > REPLY_MAX)
			w->fault = "the server's reply has no end";
	}
}
