/* SPDX-License-Identifier: ISC */
/*
 * assentctl: a thin client of the daemon's admin socket.  Options may stand
 * before or behind the command.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "list", required_argument, NULL, 'L' },
	{ "state", required_argument, NULL, 'S' },
	{ "since", required_argument, NULL, 'T' },
	{ "format", required_argument, NULL, 'F' },
	{ "reason", required_argument, NULL, 'R' },
	{ "all", no_argument, NULL, 'A' },
	{ "suppress", no_argument, NULL, 'N' },
	{ "proof", no_argument, NULL, 'P' },
	{ "force", no_argument, NULL, 'O' },
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
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "assentctl: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
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

/* CTL_DONE when the options are read; -1 when there is no more to do. */
static int
read_options(struct ctl *ctl, int argc, char **argv)
{
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":s:hV", long_options,
	    NULL)) != -1) {
		switch (c) {
		case 's': ctl->socket = optarg; break;
		case 'j': ctl->json = true; break;
		case 'L': take(ctl, CTL_LIST, &ctl->list); break;
		case 'S': take(ctl, CTL_STATE, &ctl->state); break;
		case 'T': take(ctl, CTL_SINCE, &ctl->since); break;
		case 'F': take(ctl, CTL_FORMAT, &ctl->format); break;
		case 'R': take(ctl, CTL_REASON, &ctl->reason); break;
		case 'A': set(ctl, CTL_ALL, &ctl->all); break;
		case 'N': set(ctl, CTL_SUPPRESS, &ctl->suppress); break;
		case 'O': set(ctl, CTL_FORCE, &ctl->force); break;
		case 'P': set(ctl, CTL_PROOF, &ctl->proof); break;
		case 'h': print_usage(stdout); return -1;
		case 'V': puts("assentctl " PACKAGE_VERSION); return -1;
		case ':':
			return usage_error("an argument is missing behind ",
			    argv[optind - 1]);
		default:
			return usage_error("there is no option ",
			    argv[optind - 1]);
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
