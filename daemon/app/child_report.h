/* SPDX-License-Identifier: ISC */
/*
 * What the parent tells of all of them: the processes, and their config.
 */
#ifndef APP_CHILD_REPORT_H
#define APP_CHILD_REPORT_H

#include <stdint.h>

enum role { ROLE_ENGINE, ROLE_COPIER, ROLE_MAILER, ROLE_ADMIN, ROLE_WEB,
	ROLE_COUNT };

/* "engine", "copier", "mailer", "admin", "web". */
const char *role_name(enum role);
enum { CHILD_NAME_SIZE = 16 };
/* "engine", "web0". */
void child_name(enum role, unsigned index, char ret_name[CHILD_NAME_SIZE]);

/* One other process, as the parent sees it: for `assentctl status`. */
struct child_report {
	enum role role;
	unsigned index;		/* which web */
	int32_t pid;		/* 0: not running */
	uint32_t restarts;
	int64_t started_at;	/* wall clock, microseconds */
};

/*
 * How reading the config went: for `assentctl status`, and for whoever asked
 * for it.
 */
struct child_load {
	int64_t loaded_at;	/* the one in use: wall clock, microseconds */
	int64_t refused_at;	/* what came after it was; 0: nothing was */
	uint32_t answered;	/* of this child's child_ask_reload so many */
	uint32_t zero;		/* sent as it is, it has no padding */
	const char *why;	/* lines of "FILE:LINE: …"; "": not refused */
};

#endif
