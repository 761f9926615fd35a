/* SPDX-License-Identifier: ISC */
/*
 * assentctl: a thin client of the daemon's admin socket.  Options may stand
 * before or behind the command.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "ctl/ctl.h"
#include "io/json.h"

static const struct ctl_command commands[] = {
	{ "status", "", "how the daemon is", 0, 0, 0, ctl_status },
	{ "show", "ADDRESS [--proof]", "all that is known of an address",
	    CTL_PROOF, 1, 1, ctl_show },
	{ "list", "[--list LIST] [--state STATE] [--since TIME] "
	    "[--format jsonl|csv]", "subscriptions",
	    CTL_LIST | CTL_STATE | CTL_SINCE | CTL_FORMAT, 0, 0, ctl_list },
	{ "export", "[--list LIST] [--state STATE] [--since TIME] "
	    "[--format jsonl|csv]", "the confirmed, to send to",
	    CTL_LIST | CTL_STATE | CTL_SINCE | CTL_FORMAT, 0, 0, ctl_export },
	{ "unsubscribe", "ADDRESS|- [--list LIST]",
	    "end subscriptions; - reads addresses from stdin", CTL_LIST, 1, 1,
	    ctl_unsubscribe },
	{ "resend", "ADDRESS [--force]",
	    "mail a confirmation link once more", CTL_FORCE, 1, 1,
	    ctl_resend },
	{ "confirm", "ADDRESS --list LIST --reason TEXT",
	    "subscribe an address by your own word", CTL_LIST | CTL_REASON,
	    1, 1, ctl_confirm },
	{ "suppress", "ADDRESS [--reason admin|complaint|bounce]",
	    "never mail an address", CTL_REASON, 1, 1, ctl_suppress },
	{ "unsuppress", "ADDRESS", "let it be mailed again", 0, 1, 1,
	    ctl_unsuppress },
	{ "erase", "ADDRESS [--all] [--suppress]",
	    "forget an address", CTL_ALL | CTL_SUPPRESS, 1, 1, ctl_erase },
	{ "queue", "[list | retry [ID] | drop ID]",
	    "the mails that wait to be sent", 0, 0, 2, ctl_queue },
	{ "preview", "KIND [--list LIST] [--lang LANG] "
	    "[--part text|html|subject]", "a mail as it would be sent",
	    CTL_LIST | CTL_LANG | CTL_PART, 1, 1, ctl_preview },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* Those without a short name; no character's value. */
enum { ONLY_JSON = 256, ONLY_LIST, ONLY_STATE, ONLY_SINCE, ONLY_FORMAT,
	ONLY_REASON, ONLY_ALL, ONLY_SUPPRESS, ONLY_FORCE, ONLY_PROOF,
	ONLY_LANG, ONLY_PART };

static const struct option long_options[] = {
	{ "json", no_argument, NULL, ONLY_JSON },
	{ "list", required_argument, NULL, ONLY_LIST },
	{ "state", required_argument, NULL, ONLY_STATE },
	{ "since", required_argument, NULL, ONLY_SINCE },
	{ "format", required_argument, NULL, ONLY_FORMAT },
	{ "reason", required_argument, NULL, ONLY_REASON },
	{ "all", no_argument, NULL, ONLY_ALL },
	{ "suppress", no_argument, NULL, ONLY_SUPPRESS },
	{ "proof", no_argument, NULL, ONLY_PROOF },
	{ "force", no_argument, NULL, ONLY_FORCE },
	{ "lang", required_argument, NULL, ONLY_LANG },
	{ "part", required_argument, NULL, ONLY_PART },
	{ "socket", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void
print_usage(FILE *out)
{
	fprintf(out, "usage: assentctl [-s SOCKET] [--json] COMMAND ...\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %s%s%s\n      %s\n", commands[i].name,
		    commands[i].usage[0] != '\0' ? " " : "",
		    commands[i].usage, commands[i].what);
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

/* One line, and where to read more. */
static int
usage_error(const char *what, const char *which)
{
	ctl_fail("%s%s (assentctl --help lists the commands)", what, which);
	return CTL_USAGE;
}

static void
take(struct ctl *ctl, enum ctl_option option, const char **to)
{
	ctl->given |= option;
	*to = optarg;
}

static void
set(struct ctl *ctl, enum ctl_option option, bool *to)
{
	ctl->given |= option;
	*to = true;
}

/* A short option may stand amid others of its argument: -jx. */
static int
unknown_option(const char *arg)
{
	const char name[] = { '-', (char)optopt, '\0' };

	return usage_error("there is no option ",
	    optopt > 0 && optopt < ONLY_JSON ? name : arg);
}

/* CTL_DONE when the options are read; -1 when there is no more to do. */
static int
read_options(struct ctl *ctl, int argc, char **argv)
{
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":s:hV", long_options,
	    NULL)) != -1) {
		if (optarg != NULL && optarg[0] == '\0')
			return usage_error("an option's value is empty", "");
		switch (c) {
		case 's': ctl->socket = optarg; break;
		case ONLY_JSON: ctl->json = true; break;
		case ONLY_LIST: take(ctl, CTL_LIST, &ctl->list); break;
		case ONLY_STATE: take(ctl, CTL_STATE, &ctl->state); break;
		case ONLY_SINCE: take(ctl, CTL_SINCE, &ctl->since); break;
		case ONLY_FORMAT: take(ctl, CTL_FORMAT, &ctl->format); break;
		case ONLY_REASON: take(ctl, CTL_REASON, &ctl->reason); break;
		case ONLY_ALL: set(ctl, CTL_ALL, &ctl->all); break;
		case ONLY_SUPPRESS:
			set(ctl, CTL_SUPPRESS, &ctl->suppress);
			break;
		case ONLY_FORCE: set(ctl, CTL_FORCE, &ctl->force); break;
		case ONLY_PROOF: set(ctl, CTL_PROOF, &ctl->proof); break;
		case ONLY_LANG: take(ctl, CTL_LANG, &ctl->lang); break;
		case ONLY_PART: take(ctl, CTL_PART, &ctl->part); break;
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

static int
run_command(struct ctl *ctl, const char *name)
{
	const struct ctl_command *command = NULL;

	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0)
			command = &commands[i];
	}
	if (command == NULL)
		return usage_error("there is no command ", name);
	if ((ctl->given & ~command->options) != 0)
		return usage_error("not all of these options are for ", name);
	if (ctl->arg_count < command->min_args)
		return usage_error("an argument is missing behind ", name);
	if (ctl->arg_count > command->max_args)
		return usage_error("there are too many arguments behind ",
		    name);
	for (size_t i = 0; i < ctl->arg_count; i++) {
		if (ctl->args[i][0] == '\0')
			return usage_error("an argument is empty", "");
	}
	return command->run(ctl);
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
