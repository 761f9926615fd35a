/* SPDX-License-Identifier: ISC */
/*
 * Reads the password file.  Every buffer that held it is cleared.
 */
#include "app/mailer/password_file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/slice.h"

int
password_file_open(const char *path, struct buf *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0) {
		buf_printf(error, "%s: want a file with the mail server's "
		    "password", strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	buf_add_str(error, "it isn't a file: want one with the mail server's "
	    "password");
	(void)close(fd);
	return -1;
}

bool
password_file_is_open_to_all(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IROTH) != 0;
}

/* Its line, without the end; empty when it isn't one. */
static struct slice
one_line(struct slice text)
{
	if (slice_ends(text, "\n"))
		text.len--;
	if (slice_ends(text, "\r"))
		text.len--;
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 127)
			return slice_of("", 0);
	}
	return text;
}

char *
password_file_read(int fd)
{
	char text[PASSWORD_MAX + 3], *password = NULL;
	ssize_t n = pread(fd, text, sizeof(text), 0);
	struct slice line;

	if (n <= 0)
		return NULL;
	line = one_line(slice_of(text, (size_t)n));
	if (line.len > 0 && line.len <= PASSWORD_MAX)
		password = slice_dup(line);
	explicit_bzero(text, sizeof(text));
	return password;
}

void
password_free(char *password)
{
	if (password != NULL)
		mem_free_secret(password, strlen(password));
}
