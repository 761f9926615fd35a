/* SPDX-License-Identifier: ISC */
/*
 * Writes log lines with one write(2) each, so that lines of several
 * processes never mix.  Knows no domain.
 */
#include "base/log.h"

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { VALUE_MAX = 256 };

static struct {
	enum log_level level;
	int fd;			/* LOG_SYSLOG_FD: syslog */
	char *path;		/* of a file target */
	char name[16];
	int64_t second;		/* which the stamp is of */
	char stamp[CLOCK_RFC3339_SIZE];
} the_log = { LOG_LEVEL_INFO, STDERR_FILENO, NULL, "assentd", 0, "" };

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_WARN] = { "warn", LOG_WARNING },
	[LOG_LEVEL_ERROR] = { "error", LOG_ERR },
};

static int
open_file(const char *path, int *ret_fd)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/* From one target to another; `path` is NULL unless it is a file. */
static void
set_target(int fd, const char *path)
{
	if (the_log.fd != LOG_SYSLOG_FD && the_log.fd != STDERR_FILENO)
		close(the_log.fd);
	free(the_log.path);
	the_log.path = path != NULL ? mem_strdup(path) : NULL;
	the_log.fd = fd;
}

int
log_open_target(const char *target, int *ret_fd)
{
	if (strcmp(target, "stderr") == 0)
		*ret_fd = STDERR_FILENO;
	else if (strcmp(target, "syslog") == 0)
		*ret_fd = LOG_SYSLOG_FD;
	else
		return open_file(target, ret_fd);
	return 0;
}

void
log_follow(int fd, enum log_level level, const char *path)
{
	if (fd == LOG_SYSLOG_FD) {
		openlog("assentd", LOG_PID, LOG_MAIL);
		/* It stamps lines by a clock that later can't be read. */
		tzset();
	}
	set_target(fd, path);
	the_log.level = level;
}

int
log_open(const char *target, const char *name, enum log_level level)
{
	int fd = STDERR_FILENO;
	int error = log_open_target(target, &fd);

	if (error < 0)
		return error;
	log_follow(fd, level, fd == LOG_SYSLOG_FD || fd == STDERR_FILENO ?
	    NULL : target);
	log_rename(name);
	return 0;
}

int
log_fd(enum log_level *ret_level)
{
	*ret_level = the_log.level;
	return the_log.fd;
}

void
log_rename(const char *name)
{
	strncpy(the_log.name, name, sizeof(the_log.name) - 1);
}

int
log_reopen(void)
{
	int fd = -1, error;

	if (the_log.path == NULL)
		return 0;
	error = open_file(the_log.path, &fd);
	if (error < 0)
		return error;
	close(the_log.fd);
	the_log.fd = fd;
	return 0;
}

bool
log_wants(enum log_level level)
{
	return level >= the_log.level;
}

struct log_field
log_slice(const char *key, struct slice value)
{
	return (struct log_field){ key, LOG_TEXT, value, 0 };
}

struct log_field
log_str(const char *key, const char *value)
{
	return log_slice(key, slice_str(value != NULL ? value : ""));
}

struct log_field
log_num(const char *key, int64_t value)
{
	return (struct log_field){ key, LOG_NUMBER, { NULL, 0 }, value };
}

struct log_field
log_errno(const char *key, int error)
{
	return log_str(key, strerror(error < 0 ? -error : error));
}

struct log_field
log_address(const char *key, struct slice value)
{
	return (struct log_field){ key, LOG_MASKED, value, 0 };
}

/* The first character and the domain, escaped as one value. */
static void
add_masked(struct buf *line, struct slice address)
{
	ptrdiff_t at = slice_rfind(address, '@');
	struct buf masked = { 0 };
	uint32_t c;

	if (at > 0)
		buf_add(&masked, address.p, utf8_next(address, &c));
	buf_add_str(&masked, "\xe2\x80\xa6");
	if (at > 0)
		buf_add_slice(&masked, slice_sub(address, (size_t)at,
		    (size_t)at + VALUE_MAX));
	escape_log(line, buf_slice(&masked));
	buf_fini(&masked);
}

static void
add_field(struct buf *line, const struct log_field *f)
{
	buf_add_char(line, ' ');
	buf_add_str(line, f->key);
	buf_add_char(line, '=');
	switch (f->kind) {
	case LOG_TEXT:
		escape_log(line, slice_sub(f->text, 0, VALUE_MAX));
		break;
	case LOG_NUMBER:
		buf_add_num(line, f->number);
		break;
	case LOG_MASKED:
		add_masked(line, f->text);
		break;
	}
}

static const char *
stamp_now(void)
{
	int64_t second = clock_wall_us() / CLOCK_SECOND;

	if (second != the_log.second)
		clock_rfc3339(second * CLOCK_SECOND, the_log.stamp);
	the_log.second = second;
	return the_log.stamp;
}

/* What stands before the event; the system's log has its own. */
static void
add_head(struct buf *line, enum log_level level)
{
	const char *const words[] = { stamp_now(), levels[level].name,
		the_log.name };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		buf_add_str(line, words[i]);
		buf_add_char(line, ' ');
	}
}

void
log_event(enum log_level level, const char *event,
    const struct log_field *fields)
{
	struct buf line = { 0 };

	if (!log_wants(level))
		return;
	buf_reserve(&line, VALUE_MAX);
	if (the_log.fd >= 0)
		add_head(&line, level);
	buf_add_str(&line, event);
	for (; fields->key != NULL; fields++)
		add_field(&line, fields);
	if (the_log.fd < 0) {
		syslog(levels[level].priority, "%s", buf_str(&line));
	} else {
		buf_add_char(&line, '\n');
		/* A log that can't be written must not stop the service. */
		if (write(the_log.fd, line.p, line.len) < 0)
			(void)errno;
	}
	buf_fini(&line);
}
