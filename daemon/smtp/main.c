/* SPDX-License-Identifier: ISC */
/*
 * assent-smtp: one SMTP connection for the mailer, which starts it.  It talks
 * to the server through a socket pair that the mailer pumps into its own
 * connection, or gets that one, if it is in the clear and so to this machine;
 * it can open none.
 */
#include <sys/stat.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/proc.h"
#include "smtp/redirect.h"
#include "smtp/session.h"

enum { CHANNEL_FD = 3 };

static bool
is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

int
main(int argc, char *argv[])
{
	(void)argv;
	if (argc != 1 || !is_socket(CHANNEL_FD) || !is_socket(REDIRECT_FD)) {
		(void)fprintf(stderr, "assent-smtp: the mailer of assentd "
		    "starts it, with the sockets 3 and 4\n");
		return 2;
	}
	/*
	 * A connection of its own wouldn't end with the mailer.  And libESMTP
	 * would look for certificates at home.
	 */
	if (proc_end_with(CHANNEL_FD) != 0 || unsetenv("HOME") != 0 ||
	    unsetenv("XDG_CONFIG_HOME") != 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return 1;
	return session_run(CHANNEL_FD) == 0 ? 0 : 1;
}
