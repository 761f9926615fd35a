/* SPDX-License-Identifier: ISC */
/*
 * Walks over a config file's text: strings, comments and bare words, no more
 * of the grammar than that.
 */
#include "io/conf_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "io/conf.h"
#include "io/files.h"

enum { FILE_MAX = 1 << 20 };

static const char bare_ends[] = " \t\r\n#\"'={}()+,";

static unsigned
line_at(const char *text, const char *p)
{
	unsigned line = 1;

	for (; text < p; text++)
		line += *text == '\n';
	return line;
}

static int
check_bytes(struct slice text, struct conf_notes *notes)
{
	struct slice rest = text, line;
	unsigned number = 0;

	while (rest.p != NULL && slice_split(&rest, '\n', &line)) {
		number++;
		if (!utf8_is_valid(line)) {
			conf_note(notes, number, "this line is not UTF-8: "
			    "save the file in that encoding");
			return -1;
		}
		if (memchr(line.p, '\0', line.len) != NULL) {
			conf_note(notes, number, "a NUL byte is no text: "
			    "remove it");
			return -1;
		}
	}
	return 0;
}

char *
conf_text_read(struct files *files, const char *path,
    struct conf_notes *notes)
{
	struct buf text = { .limit = FILE_MAX };
	int error = files_read(files, path, &text);
	bool good = false;

	if (error == -EFBIG)
		conf_note(notes, 0, "it is larger than %d bytes: that is no "
		    "config", FILE_MAX);
	else if (error < 0)
		conf_note(notes, 0, "cannot read it: %s", strerror(-error));
	else
		good = text.len == 0 ||
		    check_bytes(buf_slice(&text), notes) == 0;
	if (good)
		return buf_take(&text);
	buf_fini(&text);
	return NULL;
}

static void
blank(char *p, const char *end)
{
	for (; p < end; p++) {
		if (*p != '\n')
			*p = ' ';
	}
}

/* Behind the closing quote, or at the end of the text. */
static char *
string_end(char *p)
{
	char quote = *p++;

	while (*p != '\0' && *p != quote)
		p += p[0] == '\\' && p[1] != '\0' ? 2 : 1;
	return *p != '\0' ? p + 1 : p;
}

/* Behind a comment that starts here; NULL when none does. */
static char *
comment_end(char *p)
{
	char *end;

	if (p[0] == '#' || (p[0] == '/' && p[1] == '/'))
		return p + strcspn(p, "\n");
	if (p[0] != '/' || p[1] != '*')
		return NULL;
	end = strstr(p + 2, "*/");
	return end != NULL ? end + 2 : p + strlen(p);
}

/* The rest of the file would be lost without a word. */
static int
check_comment(const char *text, const char *p, struct conf_notes *notes)
{
	if (p[1] != '*' || strstr(p + 2, "*/") != NULL)
		return 0;
	conf_note(notes, line_at(text, p), "the comment that starts here is "
	    "never closed: add a \"*/\"");
	return -1;
}

static int
check_string(const char *text, const char *p, const char *end,
    struct conf_notes *notes)
{
	bool closed = end - p > 1 && end[-1] == *p;

	for (const char *c = p; c < end && closed; c++) {
		if (*c == '\\')
			c++;
		else if (*c == '\n')
			closed = false;
	}
	if (!closed)
		conf_note(notes, line_at(text, p), "the text that starts "
		    "here has no closing quote on its line: add it");
	return closed ? 0 : -1;
}

/* A "${" that isn't escaped, in a double-quoted string or a bare word. */
static int
check_variable(const char *text, const char *p, const char *end,
    struct conf_notes *notes)
{
	for (; p < end; p++) {
		if (p[0] == '\\')
			p++;
		else if (p[0] == '$' && p[1] == '{') {
			conf_note(notes, line_at(text, p), "\"${\" would be "
			    "replaced from the environment: write \"\\${\" in "
			    "double quotes");
			return -1;
		}
	}
	return 0;
}

/* What the library would drop or keep without a word. */
static int
check_bare(const char *text, const char *p, const char *end,
    struct conf_notes *notes)
{
	const char *semicolon = memchr(p, ';', (size_t)(end - p));
	const char *star = memchr(p, '*', (size_t)(end - p));

	if (semicolon != NULL)
		conf_note(notes, line_at(text, semicolon), "a ';' ends "
		    "nothing here and would become a part of the value: "
		    "leave it out, or put the value in quotes");
	if (star != NULL)
		conf_note(notes, line_at(text, star), "a '*' would be "
		    "dropped: put the value in quotes");
	if (semicolon != NULL || star != NULL)
		return -1;
	return check_variable(text, p, end, notes);
}

/* Which braces are open, and since which line. */
struct braces {
	unsigned line[8];
	size_t depth;
};

/* Blanks, braces and the like; a closing one too many is told later. */
static int
check_mark(const char *text, const char *p, struct braces *braces,
    struct conf_notes *notes)
{
	if (*p == '{') {
		if (braces->depth < sizeof(braces->line) / sizeof(unsigned))
			braces->line[braces->depth] = line_at(text, p);
		braces->depth++;
	} else if (*p == '}' && braces->depth > 0) {
		braces->depth--;
	} else if (*p == '+' && p[1] != '=') {
		conf_note(notes, line_at(text, p), "a '+' would be dropped: "
		    "put the value in quotes");
		return -1;
	}
	return 0;
}

/* One piece of text: a comment, a string, a mark or a bare word. */
static int
clean_piece(const char *text, char *p, char **ret_end, struct braces *braces,
    struct conf_notes *notes)
{
	char *end = comment_end(p);

	*ret_end = end;
	if (end != NULL) {
		int ret = *p == '/' ? check_comment(text, p, notes) : 0;

		blank(p, end);
		return ret;
	}
	if (*p == '"' || *p == '\'') {
		*ret_end = end = string_end(p);
		if (check_string(text, p, end, notes) < 0) {
			/* What follows can't be told from text. */
			*ret_end = p + strlen(p);
			return -1;
		}
		return *p == '"' ? check_variable(text, p, end, notes) : 0;
	}
	*ret_end = end = p + 1;
	if (strchr(bare_ends, *p) != NULL)
		return check_mark(text, p, braces, notes);
	/* A '/' in a word may start a comment. */
	while (*end != '\0' && strchr(bare_ends, *end) == NULL &&
	    comment_end(end) == NULL)
		end++;
	*ret_end = end;
	/* With the brace that ends "${NAME}", which the check looks for. */
	return check_bare(text, p, *end == '{' ? end + 1 : end, notes);
}

int
conf_text_clean(char *text, struct conf_notes *notes)
{
	struct braces braces = { .depth = 0 };
	int ret = 0;

	/* Some editors put a byte order mark in front. */
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		blank(text, text + 3);
	for (char *p = text, *end; *p != '\0'; p = end) {
		if (clean_piece(text, p, &end, &braces, notes) < 0)
			ret = -1;
	}
	if (ret == 0 && braces.depth > 0 &&
	    braces.depth <= sizeof(braces.line) / sizeof(unsigned)) {
		conf_note(notes, braces.line[braces.depth - 1], "this brace "
		    "is never closed: add a '}'");
		ret = -1;
	}
	return ret;
}

static char *
skip_blanks(char *p)
{
	return p + strspn(p, " \t\r\n");
}

static char *
skip_word(char *p)
{
	if (*p == '"' || *p == '\'')
		return string_end(p);
	return p + strcspn(p, bare_ends);
}

/* Behind the brace that closes this one. */
static char *
skip_braces(char *p)
{
	int depth = 0;

	while (*p != '\0') {
		char c = *p;

		p = c == '"' || c == '\'' ? string_end(p) : p + 1;
		depth += (c == '{') - (c == '}');
		if (depth == 0)
			break;
	}
	return p;
}

/* Behind what follows a key: "= value", "= { … }", "\"title\" { … }". */
static char *
statement_end(char *p)
{
	char *next = skip_blanks(p);

	if (*next == '+')
		next++;
	if (*next == '=') {
		next = skip_blanks(next + 1);
		return *next == '{' ? skip_braces(next) : skip_word(next);
	}
	if (*next == '(') {
		next += strcspn(next, ")");
		return *next != '\0' ? next + 1 : next;
	}
	if (*next != '{')
		next = skip_blanks(skip_word(next));
	return *next == '{' ? skip_braces(next) : p;
}

int
conf_text_drop(char *text, unsigned line, const char *word)
{
	size_t len = strlen(word);
	char *p = text, *end;

	for (unsigned at = 1; at < line && p != NULL; at++) {
		p = strchr(p, '\n');
		p = p != NULL ? p + 1 : NULL;
	}
	while (p != NULL && *p != '\0' && *p != '\n') {
		end = skip_word(p);
		if ((size_t)(end - p) == len && memcmp(p, word, len) == 0) {
			char *behind = statement_end(end);

			blank(p, behind);
			return behind == end;
		}
		p = end > p ? end : p + 1;
	}
	return -1;
}

unsigned
conf_text_last(const char *text, unsigned line, struct slice word)
{
	struct slice rest = slice_str(text), at;
	unsigned last = line;

	for (unsigned n = 1; n <= line && slice_split(&rest, '\n', &at); n++) {
		if (memmem(at.p, at.len, word.p, word.len) != NULL)
			last = n;
	}
	return last;
}
