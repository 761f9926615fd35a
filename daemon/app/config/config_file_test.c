/* SPDX-License-Identifier: ISC */
/*
 * The config file: a full good one, its defaults, and many bad ones, each
 * with the line and the words of its error.
 */
#include "app/config/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/config.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { BASE_LINES = 11 };

/* A config that is in order; its third line is the templates' folder. */
static const char *const base[BASE_LINES] = {
	"base_url = \"https://news.example.org\"",
	"database = \"/tmp/db\"",
	NULL,
	"listen \"127.0.0.1:8080\" { }",
	"mail { transport = \"maildir\" maildir = \"/tmp/m\" }",
	"list \"weekly\" {",
	"	title = \"The Weekly\"",
	"	from = \"The Weekly <weekly@example.org>\"",
	"	consent = \"I want it.\"",
	"}",
	"default_list = \"weekly\"",
};

struct bad {
	unsigned replaced;	/* line of base; 0: one more at the end */
	const char *text;
	unsigned line;		/* of the error */
	const char *part;	/* of its message */
};

static const struct bad bads[] = {
	/* syntax */
	{ 0, "nonsense = 1", 12, "unknown key `nonsense`" },
	{ 0, "nonsense", 12, "unknown key `nonsense`" },
	{ 0, "nonsense = { 1, 2 }", 12, "unknown key `nonsense`" },
	{ 0, "nonsense += { 1 }", 12, "unknown key `nonsense`" },
	{ 0, "nonsense \"x\" { a = 1 }", 12, "unknown key `nonsense`" },
	{ 0, "nonsense { a = \"}\" b { } }", 12, "unknown key `nonsense`" },
	{ 0, "include(\"/etc/passwd\")", 12, "unknown key `include`" },
	{ 0, "BASE_URL = \"x\"", 12, "unknown key `BASE_URL`" },
	{ 0, "\"a|b\" = 1", 12, "sub-section" },
	{ 0, "}", 12, "unexpected closing brace" },
	{ 0, "{ }", 12, "unexpected token" },
	{ 0, "= 1", 12, "unexpected token" },
	{ 0, "a\x1b[31mb = 1", 12, "unknown key `a\\x1b[31mb`" },
	{ 0, "\"a\\nb\" = 1", 12, "unknown key `a\\x0ab`" },
	{ 0, "retain {", 12, "never closed" },
	{ 0, "retain {\n proof = 1d", 12, "never closed" },
	{ 0, "trusted_proxies = { ::1", 12, "never closed" },
	{ 6, "list \"weekly\" { field \"a\" {", 6, "never closed" },
	{ 0, "user = a*b", 12, "'*' would be dropped" },
	{ 0, "user = a+b", 12, "'+' would be dropped" },
	{ 0, "user", 12, "premature end" },
	{ 0, "user =", 12, "premature end" },
	{ 0, "user \"x\"", 12, "missing equal sign" },
	{ 0, "user += x", 12, "append" },
	{ 0, "user = \"x", 12, "closing quote" },
	{ 0, "user = 'x", 12, "closing quote" },
	{ 0, "user = \"x\ny\"", 12, "closing quote" },
	{ 0, "user = { x }", 12, "unexpected token" },
	{ 0, "retain = 5", 12, "missing opening brace" },
	{ 0, "listen { }", 12, "missing title" },
	{ 0, "trusted_proxies = { ::1, , }", 12, "unexpected token" },
	{ 0, "map_size = 1g;", 12, "';'" },
	{ 0, "user = ${HOME}", 12, "\"${\"" },
	{ 0, "user = \"${HOME}\"", 12, "\"${\"" },
	{ 0, "user = \"\xff\"", 12, "UTF-8" },
	{ 0, "retain { proof = 1d } retain { }", 12, "second section" },
	{ 0, "user = a\nuser = b", 13, "already given on line 12" },
	{ 0, "trusted_proxies = { ::1 }\ntrusted_proxies = { ::1 }", 13,
	    "already given" },
	{ 0, "listen \"127.0.0.1:8080\" { }", 12, "duplicate title" },
	{ 0, "# comment\n// another\n/* a\nthird */ nonsense = 1", 15,
	    "unknown key" },
	{ 0, "user = a /* b */\n/* c\nuser = d", 13, "comment that starts "
	    "here is never closed" },
	{ 0, "user = a/*/", 12, "never closed" },
	{ 0, "log { level = loud }", 12, "level = loud: want debug, info, "
	    "warn or error" },
	/* the top */
	{ 1, "", 1, "`base_url` is missing" },
	{ 1, "base_url = \"\"", 1, "must not be empty" },
	{ 1, "base_url = \"news.example.org\"", 1, "want http or https" },
	{ 1, "base_url = \"ftp://news.example.org\"", 1, "want http" },
	{ 1, "base_url = \"https://news.example.org/a\"", 1, "no path" },
	{ 1, "base_url = \"https://news.example.org?a\"", 1, "no path" },
	{ 1, "base_url = \"https://u@news.example.org\"", 1, "want http" },
	{ 1, "base_url = \"https://\"", 1, "want http" },
	{ 1, "base_url = \"https://a:99999\"", 1, "want http" },
	{ 1, "base_url = \"https://a\\r\\nb\"", 1, "want http" },
	{ 2, "database = \"a\\nb\"", 2, "control characters" },
	{ 2, "database = \"\"", 2, "must not be empty" },
	{ 0, "user = \"a b\"", 12, "name of a user" },
	{ 0, "web_processes = -1", 12, "from 0 to 256" },
	{ 0, "web_processes = 257", 12, "from 0 to 256" },
	{ 0, "web_processes = many", 12, "from 0 to 256" },
	{ 0, "map_size = 1k", 12, "want a size" },
	{ 0, "map_size = big", 12, "want a size" },
	{ 0, "map_size = 999999999999999999999g", 12, "want a size" },
	{ 0, "compact = 0", 12, "want a time such as 90s, 10m, 72h or 3d, from "
	    "1s to 365d, or \"off\"" },
	{ 0, "compact = never", 12, "or \"off\"" },
	{ 0, "signup_cookie = maybe", 12, "want false or true" },
	{ 0, "signup_cookie = \"\"", 12, "want false or true" },
	{ 0, "trusted_proxies = { localhost }", 12, "want an IP" },
	{ 0, "trusted_proxies = { \"10.0.0.1/8\" }", 12, "behind its prefix" },
	{ 0, "trusted_proxies = { \"10.0.0.0/33\" }", 12, "want an IP" },
	{ 0, "trusted_proxies = { 10.0.0.0/8, \"10.0.0.0/8\" }", 12, "twice" },
	{ 0, "trusted_proxies = { ::1, \"0:0::1\" }", 12, "twice" },
	{ 0, "trusted_proxies = { \"\" }", 12, "must not be empty" },
	/* listeners */
	{ 4, "listen \"localhost:80\" { }", 4, "want \"ADDRESS:PORT\"" },
	{ 4, "listen \"127.0.0.1\" { }", 4, "want \"ADDRESS:PORT\"" },
	{ 4, "listen \"127.0.0.1:\" { }", 4, "want \"ADDRESS:PORT\"" },
	{ 4, "listen \"127.0.0.1:65536\" { }", 4, "want \"ADDRESS:PORT\"" },
	{ 4, "listen \"127.0.0.1:-1\" { }", 4, "want \"ADDRESS:PORT\"" },
	{ 4, "listen \"::1:80\" { }", 4, "want \"ADDRESS:PORT\"" },
	{ 4, "listen \"[::1:80\" { }", 4, "want \"ADDRESS:PORT\"" },
	{ 4, "listen \"unix:relative\" { }", 4, "want \"ADDRESS:PORT\"" },
	{ 4, "listen \"127.0.0.1:80\"", 4, "missing opening brace" },
	{ 4, "listen \"127.0.0.1:80\"\n\n", 4, "missing opening brace" },
	{ 4, "listen \"\" { }", 4, "want \"ADDRESS:PORT\"" },
	{ 4, "listen \"[::1]:80\" { } listen \"[0::1]:80\" { }", 4,
	    "already there" },
	{ 4, "listen \"0.0.0.0:443\" {\n certificate = c.pem\n key = k }", 5,
	    "cannot read /" },
	{ 4, "listen \"0.0.0.0:443\" {\n\n key = k.pem }", 6,
	    "as many values" },
	{ 4, "listen \"0.0.0.0:443\" {\n certificate = c.pem }", 5,
	    "as many values" },
	{ 4, "listen \"0.0.0.0:443\" {\n certificate = { a, b }\n"
	    " key = { a } }", 5, "as many values" },
	{ 4, "listen \"0.0.0.0:443\" {\n certificate = { a, a }\n"
	    " key = { a, a } }", 5, "twice" },
	{ 4, "listen \"0.0.0.0:443\" {\n certificate = FIXTURES/one.pem\n"
	    " key = FIXTURES/two.key }", 6, "is not that of" },
	{ 4, "listen \"0.0.0.0:443\" {\n certificate = {\n"
	    "FIXTURES/one.pem,\nFIXTURES/one.key }\n"
	    " key = { FIXTURES/one.key, FIXTURES/one.key } }", 7,
	    "no certificate in" },
	{ 4, "listen \"127.0.0.1:80\" {\n proxy_protocol = true }", 5,
	    "name the proxy's address" },
	{ 4, "listen \"127.0.0.1:80\" {\n proxy_protocol = v2 }", 5,
	    "want false or true" },
	{ 4, "listen \"127.0.0.1:80\" {\n tls = true }", 5, "unknown key" },
	/* small sections */
	{ 0, "controller { name = \"a\\tb\" }", 12, "control characters" },
	{ 0, "controller { name = \" \" }", 12, "must not be blank" },
	{ 0, "controller {\n\n privacy_url = \"javascript:x\" }", 14,
	    "want a whole URL" },
	{ 0, "controller { contact = \"nobody\" }", 12, "want an address" },
	{ 0, "retain { proof = 0 }", 12, "want a time" },
	{ 0, "retain { proof = 3y }", 12, "want a time" },
	{ 0, "retain { log_ip = some }", 12, "full, truncated or none" },
	{ 0, "admin { socket = \"\" }", 12, "must not be empty" },
	{ 0, "admin { metrics = \"0.0.0.0:9180\" }", 12, "want a loopback" },
	{ 0, "admin { metrics = \"unix:/x\" }", 12, "want a loopback" },
	{ 0, "admin { readers = { root, nobody-of-that-name } }", 12,
	    "want a user of this system" },
	{ 0, "admin { writers = { \"@\" } }", 12, "want a user" },
	{ 0, "admin { writers = { 4294967295 } }", 12, "want a user" },
	{ 0, "admin { notify = \"a@b@c\" }", 12, "want an address" },
	{ 0, "log { target = stdout }", 12, "want stderr, syslog" },
	/* mail */
	{ 5, "", 1, "needs a `host`" },
	{ 5, "mail {\n host = \"\"\n tls = none }", 6, "needs a `host`" },
	{ 5, "mail { transport = pigeon }", 5, "want smtp or maildir" },
	{ 5, "mail { transport = maildir }", 5, "needs a folder" },
	{ 5, "mail { tls = starttls }", 5, "needs a `host`" },
	{ 5, "mail { host = \"a b\" }", 5, "host's name" },
	{ 5, "mail { host = smtp.example.org\n tls = none }", 6,
	    "tls = \"none\"" },
	{ 5, "mail { host = 192.0.2.1\n tls = none }", 6, "tls = \"none\"" },
	{ 5, "mail { host = localhost\n ca_file = /no/such }", 6,
	    "No such file" },
	{ 5, "mail { host = localhost ca_file = /dev/null }", 5,
	    "no certificates" },
	{ 5, "mail { host = localhost username = u\n"
	    " password_file = /no/such }", 6, "No such file" },
	{ 5, "mail { host = localhost username = u\n"
	    " password_file = /dev/null }", 6, "isn't a file" },
	{ 5, "mail { host = localhost tls = maybe }", 5,
	    "none, starttls or implicit" },
	{ 5, "mail { host = localhost port = 0 }", 5, "from 1 to 65535" },
	{ 5, "mail { host = localhost port = 65536 }", 5, "1 to 65535" },
	{ 5, "mail { host = localhost username = u }", 5, "password_file" },
	{ 5, "mail { host = localhost password_file = /p }", 5, "username" },
	{ 5, "mail { host = localhost username = \"a\\nb\" }", 5, "control" },
	{ 5, "mail { host = localhost resolver = localhost }", 5,
	    "want a numeric address and port" },
	{ 5, "limits { refuse = { info@, example.org } }", 5,
	    "\"@example.org\" or an address" },
	{ 5, "mail { host = localhost sessions = 0 }", 5, "from 1 to 100" },
	{ 5, "mail { host = localhost messages_per_session = 1001 }",
	    5, "from 1 to 1000" },
	{ 5, "mail { host = localhost timeout = 2h }", 5, "1s to 1h" },
	{ 5, "mail { host = localhost lifetime = 0 }", 5, "1s to 5d" },
	{ 5, "mail { host = localhost lifetime = 121h }", 5, "1s to 5d" },
	{ 5, "mail { host = localhost retry = { 1h, 10m } }", 5, "shorter" },
	{ 5, "mail { host = localhost retry = { soon } }", 5, "want a time" },
	{ 5, "mail { host = localhost retry = { 0 } }", 5, "want a time" },
	{ 5, "mail { host = localhost\n hots = x }", 6, "unknown key" },
	/* limits */
	{ 0, "limits { per_network = many }", 12, "want COUNT/TIME" },
	{ 0, "limits { per_network = \"0/1m\" }", 12, "want COUNT/TIME" },
	{ 0, "limits { per_address = \"3\" }", 12, "want COUNT/TIME" },
	{ 0, "limits { per_domain = \"3/1d,\" }", 12, "want COUNT/TIME" },
	{ 0, "limits { total = \"\" }", 12, "want COUNT/TIME" },
	{ 0, "limits { interval = -1 }", 12, "want a time" },
	{ 0, "limits { challenge = on }", 12, "auto, always or off" },
	/* lists */
	{ 6, "list \"Weekly\" {", 6, "want a name of a-z" },
	{ 6, "list \"\" {", 6, "want a name of a-z" },
	{ 6, "list \"../x\" {", 6, "want a name of a-z" },
	{ 6, "list \"123456789012345678901234567890123\" {", 6, "up to 32" },
	{ 6, "list {", 6, "missing title" },
	{ 6, "list \"weekly\"", 6, "missing opening brace" },
	{ 7, "", 6, "`title` is missing" },
	{ 7, "title = The Weekly", 7, "stands in quotes" },
	{ 7, "title", 7, "missing equal sign" },
	{ 7, "title = \"\"", 7, "must not be empty" },
	{ 7, "title = \"a\\x01\"", 7, "control characters" },
	{ 7, "title = \"a\xe2\x80\xae\"", 7, "control characters" },
	{ 8, "", 6, "`from` is missing" },
	{ 8, "from = \"The Weekly\"", 8, "want one sender" },
	{ 8, "from = \"a@example.org, b@example.org\"", 8, "one sender" },
	{ 8, "from = \"A <a@example.org> B\"", 8, "one sender" },
	{ 8, "from = \"A <a@example.org\"", 8, "one sender" },
	{ 8, "from = \"Doe, J. <a@example.org>\"", 8, "quotes of its own" },
	{ 8, "from = \"A\\r\\nBcc: b@c.de <a@example.org>\"", 8, "control" },
	{ 8, "from = '\"A <a@example.org>'", 8, "one sender" },
	{ 9, "", 6, "`consent` is missing" },
	{ 9, "consent = \"a\\nb\"", 9, "control characters" },
	{ 9, "consent = x consent_box = maybe", 9, "implied or required" },
	{ 9, "consent = x origins = { \"https://a.de/b\" }", 9, "no path" },
	{ 9, "consent = x origins = { null }", 9, "want scheme and host" },
	{ 9, "consent = x origins = { \"HTTPS://A.de\", \"https://a.de:443\" "
	    "}", 9, "twice" },
	{ 9, "consent = x confirm_within = 15d", 9, "1s to 14d" },
	{ 9, "consent = x confirm_within = 0", 9, "1s to 14d" },
	{ 9, "consent = x confirm_within = \"72 h\"", 9, "want a time" },
	{ 9, "consent = x languages = { tlh }", 9, "no catalogue" },
	{ 9, "consent = x languages = { \"../en\" }", 9, "language tag" },
	{ 9, "consent = x pending_url = \"/x\"", 9, "whole URL" },
	{ 9, "consent = x confirmed_url = \"javascript:a\"", 9, "whole URL" },
	{ 9, "consent = x welcome = 1", 9, "false or true" },
	{ 9, "consent = x aliases = { \"a\\nb\" }", 9, "control" },
	{ 9, "consent = x field \"a b\" { }", 9, "letters, digits" },
	{ 9, "consent = x field \"email\" { }", 9, "already" },
	{ 9, "consent = x field \"a\" { type = blob }", 9, "text, email" },
	{ 9, "consent = x field \"a\" { max = 0 }", 9, "from 1 to" },
	{ 9, "consent = x field \"a\" {\n type = choice }", 10, "choices" },
	{ 9, "consent = x field \"a\" { choices = { b } }", 9, "belong to" },
	{ 9, "consent = x field \"a\" { } field \"a\" { }", 9, "duplicate" },
	{ 9, "consent = x field \"a\" {\n aliases = { EMAIL } }", 10,
	    "every form has a field of that name" },
	{ 9, "consent = x field \"a\" { aliases = { X } }\n"
	    " field \"b\" { aliases = { Y,\n X } }", 11,
	    "already means field \"a\"" },
	{ 9, "consent = x field \"a\" { }\n field \"b\" { aliases = { A } }",
	    10, "already means field \"a\"" },
	{ 9, "consent = x field \"a\" { aliases = { b } }\n"
	    " field \"b\" { }", 10, "another name of field \"a\"" },
	{ 9, "consent = x field \"a\" { }\n field \"A\" { }", 10,
	    "another name of field \"a\"" },
	{ 11, "default_list = \"monthly\"", 11, "no list of that name" },
	{ 0, "list \"weekly\" { }", 12, "duplicate title" },
	{ 0, "list \"b\" {\n title = B from = b@example.org consent = x\n"
	    "aliases = { weekly }\n}", 14, "already means list \"weekly\"" },
	{ 0, "list \"b\" { title = B from = b@example.org consent = x\n"
	    "aliases = { \"2\" } }\nlist \"c\" { title = C\n"
	    "from = c@example.org consent = x aliases = { \"2\" } }", 15,
	    "already means list \"b\"" },
};

/* With the folder of the certificates where the text says FIXTURES. */
static void
put_text(FILE *f, const char *text)
{
	static const char word[] = "FIXTURES";
	const char *source = getenv("ASSENT_SRCDIR"), *at;

	for (; (at = strstr(text, word)) != NULL;
	    text = at + sizeof(word) - 1)
		fprintf(f, "%.*s%s/tests/fixtures/tls", (int)(at - text),
		    text, source != NULL ? source : ".");
	fputs(text, f);
}

/* base with one change, in a file of its own. */
static char *
write_config(unsigned replaced, const char *text)
{
	char *path = mem_strdup("/tmp/assent-config-XXXXXX");
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	const char *source = getenv("ASSENT_SRCDIR");

	assert_non_null(f);
	for (unsigned i = 0; i < BASE_LINES; i++) {
		if (i + 1 == replaced) {
			put_text(f, text);
			fputc('\n', f);
		} else if (base[i] == NULL)
			fprintf(f, "templates = \"%s/templates\"\n",
			    source != NULL ? source : ".");
		else
			fprintf(f, "%s\n", base[i]);
	}
	if (replaced == 0)
		put_text(f, text);
	assert_int_equal(fclose(f), 0);
	return path;
}

static struct config *
load(unsigned replaced, const char *text, struct buf *errors,
    struct buf *warnings, char **ret_path)
{
	*ret_path = write_config(replaced, text);
	return config_load(*ret_path, errors, warnings);
}

static void
forget(char *path)
{
	unlink(path);
	free(path);
}

/* Is there a line "PATH:LINE: … part …"? */
static bool
is_told(const struct buf *errors, const char *path, const struct bad *bad)
{
	struct slice rest = buf_slice(errors), line;
	char *start = mem_printf("%s:%u: ", path, bad->line);
	bool found = false;

	while (rest.len > 0 && slice_split(&rest, '\n', &line)) {
		if (slice_starts(line, start) && memmem(line.p, line.len,
		    bad->part, strlen(bad->part)) != NULL)
			found = true;
	}
	free(start);
	return found;
}

static void
test_bad(void **state)
{
	(void)state;
	_Static_assert(COUNT(bads) >= 140, "most mistakes have a case");
	for (size_t i = 0; i < COUNT(bads); i++) {
		struct buf errors = { 0 }, warnings = { 0 };
		char *path;

		if (load(bads[i].replaced, bads[i].text, &errors, &warnings,
		    &path) != NULL)
			fail_msg("taken: %s", bads[i].text);
		if (!is_told(&errors, path, &bads[i]))
			fail_msg("%s: want line %u and \"%s\", have:\n%s",
			    bads[i].text, bads[i].line, bads[i].part,
			    buf_str(&errors));
		forget(path);
		buf_fini(&errors);
		buf_fini(&warnings);
	}
}

/* All mistakes of a file are told, by line. */
static void
test_all_mistakes(void **state)
{
	const char text[] = "web_processes = x\nfoo = 1\nmap_size = y\n"
	    "bar { a = 1 }\nlimits { total = z baz = 1 }\n";
	const char *const words[] = { ":12: web_processes", ":13: unknown",
	    ":14: map_size", ":15: unknown", ":16: unknown key `baz`",
	    ":16: total" };
	struct buf errors = { 0 }, warnings = { 0 };
	const char *at;
	char *path;

	(void)state;
	assert_null(load(0, text, &errors, &warnings, &path));
	at = buf_str(&errors);
	for (size_t i = 0; i < COUNT(words); i++) {
		const char *next = strstr(at, words[i]);

		if (next == NULL) {
			fail_msg("no %s in\n%s", words[i], buf_str(&errors));
			return;
		}
		at = next;
	}
	forget(path);
	buf_fini(&errors);
	buf_fini(&warnings);
}

static void
test_defaults(void **state)
{
	struct buf errors = { 0 }, warnings = { 0 };
	char *path;
	struct config *c = load(4, "", &errors, &warnings, &path);
	const struct config_list *l;

	(void)state;
	assert_string_equal(buf_str(&errors), "");
	assert_non_null(c);
	assert_string_equal(c->listeners[0].address, "127.0.0.1:8080");
	assert_int_equal(c->listener_count, 1);
	assert_true(c->web_processes >= 1);
	assert_true(c->signup_cookie);
	assert_int_equal(c->map_size, UINT64_C(64) << 30);
	assert_int_equal(c->compact, 86400);
	assert_int_equal(c->retain.proof, 1095 * 86400);
	assert_int_equal(c->log.level, LOG_LEVEL_INFO);
	assert_string_equal(c->log.target, "stderr");
	assert_int_equal(c->mail.port, 587);
	assert_int_equal(c->mail.timeout, 300);
	assert_int_equal(c->mail.retry.count, 4);
	assert_int_equal(c->mail.retry.item[3], 3 * 3600);
	assert_int_equal(c->limits.per_address.count, 2);
	assert_int_equal(c->limits.per_address.window[1].seconds, 2592000);
	assert_int_equal(c->limits.interval, 600);
	l = c->default_list;
	assert_ptr_equal(l, &c->lists[0]);
	assert_string_equal(l->languages.item[0], "en");
	assert_int_equal(l->confirm_within, 72 * 3600);
	assert_string_equal(l->from_name, "The Weekly");
	assert_string_equal(l->from_address, "weekly@example.org");
	assert_string_equal(l->pending_url, "");
	assert_true(l->welcome);
	assert_false(l->goodbye);
	assert_false(l->consent_required);
	assert_non_null(strstr(buf_str(&warnings), "no `controller`"));
	config_free(c);
	forget(path);
	buf_fini(&errors);
	buf_fini(&warnings);
}

static const char full[] =
    "user = assent  # a comment\n"
    "web_processes = 3\n"
    "secret_file = \"secret\"\n"
    "listen \"[::]:8443\" { } listen 'unix:/run/x.sock' { }\n"
    "trusted_proxies = { \"127.0.0.1\", ::1, 10.0.0.0/8 }\n"
    "controller { name = \"Ex # Ltd\" address = '1 \"Road\"'\n"
    " privacy_url = \"https://www.example.org/p\" contact = a@b.de }\n"
    "retain { proof = 10d log_ip = none }\n"
    "admin { socket = /run/a.sock metrics = \"[::1]:9180\"\n"
    " readers = { root, 1234 } writers = { \"@root\", \"@77\" } }\n"
    "map_size = 128m\n"
    "compact = off\n"
    "log { target = syslog level = debug }\n"
    "limits { per_network = off total = \"1/1s, 2/1m\" challenge = off }\n"
    "signup_cookie = false /* two\n lines */\n"
    "list \"daily-2\" {\n"
    " title = \"Der Täglich\\\"e\" aliases = { \"c8\", 2 }\n"
    " from = '\"Doe, \\\\\"J\\\\\" Ä\" <d@bücher.example>'\n"
    " origins = { \"HTTPS://Www.Example.org:443\", \"*\" }\n"
    " consent = \"cost: \\${5}; ok\" consent_box = required\n"
    " field \"country\" { type = choice choices = { de, at }\n"
    "  required = true max = 2 aliases = { COUNTRY } }\n"
    " languages = { de, en } welcome = false goodbye = true\n"
    " confirm_within = 14d\n"
    " confirmed_url = \"https://www.example.org/thanks?x=1\" }\n";

static void
check_full_list(const struct config *c)
{
	const struct config_list *l = config_list_find(c,
	    slice_str("c8"));

	assert_non_null(l);
	assert_ptr_equal(l, config_list_by_name(c, slice_str("daily-2")));
	assert_null(config_list_by_name(c, slice_str("c8")));
	assert_null(config_list_find(c, slice_str("c9")));
	assert_string_equal(l->title, "Der T\xc3\xa4glich\"e");
	assert_string_equal(l->from_name, "Doe, \"J\" \xc3\x84");
	assert_string_equal(l->from_address, "d@xn--bcher-kva.example");
	assert_string_equal(l->origins.item[0], "https://www.example.org");
	assert_string_equal(l->origins.item[1], "*");
	assert_string_equal(l->consent, "cost: ${5}; ok");
	assert_true(l->consent_required);
	assert_int_equal(l->field_count, 1);
	assert_string_equal(l->fields[0].label, "Country");
	assert_int_equal(l->fields[0].type, CONFIG_FIELD_CHOICE);
	assert_int_equal(l->fields[0].choices.count, 2);
	assert_true(l->fields[0].required);
	assert_false(l->welcome);
	assert_true(l->goodbye);
}

static void
check_callers(const struct config *c)
{
	const struct config_callers *readers = &c->admin.readers;
	const struct config_callers *writers = &c->admin.writers;

	assert_int_equal(readers->count, 2);
	assert_int_equal(readers->item[0].id, 0);
	assert_int_equal(readers->item[1].id, 1234);
	assert_false(readers->item[0].is_group);
	assert_int_equal(writers->count, 2);
	assert_int_equal(writers->item[0].id, 0);
	assert_int_equal(writers->item[1].id, 77);
	assert_true(writers->item[0].is_group && writers->item[1].is_group);
}

static void
test_full(void **state)
{
	struct buf errors = { 0 }, warnings = { 0 };
	char *path;
	struct config *c = load(0, full, &errors, &warnings, &path);

	(void)state;
	assert_string_equal(buf_str(&errors), "");
	assert_non_null(c);
	assert_string_equal(c->path, path);
	assert_string_equal(c->secret_file, "/tmp/secret");
	assert_int_equal(c->web_processes, 3);
	assert_int_equal(c->listener_count, 3);
	assert_string_equal(c->trusted_proxies.item[1], "::1");
	assert_string_equal(c->trusted_proxies.item[2], "10.0.0.0/8");
	assert_string_equal(c->controller.name, "Ex # Ltd");
	assert_string_equal(c->controller.address, "1 \"Road\"");
	assert_int_equal(c->retain.log_ip, CONFIG_IP_NONE);
	assert_int_equal(c->compact, 0);
	assert_int_equal(c->limits.per_network.count, 0);
	assert_int_equal(c->limits.total.count, 2);
	assert_int_equal(c->limits.challenge, CONFIG_CHALLENGE_OFF);
	assert_false(c->signup_cookie);
	check_full_list(c);
	check_callers(c);
	/* Open to all, as maildir, is unwise. */
	assert_non_null(strstr(buf_str(&warnings), ":15: warning: "));
	config_free(c);
	forget(path);
	buf_fini(&errors);
	buf_fini(&warnings);
}

static void
test_no_file(void **state)
{
	struct buf errors = { 0 }, warnings = { 0 };

	(void)state;
	assert_null(config_load("/proc/none/x.conf", &errors, &warnings));
	assert_string_equal(buf_str(&errors), "/proc/none/x.conf: cannot "
	    "read it: No such file or directory\n");
	buf_fini(&errors);
	buf_fini(&warnings);
	assert_null(config_load("/tmp", &errors, &warnings));
	buf_fini(&errors);
	buf_fini(&warnings);
	/* One that never ends. */
	assert_null(config_load("/dev/zero", &errors, &warnings));
	assert_non_null(strstr(buf_str(&errors), "larger than"));
	buf_fini(&errors);
	buf_fini(&warnings);
}

static void
test_byte_order_mark(void **state)
{
	struct buf errors = { 0 }, warnings = { 0 };
	char *path;
	struct config *c = load(1, "\xef\xbb\xbf"
	    "base_url = \"https://a.example\"", &errors, &warnings, &path);

	(void)state;
	assert_string_equal(buf_str(&errors), "");
	assert_string_equal(c->base_url, "https://a.example");
	config_free(c);
	forget(path);
	buf_fini(&errors);
	buf_fini(&warnings);
}

/* A file cut anywhere is refused or taken, but nothing breaks. */
static void
test_cut(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(full); len += 3) {
		struct buf errors = { 0 }, warnings = { 0 };
		char *text = mem_strndup(full, len), *path;
		struct config *c = load(0, text, &errors, &warnings, &path);

		assert_true((c == NULL) == (errors.len > 0));
		config_free(c);
		forget(path);
		free(text);
		buf_fini(&errors);
		buf_fini(&warnings);
	}
}

/* What is legal but unwise. */
static const struct {
	unsigned replaced;
	const char *text;
	unsigned line;
	const char *part;
} unwise[] = {
	{ 1, "base_url = \"http://news.example.org\"", 1,
	    "no one-click unsubscribe" },
	{ 4, "listen \"0.0.0.0:80\" { }", 4, "travels in the clear" },
	{ 4, "trusted_proxies = { 127.0.0.1,\n 0.0.0.0/0 }", 5,
	    "is everybody" },
	{ 4, "listen \"0.0.0.0:443\" {\n certificate = FIXTURES/one.pem\n"
	    " key = FIXTURES/one.key }", 5, "the name news.example.org" },
	{ 4, "listen \"0.0.0.0:443\" {\n certificate = { FIXTURES/one.pem,\n"
	    "FIXTURES/old.pem }\n key = { FIXTURES/one.key, "
	    "FIXTURES/old.key } }", 6, "has expired on 2021-01-01" },
	{ 4, "listen \"0.0.0.0:443\" {\n certificate = FIXTURES/early.pem\n"
	    " key = FIXTURES/early.key }", 5,
	    "not valid before 2110-01-01" },
};

static void
test_unwise(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(unwise); i++) {
		struct buf errors = { 0 }, warnings = { 0 };
		char *path;
		struct config *c = load(unwise[i].replaced, unwise[i].text,
		    &errors, &warnings, &path);
		const struct bad wanted = { unwise[i].replaced, unwise[i].text,
		    unwise[i].line, unwise[i].part };

		if (c == NULL || !is_told(&warnings, path, &wanted))
			fail_msg("%s: %s%s", unwise[i].text,
			    buf_str(&errors), buf_str(&warnings));
		assert_true((strstr(buf_str(&warnings), "in the clear") !=
		    NULL) == (strstr(unwise[i].text, ":80") != NULL));
		config_free(c);
		buf_fini(&errors);
		buf_fini(&warnings);
		forget(path);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_unwise),
		cmocka_unit_test(test_all_mistakes),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_byte_order_mark),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
