/* SPDX-License-Identifier: ISC */
/*
 * What the disk can do at most for a daemon that must not lose anything: one
 * record after the other into a file that is there already, each flushed.
 *
 *     disk FILE SECONDS BYTES
 *
 * prints how many a second, and how long a flush took (microseconds).
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "hist.h"

enum { FILE_SIZE = 64 << 20, BLOCK = 1 << 20, RECORD_MAX = 4096 };

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Zeros that are on the disk, so that no flush has to write where they are. */
static int
make_file(const char *path)
{
	char *zeros = calloc(1, BLOCK);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	bool good = zeros != NULL && fd >= 0;

	for (off_t at = 0; good && at < FILE_SIZE; at += BLOCK)
		good = pwrite(fd, zeros, BLOCK, at) == BLOCK;
	free(zeros);
	return good && fsync(fd) == 0 ? fd : -1;
}

/* How many records; -1 on an error. */
static long
run(int fd, uint64_t until, size_t size, struct hist *flushes)
{
	char record[RECORD_MAX];
	off_t at = 0;
	long count = 0;

	for (uint64_t begun = now(); begun < until; count++) {
		uint64_t written, ended;

		for (size_t i = 0; i < size; i++)
			record[i] = (char)(count + (long)i);
		if (pwrite(fd, record, size, at) != (ssize_t)size)
			return -1;
		written = now();
		if (fdatasync(fd) < 0)
			return -1;
		ended = now();
		hist_add(flushes, ended - written);
		begun = ended;
		at = (at + (off_t)size) % (FILE_SIZE - RECORD_MAX);
	}
	return count;
}

int
main(int argc, char **argv)
{
	static struct hist flushes;
	double seconds = argc == 4 ? strtod(argv[2], NULL) : 0;
	size_t size = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	uint64_t begun;
	long count;
	int fd;

	if (seconds <= 0 || size == 0 || size > RECORD_MAX) {
		fprintf(stderr, "usage: disk FILE SECONDS BYTES\n");
		return 2;
	}
	fd = make_file(argv[1]);
	begun = now();
	count = fd < 0 ? -1 : run(fd, begun + (uint64_t)(seconds * 1e9), size,
	    &flushes);
	if (count < 0) {
		perror(argv[1]);
		return 1;
	}
	printf("{\"rate\": %.1f, ", (double)count * 1e9 /
	    (double)(now() - begun));
	hist_print(&flushes);
	printf("}\n");
	return 0;
}
