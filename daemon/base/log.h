/* SPDX-License-Identifier: ISC */
/*
 * The log: one event, one line, `event key=value …`.  Values are escaped
 * here (control bytes, quotes, blanks, invalid UTF-8) and cut at 256 bytes.
 * Never give it a token, a secret or a whole address: log_address masks one.
 * The level and the target are the process's only mutable globals.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR };

enum { LOG_SYSLOG_FD = -1 };

struct log_field {
	const char *key;	/* NULL ends a list of fields */
	enum { LOG_TEXT, LOG_NUMBER, LOG_MASKED } kind;
	struct slice text;
	int64_t number;
};

/*
 * Where lines go: "stderr", "syslog" or a file's path.  `name` stands before
 * each event (the process: "web0").  Negative errno when a file won't open.
 */
int log_open(const char *target, const char *name, enum log_level level);
/* The first half of it: *ret_fd is for log_follow. */
int log_open_target(const char *target, int *ret_fd);
/*
 * Lines go to that fd from now on, taken if it is a file's; STDERR_FILENO and
 * LOG_SYSLOG_FD are what they say.  The path is for log_reopen, or NULL.
 */
void log_follow(int fd, enum log_level level, const char *path);
/* As they go now: what log_follow takes; the fd is borrowed. */
int log_fd(enum log_level *ret_level);
/* The same target under another name: after a fork. */
void log_rename(const char *name);
/* Opens a file target anew (SIGUSR1). */
int log_reopen(void);
bool log_wants(enum log_level level);

struct log_field log_str(const char *key, const char *value);
struct log_field log_slice(const char *key, struct slice value);
struct log_field log_num(const char *key, int64_t value);
/* strerror of a negative errno. */
struct log_field log_errno(const char *key, int error);
/* "jo@example.org" as "j…@example.org". */
struct log_field log_address(const char *key, struct slice value);

void log_event(enum log_level level, const char *event,
    const struct log_field *fields);

/* log_info("mailed", log_num("id", 7)); at least one field. */
#define LOG_FIELDS(...) ((const struct log_field[]){ __VA_ARGS__, { 0 } })
#define log_debug(e, ...) \
	log_event(LOG_LEVEL_DEBUG, (e), LOG_FIELDS(__VA_ARGS__))
#define log_info(e, ...) \
	log_event(LOG_LEVEL_INFO, (e), LOG_FIELDS(__VA_ARGS__))
#define log_warn(e, ...) \
	log_event(LOG_LEVEL_WARN, (e), LOG_FIELDS(__VA_ARGS__))
#define log_error(e, ...) \
	log_event(LOG_LEVEL_ERROR, (e), LOG_FIELDS(__VA_ARGS__))

#endif
