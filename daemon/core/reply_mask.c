/* SPDX-License-Identifier: ISC */
/*
 * Word by word; what a word may be, is decided by how it looks.
 */
#include "core/reply.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "core/code.h"
#include "core/token.h"

static const char around_words[] = " \t<>()[]{},;:'=/";
static const char ellipsis[] = "\xe2\x80\xa6";

/* Where the word ends that starts there; a quoted local part is one. */
static size_t
word_end(struct slice text, size_t at)
{
	if (text.p[at] == '"') {
		struct slice rest = slice_sub(text, at + 1, text.len);
		ptrdiff_t quote = slice_find(rest, '"');

		if (quote < 0 || slice_sub(rest, (size_t)quote + 1,
		    (size_t)quote + 2).len == 0 || rest.p[quote + 1] != '@')
			return at + 1;
		at += (size_t)quote + 2;
	}
	while (at < text.len && strchr(around_words, text.p[at]) == NULL &&
	    text.p[at] != '"')
		at++;
	return at;
}

static bool
is_secret(struct slice word)
{
	char code[CODE_SIZE];

	while (slice_ends(word, "."))
		word.len--;
	return token_is_wellformed(word) || (word.len == CODE_SIZE &&
	    word.p[4] == '-' && code_read(word, code) == 0);
}

static void
add_word(struct buf *out, struct slice word)
{
	ptrdiff_t at = slice_rfind(word, '@');
	uint32_t c;

	if (at >= 0) {
		if (at > 0)
			buf_add(out, word.p, utf8_next(word, &c));
		buf_add_str(out, ellipsis);
		buf_add_slice(out, slice_sub(word, (size_t)at, word.len));
	} else if (is_secret(word)) {
		buf_add_str(out, ellipsis);
	} else {
		buf_add_slice(out, word);
	}
}

char *
reply_mask(struct slice reply)
{
	struct buf out = { 0 };
	size_t at = 0;

	while (at < reply.len) {
		size_t end = word_end(reply, at);

		if (end == at)
			buf_add_char(&out, reply.p[end++]);
		else
			add_word(&out, slice_sub(reply, at, end));
		at = end;
	}
	return buf_take(&out);
}
