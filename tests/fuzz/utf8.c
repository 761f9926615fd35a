/* SPDX-License-Identifier: ISC */
/*
 * Text and the ways it leaves by: a normal form is its own, what is escaped
 * holds nothing that its reader would take for more than text.
 */
#include "base/utf8.h"

#include <string.h>

#include "base/crlf.h"
#include "base/escape.h"
#include "fuzz.h"

static void
check_nfc(struct slice text)
{
	char *once = utf8_nfc(text), *twice;

	MUST((once != NULL) == utf8_is_valid(text));
	if (once == NULL)
		return;
	twice = utf8_nfc(slice_str(once));
	MUST(twice != NULL && strcmp(once, twice) == 0);
	free(once);
	free(twice);
}

static void
check_escaped(struct slice text)
{
	struct buf out = { 0 };

	escape_html(&out, text);
	MUST(out.len == 0 || strpbrk(out.p, "<>\"'") == NULL);
	buf_reset(&out);
	escape_url(&out, text);
	MUST(out.len == 0 || strpbrk(out.p, "&=?#/ \r\n+") == NULL);
	buf_reset(&out);
	escape_log(&out, text);
	MUST(!utf8_has_control(buf_slice(&out)));
	buf_reset(&out);
	escape_terminal(&out, text);
	MUST(!utf8_has_control(buf_slice(&out)));
	buf_fini(&out);
	escape_header(&out, text);
	MUST(buf_failed(&out) || out.len == 0 ||
	    strpbrk(out.p, "\r\n") == NULL);
	buf_fini(&out);
}

/* Whole lines, each ended by CRLF; those that are so stay so. */
static void
check_lines(struct slice text)
{
	struct buf out = { 0 }, again = { 0 };

	crlf_add(&out, text);
	if (!buf_failed(&out)) {
		crlf_add(&again, buf_slice(&out));
		MUST(slice_eq(buf_slice(&out), buf_slice(&again)));
	}
	if (crlf_is_clean(text) && text.len > 0)
		MUST(slice_eq(buf_slice(&out), text));
	buf_fini(&out);
	buf_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	uint32_t c;

	MUST(utf8_next(text, &c) <= size);
	MUST(!utf8_is_text(text) || utf8_is_valid(text));
	check_nfc(text);
	check_escaped(text);
	check_lines(text);
	return 0;
}
