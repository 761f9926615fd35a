/* SPDX-License-Identifier: ISC */
/*
 * Messages: what every one of them must be, and that names and subjects come
 * back as they were.  The decoder here is written from RFC 2047 alone, so
 * that it doesn't share the library's mistakes.
 */
#include "io/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <cmocka.h>

#include "base/crlf.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { ROUNDS = 3000, WORD_MAX = 75, LINE_MAX_ENCODED = 76, LINE_SOFT = 78 };

static const struct mime_header extra[] = {
	{ "List-Id", "<weekly.news.example.org>" },
	{ "List-Unsubscribe", "<https://news.example.org/unsubscribe/"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefgh/and/a/long/tail/behind/it>" },
	{ "Feedback-ID", "confirm:weekly:assent:newsexampleorg" },
};

static struct mime_message
sample(void)
{
	return (struct mime_message){
		.from_name = "The Weekly",
		.from_address = "weekly@example.org",
		.to_address = "jo@example.net",
		.subject = "Please confirm",
		.date = "Mon, 23 Nov 2026 05:32:00 +0000",
		.message_id = "0123456789abcdef@news.example.org",
		.headers = extra,
		.header_count = sizeof(extra) / sizeof(extra[0]),
		.text = SLICE("Hello\n.\nGr\xc3\xbc\xc3\x9f" "e und mehr\n"),
		.html = SLICE("<p>Hello</p>"),
	};
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ?
	    c - 'A' + 10 : -1;
}

static void
decode_q(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '=') {
			assert_true(i + 2 < s.len && hex(s.p[i + 1]) >= 0 &&
			    hex(s.p[i + 2]) >= 0);
			buf_add_char(out, (char)(hex(s.p[i + 1]) * 16 +
			    hex(s.p[i + 2])));
			i += 2;
		} else {
			buf_add_char(out, s.p[i] == '_' ? ' ' : s.p[i]);
		}
	}
}

static void
decode_b(struct buf *out, struct slice s)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	int n = 0;

	for (size_t i = 0; i < s.len && s.p[i] != '='; i++) {
		const char *at = strchr(alphabet, s.p[i]);

		assert_non_null(at);
		bits = bits << 6 | (uint32_t)(at - alphabet);
		n += 6;
		if (n >= 8) {
			n -= 8;
			buf_add_char(out, (char)(bits >> n & 0xff));
		}
	}
}

/* "=?utf-8?q?…?=" at the start of s: its length; 0 when there is none. */
static size_t
decode_word(struct buf *out, struct slice s)
{
	struct buf plain = { 0 };
	struct slice body;
	const char *end;

	if (s.len < 12 || strncasecmp(s.p, "=?utf-8?", 8) != 0)
		return 0;
	body = slice_sub(s, 10, s.len);
	end = memmem(body.p, body.len, "?=", 2);
	assert_non_null(end);
	body.len = (size_t)(end - body.p);
	assert_true(body.len + 12 <= WORD_MAX);
	if (s.p[8] == 'q' || s.p[8] == 'Q')
		decode_q(&plain, body);
	else
		decode_b(&plain, body);
	assert_true(utf8_is_valid(buf_slice(&plain)));
	buf_add_slice(out, buf_slice(&plain));
	buf_fini(&plain);
	return body.len + 12;
}

/*
 * Unfolded text: words, encoded or not; blanks between encoded ones fall.
 * None goes on after padding, where some readers stop.
 */
static void
decode_text(struct buf *out, struct slice s)
{
	bool was_word = false, was_padded = false;
	size_t blanks = 0;

	while (s.len > 0) {
		struct buf word = { 0 };
		size_t n = decode_word(&word, s);

		if (s.p[0] == ' ') {
			blanks++;
			n = 1;
		} else {
			for (; blanks > 0; blanks--) {
				if (n == 0 || !was_word)
					buf_add_char(out, ' ');
			}
			assert_false(was_word && was_padded && n > 0);
			was_word = n > 0;
			was_padded = n > 0 && s.p[n - 3] == '=';
			if (n > 0)
				buf_add_slice(out, buf_slice(&word));
			else
				buf_add_char(out, s.p[0]);
			n = n > 0 ? n : 1;
		}
		s = slice_sub(s, n, s.len);
		buf_fini(&word);
	}
}

/* The header's value, unfolded; asserts that it is there once. */
static void
header(struct buf *out, struct slice message, const char *name)
{
	struct slice line;
	unsigned seen = 0;
	bool mine = false;

	while (slice_split(&message, '\n', &line) && line.len > 1) {
		line.len--;
		if (line.p[0] != ' ' && line.p[0] != '\t') {
			mine = line.len > strlen(name) &&
			    strncasecmp(line.p, name, strlen(name)) == 0 &&
			    line.p[strlen(name)] == ':';
			seen += mine;
			if (mine)
				line = slice_trim(slice_sub(line,
				    strlen(name) + 1, line.len));
		}
		if (mine && out->len > 0)
			buf_add_char(out, ' ');
		if (mine)
			buf_add_slice(out, slice_trim(line));
	}
	if (seen != 1)
		fail_msg("%s: %u times", name, seen);
}

static void
check_header(struct slice message, const char *name, const char *value)
{
	struct buf raw = { 0 }, text = { 0 };

	header(&raw, message, name);
	decode_text(&text, buf_slice(&raw));
	assert_string_equal(buf_str(&text), value);
	buf_fini(&raw);
	buf_fini(&text);
}

static void
check_lines(struct slice message)
{
	struct slice line;

	assert_true(crlf_is_clean(message));
	while (slice_split(&message, '\n', &line) && line.len > 1) {
		line.len--;
		assert_true(slice_trim(line).len > 0);
		if (memmem(line.p, line.len, "=?", 2) != NULL)
			assert_true(line.len <= LINE_MAX_ENCODED);
		else if (!slice_starts(line, " <https://"))
			assert_true(line.len <= LINE_SOFT);
	}
}

static void
a_message_is_whole(void **state)
{
	struct mime_message m = sample();
	struct buf out = { 0 }, again = { 0 };
	struct slice s;

	(void)state;
	assert_int_equal(mime_build(&m, &out), 0);
	assert_int_equal(mime_build(&m, &again), 0);
	assert_string_equal(buf_str(&out), buf_str(&again));
	s = buf_slice(&out);
	check_lines(s);
	check_header(s, "Date", m.date);
	check_header(s, "From", "\"The Weekly\" <weekly@example.org>");
	check_header(s, "To", m.to_address);
	check_header(s, "Subject", m.subject);
	check_header(s, "Message-ID", "<0123456789abcdef@news.example.org>");
	check_header(s, "MIME-Version", "1.0");
	for (size_t i = 0; i < m.header_count; i++)
		check_header(s, extra[i].name, extra[i].value);
	assert_non_null(strstr(buf_str(&out), "\r\nHello\r\n.\r\n"
	    "Gr=C3=BC=C3=9Fe und mehr\r\n"));
	assert_true(strstr(buf_str(&out), "text/plain; charset=utf-8") <
	    strstr(buf_str(&out), "text/html; charset=utf-8"));
	buf_fini(&out);
	buf_fini(&again);
}

/* A part of each encoding; to the byte, as GMime's own objects write it. */
static void
a_message_is_these_bytes(void **state)
{
	static const char head[] =
	    "Date: Mon, 23 Nov 2026 05:32:00 +0000\r\n"
	    "From: \"The Weekly\" <weekly@example.org>\r\n"
	    "To: jo@example.net\r\n"
	    "Subject: Please confirm\r\n"
	    "Message-ID: <0123456789abcdef@news.example.org>\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative;\r\n"
	    "\tboundary=\"=_e48529341b0044f8f919354e3e627b66\"\r\n"
	    "\r\n"
	    "--=_e48529341b0044f8f919354e3e627b66\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n";
	static const char next[] =
	    "\r\n--=_e48529341b0044f8f919354e3e627b66\r\n"
	    "Content-Type: text/html; charset=utf-8\r\n";
	static const struct {
		struct slice text, html;
		const char *written_text, *written_html;
	} cases[] = {
		{ SLICE("Hello\n.\n"), SLICE("<p dir=\"ltr\">\xc3\x9c \n</p>"),
		    "Content-Transfer-Encoding: 7bit\r\n\r\nHello\r\n.\r\n",
		    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		    "<p dir=3D\"ltr\">=C3=9C=20\r\n</p>\r\n" },
		{ SLICE(""), SLICE("\xe6\x97\xa5\xe6\x9c\xac"),
		    "Content-Transfer-Encoding: 7bit\r\n\r\n",
		    "Content-Transfer-Encoding: base64\r\n\r\n"
		    "5pel5pysDQo=\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mime_message m = sample();
		struct buf out = { 0 }, wanted = { 0 };

		m.header_count = 0;
		m.text = cases[i].text;
		m.html = cases[i].html;
		buf_printf(&wanted, "%s%s%s%s\r\n--=_e48529341b0044f8f919354"
		    "e3e627b66--\r\n", head, cases[i].written_text, next,
		    cases[i].written_html);
		assert_int_equal(mime_build(&m, &out), 0);
		assert_string_equal(buf_str(&out), buf_str(&wanted));
		buf_fini(&out);
		buf_fini(&wanted);
	}
}

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(*seed >> 33);
}

/* Words of ASCII alone or out of several scripts; few are long, and few have
 * more than one blank between them. */
static void
random_text(struct buf *out, uint64_t *seed)
{
	static const char *const chars[] = { "a", "Z", "7", "\"", "\\", ",",
		";", ":", "<", ">", "(", ")", "@", "=", "?", "_", "%", ".",
		"-", "&", "'", "n", "e", "r", "\xc3\xa4", "\xc3\x9f",
		"\xe2\x82\xac", "\xe6\x97\xa5", "\xd0\x96", "\xd7\x90",
		"\xf0\x9f\x93\xb0", "\xe2\x80\x9e",
		"\xe2\x80\x8d" };
	unsigned words = 1 + next_random(seed) % 12;
	uint32_t count = next_random(seed) % 2 > 0 ? 24 :
	    sizeof(chars) / sizeof(chars[0]);

	for (unsigned w = 0; w < words; w++) {
		unsigned len = 1 + next_random(seed) %
		    (next_random(seed) % 16 > 0 ? 14 : 120);

		if (w > 0)
			buf_add_str(out, next_random(seed) % 16 > 0 ? " " :
			    "   ");
		for (unsigned i = 0; i < len; i++)
			buf_add_str(out, chars[next_random(seed) % count]);
	}
}

/* A phrase: quoted strings lose their quotes, then words are decoded. */
static void
unquote(struct buf *out, struct slice phrase)
{
	bool quoted = false;
	struct buf run = { 0 };

	for (size_t i = 0; i < phrase.len; i++) {
		char c = phrase.p[i];

		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && c == '\\')
			c = phrase.p[++i];
		buf_add_char(&run, c);
	}
	assert_false(quoted);
	decode_text(out, buf_slice(&run));
	buf_fini(&run);
}

static void
check_from(struct slice message, const char *name)
{
	static const char address[] = " <weekly@example.org>";
	struct buf raw = { 0 }, text = { 0 };

	header(&raw, message, "From");
	assert_true(slice_ends(buf_slice(&raw), address));
	unquote(&text, slice_sub(buf_slice(&raw), 0,
	    raw.len - strlen(address)));
	assert_string_equal(buf_str(&text), name);
	buf_fini(&raw);
	buf_fini(&text);
}

static void
random_texts_come_back(void **state)
{
	uint64_t seed = 20261123;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct buf name = { 0 }, subject = { 0 }, out = { 0 };
		struct mime_message m = sample();

		random_text(&name, &seed);
		random_text(&subject, &seed);
		m.from_name = buf_str(&name);
		m.subject = buf_str(&subject);
		assert_int_equal(mime_build(&m, &out), 0);
		check_lines(buf_slice(&out));
		check_from(buf_slice(&out), m.from_name);
		check_header(buf_slice(&out), "Subject", m.subject);
		buf_fini(&name);
		buf_fini(&subject);
		buf_fini(&out);
	}
}

static void
bad_values_are_refused(void **state)
{
	static const char *const bad[] = { "a\r\nBcc: x@example.org", "a\nb",
		"a\rb", "\x01", "\xff", "\xc2\x85", "\xe2\x80\xae" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]) * 8; i++) {
		struct mime_header h = { "X-A", "b" };
		struct mime_message m = sample();
		const char **place[] = { &m.from_name, &m.from_address,
			&m.to_address, &m.subject, &m.date, &m.message_id,
			&h.name, &h.value };
		struct buf out = { 0 };

		m.headers = &h;
		m.header_count = 1;
		*place[i % 8] = bad[i / 8];
		assert_int_equal(mime_build(&m, &out), -1);
		assert_true(buf_failed(&out));
		buf_fini(&out);
	}
}

static void
bodies_take_any_lines(void **state)
{
	static const struct slice bodies[] = { SLICE(""), SLICE("a\rb\nc\r\n"),
		SLICE("\xe2\x80\xa8"), SLICE("\n.\n"), SLICE("From x\n"),
		SLICE("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e") };
	char *longest = mem_new(5000, 1);
	struct buf out = { 0 };
	struct mime_message m;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		m = sample();
		m.text = m.html = bodies[i];
		assert_int_equal(mime_build(&m, &out), 0);
		check_lines(buf_slice(&out));
		buf_reset(&out);
	}
	m = sample();
	memset(longest, 'x', 4999);
	m.html = slice_str(longest);
	assert_int_equal(mime_build(&m, &out), 0);
	check_lines(buf_slice(&out));
	buf_reset(&out);
	m.html = slice_of("a\0b", 3);
	assert_int_equal(mime_build(&m, &out), -1);
	buf_fini(&out);
	free(longest);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_whole),
		cmocka_unit_test(a_message_is_these_bytes),
		cmocka_unit_test(random_texts_come_back),
		cmocka_unit_test(bad_values_are_refused),
		cmocka_unit_test(bodies_take_any_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
