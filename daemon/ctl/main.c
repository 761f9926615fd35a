/* SPDX-License-Identifier: ISC */
/*
 * assentctl: a thin client of the daemon's admin socket; and what is done to a
 * database whose daemon is stopped.  Options may stand before or behind the
 * command.
 */
#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "ctl/ctl.h"
#include "io/json.h"

extern const struct ctl_command ctl_status[], ctl_show[], ctl_list[],
    ctl_unsubscribe[], ctl_orders[], ctl_queue[], ctl_attack[],
    ctl_compact[], ctl_preview[], ctl_reload[], ctl_fsck[], ctl_backup[],
    ctl_restore[];

static const struct ctl_command *const commands[] = { ctl_status, ctl_show,
	ctl_list, ctl_unsubscribe, ctl_orders, ctl_queue, ctl_attack,
	ctl_compact, ctl_preview, ctl_reload, ctl_fsck, ctl_backup,
	ctl_restore };
enum { COMMAND_FILES = sizeof(commands) / sizeof(commands[0]) };

/* Those without a short name; no character's value. */
enum { OF_COMMAND = 256, ONLY_JSON };

static const struct option long_options[] = {
	{ "json", no_argument, NULL, ONLY_JSON },
	{ "list", required_argument, NULL, OF_COMMAND },
	{ "state", required_argument, NULL, OF_COMMAND },
	{ "since", required_argument, NULL, OF_COMMAND },
	{ "format", required_argument, NULL, OF_COMMAND },
	{ "reason", required_argument, NULL, OF_COMMAND },
	{ "all", no_argument, NULL, OF_COMMAND },
	{ "suppress", no_argument, NULL, OF_COMMAND },
	{ "proof", no_argument, NULL, OF_COMMAND },
	{ "force", no_argument, NULL, OF_COMMAND },
	{ "check", no_argument, NULL, OF_COMMAND },
	{ "lang", required_argument, NULL, OF_COMMAND },
	{ "part", required_argument, NULL, OF_COMMAND },
	{ "config", required_argument, NULL, 'f' },
	{ "database", required_argument, NULL, 'd' },
	{ "socket", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};
enum { OPTIONS = sizeof(long_options) / sizeof(long_options[0]) - 1 };
_Static_assert((int)OPTIONS <= (int)CTL_OPTIONS_MAX, "each has its value");

static void
print_usage(FILE *out)
{
	fprintf(out, "usage: assentctl [-s SOCKET] [--json] COMMAND ...\n");
	for (size_t i = 0; i < COMMAND_FILES; i++) {
		for (const struct ctl_command *c = commands[i];
		    c->name != NULL; c++)
			fprintf(out, "  %s%s%s\n      %s\n", c->name,
			    c->usage != NULL ? " " : "",
			    c->usage != NULL ? c->usage : "", c->what);
	}
}

int
ctl_fail(const char *fmt, ...)
{
	struct buf text = { 0 }, clean = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	escape_terminal(&clean, buf_slice(&text));
	fflush(stdout);
	fprintf(stderr, "assentctl: %s\n", buf_str(&clean));
	buf_fini(&text);
	buf_fini(&clean);
	return CTL_FAILED;
}

int
ctl_refused(const struct ctl *ctl, int status)
{
	return ctl_refused_for(ctl, status, NULL);
}

int
ctl_refused_for(const struct ctl *ctl, int status, const char *what)
{
	const char *colon = what != NULL ? ": " : "";
	struct json *body;
	struct slice message;

	if (status < 0)
		return CTL_FAILED;
	if (what == NULL)
		what = "";
	body = json_read(client_body(ctl->client));
	message = json_text(json_get(json_get(body, "error"), "message"));
	if (message.p != NULL)
		ctl_fail("%s%s%.*s", what, colon, SLICE_FMT(message));
	else
		ctl_fail("%s%sthe daemon answered with status %d", what,
		    colon, status);
	json_free(body);
	return CTL_FAILED;
}

const char *
ctl_option(const struct ctl *ctl, const char *name)
{
	size_t i = 0;

	while (i < OPTIONS && strcmp(long_options[i].name, name) != 0)
		i++;
	assert(i < OPTIONS);
	return ctl->value[i];
}

void
ctl_add_options(const struct ctl *ctl, struct buf *form)
{
	for (size_t i = 0; i < OPTIONS; i++)
		client_add_parameter(form, long_options[i].name,
		    ctl->value[i]);
}

int
ctl_print_answer(const struct ctl *ctl)
{
	struct slice text = client_body(ctl->client);

	fwrite(text.p, 1, text.len, stdout);
	return CTL_DONE;
}

/* One line, and where to read more. */
static int
usage_error(const char *what, const char *which)
{
	ctl_fail("%s%s (assentctl --help lists the commands)", what, which);
	return CTL_USAGE;
}

/* A short option may stand amid others of its argument: -jx. */
static int
unknown_option(const char *arg)
{
	const char name[] = { '-', (char)optopt, '\0' };

	return usage_error("there is no option ",
	    optopt > 0 && optopt < OF_COMMAND ? name : arg);
}

/* Of one that was given by its short name. */
static size_t
find_option(int c)
{
	size_t i = 0;

	while (i < OPTIONS - 1 && long_options[i].val != c)
		i++;
	return i;
}

/* CTL_DONE when the options are read; -1 when there is no more to do. */
static int
read_options(struct ctl *ctl, int argc, char **argv)
{
	int c, at;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":d:f:s:hV", long_options,
	    &at)) != -1) {
		if (optarg != NULL && optarg[0] == '\0')
			return usage_error("an option's value is empty", "");
		switch (c) {
		case 'd':
		case 'f': ctl->value[find_option(c)] = optarg; break;
		case 's': ctl->socket = optarg; break;
		case ONLY_JSON: ctl->json = true; break;
		case OF_COMMAND:
			ctl->value[at] = optarg != NULL ? optarg : "1";
			break;
		case 'h': print_usage(stdout); return -1;
		case 'V': puts("assentctl " PACKAGE_VERSION); return -1;
		case ':':
			return usage_error("an argument is missing behind ",
			    argv[optind - 1]);
		default:
			return unknown_option(argv[optind - 1]);
		}
	}
	return CTL_DONE;
}

static const struct ctl_command *
find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_FILES; i++) {
		for (const struct ctl_command *c = commands[i];
		    c->name != NULL; c++) {
			if (strcmp(c->name, name) == 0)
				return c;
		}
	}
	return NULL;
}

/* CTL_DONE when it has the options it needs, and none that aren't for it. */
static int
check_options(const struct ctl *ctl)
{
	const struct ctl_command *command = ctl->command;
	const struct slice takes = slice_str(command->options);
	const struct slice needs = slice_str(command->needs);

	for (size_t i = 0; i < OPTIONS; i++) {
		const char *name = long_options[i].name;

		if (ctl->value[i] != NULL &&
		    !slice_has_word(takes, name))
			return usage_error("not all of these options are for ",
			    command->name);
		if (ctl->value[i] == NULL && slice_has_word(needs, name)) {
			ctl_fail("%s needs --%s: %s %s", command->name, name,
			    command->name, command->usage);
			return CTL_USAGE;
		}
	}
	return CTL_DONE;
}

/* The same of its arguments. */
static int
check_arguments(const struct ctl *ctl)
{
	if (ctl->arg_count < ctl->command->min_args)
		return usage_error("an argument is missing behind ",
		    ctl->command->name);
	if (ctl->arg_count > ctl->command->max_args)
		return usage_error("there are too many arguments behind ",
		    ctl->command->name);
	for (size_t i = 0; i < ctl->arg_count; i++) {
		if (ctl->args[i][0] == '\0')
			return usage_error("an argument is empty", "");
	}
	return CTL_DONE;
}

static int
run_command(struct ctl *ctl, const char *name)
{
	int status;

	ctl->command = find_command(name);
	if (ctl->command == NULL)
		return usage_error("there is no command ", name);
	status = check_arguments(ctl);
	if (status == CTL_DONE)
		status = check_options(ctl);
	return status == CTL_DONE ? ctl->command->run(ctl) : status;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = { .socket = RUNSTATEDIR "/assent/admin.sock" };
	int status = read_options(&ctl, argc, argv);

	if (status < 0)
		return CTL_DONE;
	if (status != CTL_DONE)
		return status;
	if (optind == argc) {
		print_usage(stderr);
		return CTL_USAGE;
	}
	ctl.args = argv + optind + 1;
	ctl.arg_count = (size_t)(argc - optind - 1);
	ctl.client = client_new(ctl.socket);
	status = run_command(&ctl, argv[optind]);
	client_free(ctl.client);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == CTL_DONE)
		return ctl_fail("the output can't be written");
	return status;
}
