/* SPDX-License-Identifier: ISC */
/*
 * libc's names, defined in the executable, come first when a library's calls
 * are bound.  Nothing here touches a network.
 */
#include "smtp/redirect.h"

#include <sys/socket.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* glibc declares connect's second argument as a transparent union. */
#ifdef __GLIBC__
#define SOCKADDR_ARG __CONST_SOCKADDR_ARG
#else
#define SOCKADDR_ARG const struct sockaddr *
#endif

int
socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)type;
	(void)protocol;
	return fcntl(REDIRECT_FD, F_DUPFD_CLOEXEC, REDIRECT_LIBRARY_FD);
}

int
connect(int fd, SOCKADDR_ARG address, socklen_t len)
{
	(void)fd;
	(void)address;
	(void)len;
	return 0;
}

/* From here on it blocks, which the library had it not do. */
void
redirect_greeted(void)
{
	if (fcntl(REDIRECT_CONNECTION_FD, F_GETFD) >= 0) {
		(void)close(REDIRECT_LIBRARY_FD);
		(void)fcntl(REDIRECT_CONNECTION_FD, F_DUPFD_CLOEXEC,
		    REDIRECT_LIBRARY_FD);
	}
	(void)fcntl(REDIRECT_LIBRARY_FD, F_SETFL, 0);
}

void
redirect_hang_up(void)
{
	(void)shutdown(REDIRECT_FD, SHUT_RDWR);
	(void)shutdown(REDIRECT_CONNECTION_FD, SHUT_RDWR);
}

/* One address, never looked at. */
int
getaddrinfo(const char *restrict node, const char *restrict service,
    const struct addrinfo *restrict hints,
    struct addrinfo **restrict ret_list)
{
	static struct sockaddr_in address = { .sin_family = AF_INET };
	static struct addrinfo only;

	(void)node;
	(void)service;
	(void)hints;
	only = (struct addrinfo){
		.ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_addrlen = sizeof(address),
		.ai_addr = (struct sockaddr *)&address,
	};
	*ret_list = &only;
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

/* The library's name for each plugin, and that of its file. */
static const struct {
	const char *asked, *file;
} plugins[] = {
	{ "/sasl-plain.so", "/sasl-plain.so" },
	{ "/sasl-login.so", "/sasl-login.so" },
	/* The library looks for it under the mechanism's own name. */
	{ "/sasl-cram-md5.so", "/sasl-crammd5.so" },
};

/* The path that is asked for holds what the server said. */
static const char *
plugin_file(const char *path, size_t *ret_folder_len)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(plugins) / sizeof(plugins[0]); i++) {
		size_t own = strlen(plugins[i].asked);

		if (len < own || strcmp(path + len - own,
		    plugins[i].asked) != 0)
			continue;
		*ret_folder_len = len - own;
		return memmem(path, len - own, "/sasl-", 6) == NULL ?
		    plugins[i].file : NULL;
	}
	return NULL;
}

void *
dlopen(const char *path, int mode)
{
	union {
		void *symbol;
		void *(*open)(const char *, int);
	} next = { .symbol = dlsym(RTLD_NEXT, "dlopen") };
	char real[256];
	size_t len;
	const char *file = path != NULL ? plugin_file(path, &len) : NULL;

	if (file == NULL || next.symbol == NULL || (size_t)snprintf(real,
	    sizeof(real), "%.*s%s", (int)len, path, file) >= sizeof(real))
		return NULL;
	return next.open(real, mode);
}
