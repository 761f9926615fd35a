/* SPDX-License-Identifier: ISC */
/*
 * A blocking server, one process a connection.
 */
#include "app/mailer/fake_smtp.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"

enum { BACKLOG = 64, LINE_SIZE = 2048 };

struct talk {
	FILE *in, *out;
	const struct fake_script *script;
	unsigned mails;
};

static void
answer(struct talk *t, const char *text)
{
	if (text == NULL)
		_exit(0);
	if (text[0] == '\0')
		(void)pause();
	(void)fputs(text, t->out);
	(void)fflush(t->out);
}

static void
answer_dot(struct talk *t, const struct buf *body)
{
	const char *dot = t->script->dot;
	const char *at = dot != NULL ? strchr(dot, '%') : NULL;

	if (at != NULL)
		(void)fprintf(t->out, "%.*s%u %08x%s", (int)(at - dot), dot,
		    t->mails, crc_of(buf_slice(body)), at + 1);
	answer(t, at != NULL ? "\r\n" : dot);
}

static void
take_body(struct talk *t)
{
	char line[LINE_SIZE];
	struct buf body = { 0 };

	t->mails++;
	while (fgets(line, sizeof(line), t->in) != NULL) {
		if (strcmp(line, ".\r\n") == 0) {
			answer_dot(t, &body);
			break;
		}
		buf_add_str(&body, line[0] == '.' ? line + 1 : line);
	}
	buf_fini(&body);
}

static void
talk(int fd, const struct fake_script *script)
{
	const struct {
		const char *verb, *answer;
	} answers[] = {
		{ "EHLO", script->ehlo }, { "HELO", script->helo },
		{ "MAIL", script->mail }, { "RCPT", script->rcpt },
		{ "DATA", script->data }, { "QUIT", "221 bye\r\n" },
		{ "RSET", "250 ok\r\n" },
	};
	struct talk t = { fdopen(fd, "r"), fdopen(dup(fd), "w"), script, 0 };
	char line[LINE_SIZE];

	if (t.in == NULL || t.out == NULL)
		_exit(1);
	answer(&t, script->greeting);
	while (fgets(line, sizeof(line), t.in) != NULL) {
		if (script->mails > 0 && t.mails == script->mails)
			(void)pause();
		for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]);
		    i++) {
			if (strncasecmp(line, answers[i].verb, 4) != 0)
				continue;
			answer(&t, answers[i].answer);
			if (i == 4 && strncmp(script->data, "354", 3) == 0)
				take_body(&t);
		}
	}
	_exit(0);
}

/* The processes of a test must not outlive it. */
static void
die_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
}

static void
serve(int listener, const struct fake_script *script, pid_t parent)
{
	pid_t self = getpid();

	die_with(parent);
	(void)signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		if (fork() == 0) {
			die_with(self);
			(void)close(listener);
			talk(fd, script);
		}
		(void)close(fd);
	}
}

struct fake_smtp
fake_smtp_start(const struct fake_script *script, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	pid_t self = getpid();
	struct fake_smtp server = { 0 };

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
	    sizeof(one)) != 0 ||
	    bind(fd, (struct sockaddr *)&address, len) != 0 ||
	    listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		abort();
	server.port = ntohs(address.sin_port);
	server.pid = fork();
	if (server.pid == 0)
		serve(fd, script, self);
	if (server.pid < 0)
		abort();
	(void)close(fd);
	return server;
}

void
fake_smtp_stop(struct fake_smtp *server)
{
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
	server->pid = 0;
}
