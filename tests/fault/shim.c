/* SPDX-License-Identifier: ISC */
/*
 * The page, who we are, the judgement, and the clocks.
 */
#include "shim.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NANOSECONDS = 1000000000 };

static struct shim_page *page;
static enum shim_role role = SHIM_PARENT;

static const char *const role_names[SHIM_ROLES] = {
	[SHIM_PARENT] = "assentd",
	[SHIM_ENGINE] = "assentd-engine",
	[SHIM_MAILER] = "assentd-mailer",
	[SHIM_ADMIN] = "assentd-admin",
	[SHIM_WEB] = "assentd-web",
	[SHIM_SMTP] = "assent-smtp",
	[SHIM_OTHER] = "",
};

static enum shim_role
role_of(const char *name)
{
	for (int i = SHIM_ENGINE; i < SHIM_OTHER; i++) {
		if (strncmp(name, role_names[i], strlen(role_names[i])) == 0)
			return (enum shim_role)i;
	}
	return SHIM_OTHER;
}

/* A daemon's; negative when there is none. */
static int
open_file(void)
{
	const char *path = getenv(SHIM_FILE);
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	int kept = fd >= 0 ? dup2(fd, SHIM_FD) : -1;

	(void)close(fd);
	return kept;
}

__attribute__((constructor))
static void
open_page(void)
{
	void *mapped;
	int fd;

	if (role_of(program_invocation_short_name) == SHIM_SMTP)
		role = SHIM_SMTP;
	fd = role == SHIM_SMTP ? SHIM_FD : open_file();
	mapped = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (mapped != MAP_FAILED)
		page = mapped;
	if (role == SHIM_SMTP)
		(void)close(fd);
}

int
prctl(int option, ...)
{
	static int (*real)(int, ...);
	unsigned long a[4];
	va_list ap;

	va_start(ap, option);
	for (size_t i = 0; i < 4; i++)
		a[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (option == PR_SET_NAME)
		role = role_of((const char *)a[0]);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "prctl");
	return real(option, a[0], a[1], a[2], a[3]);
}

/* ---- the judgement ---- */

static int
is_meant(enum shim_kind kind)
{
	return page != NULL && atomic_load(&page->armed) == 1 &&
	    (page->roles & INT64_C(1) << role) != 0 &&
	    (page->kinds & INT64_C(1) << kind) != 0;
}

void
shim_end(void)
{
	_exit(SHIM_STATUS);
}

static enum shim_verdict
strike(void)
{
	atomic_fetch_add(&page->hits, 1);
	switch ((enum shim_action)page->action) {
	case SHIM_FAIL:
		errno = (int)page->error;
		return SHIM_FAILED;
	case SHIM_SHORT:
		return SHIM_HALF;
	case SHIM_END_BEFORE:
		shim_end();
	case SHIM_END_AFTER:
		return SHIM_LAST;
	}
	return SHIM_PASS;
}

enum shim_verdict
shim_judge(enum shim_kind kind)
{
	int64_t n;

	if (!is_meant(kind))
		return SHIM_PASS;
	n = atomic_fetch_add(&page->count, 1) + 1;
	if (page->nth == 0 || n < page->nth ||
	    (n > page->nth && page->sticky == 0))
		return SHIM_PASS;
	return strike();
}

enum shim_kind
shim_kind_of(int fd, enum shim_kind file)
{
	enum { SOCKET = SHIM_SEND - SHIM_WRITE, REST = SHIM_PUT - SHIM_WRITE };
	struct stat st;

	if (page == NULL || atomic_load(&page->armed) != 1 ||
	    fstat(fd, &st) < 0)
		return file;
	if (S_ISREG(st.st_mode))
		return file;
	return file + (S_ISSOCK(st.st_mode) ? SOCKET : REST);
}

/* ---- clocks ---- */

static int64_t
ahead(int is_wall)
{
	if (page == NULL)
		return 0;
	return is_wall ? atomic_load(&page->ahead[role].wall) :
	    atomic_load(&page->ahead[role].monotonic);
}

static void
add(struct timespec *ts, int64_t more)
{
	int64_t all = (int64_t)ts->tv_sec * NANOSECONDS + ts->tv_nsec + more;

	ts->tv_sec = (time_t)(all / NANOSECONDS);
	ts->tv_nsec = (long)(all % NANOSECONDS);
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	int ret;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	ret = real(id, ts);
	if (ret == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		add(ts, ahead(1));
	else if (ret == 0 && (id == CLOCK_MONOTONIC ||
	    id == CLOCK_MONOTONIC_COARSE || id == CLOCK_BOOTTIME))
		add(ts, ahead(0));
	return ret;
}

time_t
time(time_t *ret_time)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (ret_time != NULL)
		*ret_time = ts.tv_sec;
	return ts.tv_sec;
}

int
gettimeofday(struct timeval *tv, void *zone)
{
	struct timespec ts;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}
