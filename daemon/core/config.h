/* SPDX-License-Identifier: ISC */
/*
 * What the administrator decided: read from one file, then never changed.
 * Plain values; every string is there ("" when unset), UTF-8 and free of
 * control characters; times are seconds, sizes bytes.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/slice.h"
#include "core/config_callers.h"
#include "core/config_list.h"
#include "core/config_listener.h"
#include "core/limit.h"

struct arena;

enum config_transport { CONFIG_TRANSPORT_SMTP, CONFIG_TRANSPORT_MAILDIR };
enum config_tls { CONFIG_TLS_NONE, CONFIG_TLS_STARTTLS,
	CONFIG_TLS_IMPLICIT };
enum config_challenge { CONFIG_CHALLENGE_AUTO, CONFIG_CHALLENGE_ALWAYS,
	CONFIG_CHALLENGE_OFF };
enum config_log_ip { CONFIG_IP_FULL, CONFIG_IP_TRUNCATED, CONFIG_IP_NONE };
enum { CONFIG_WEB_PROCESSES_MAX = 256 };

struct config {
	struct arena *memory;	/* of all that it points to */
	char *path;		/* the file it came from */
	struct {
		unsigned templates, user, database, secret_file, map_size;
		unsigned log_target, admin_socket, admin_metrics;
		unsigned mail_ca_file, mail_password_file;
	} lines;		/* where what may fail at a start stands */
	char *base_url;		/* without a slash at the end */
	char *database, *templates, *user, *secret_file;
	unsigned web_processes;	/* never 0: cores were counted */
	struct config_listener *listeners;
	size_t listener_count;
	struct config_strings trusted_proxies;
	struct {
		char *name, *address, *privacy_url, *contact;
	} controller;
	struct {
		uint64_t proof;
		enum config_log_ip log_ip;
	} retain;
	struct {
		char *socket, *metrics, *notify;
		struct config_callers readers, writers;
	} admin;
	uint64_t map_size, compact;	/* 0: never by itself */
	struct {
		char *target;
		enum log_level level;
	} log;
	struct {
		enum config_transport transport;
		char *maildir, *host;
		uint16_t port;
		enum config_tls tls;
		char *username, *password_file, *ca_file, *resolver;
		bool check_domains;
		unsigned sessions, messages_per_session;
		uint64_t timeout, lifetime;
		struct config_times retry;
	} mail;
	struct {
		struct limit per_network, per_address, per_domain, total;
		uint64_t interval;
		enum config_challenge challenge;
		struct config_strings refuse;
	} limits;
	bool signup_cookie;
	struct config_list *lists;
	size_t list_count;
	const struct config_list *default_list;	/* NULL: none */
};

/* Frees it and all it holds; NULL is fine. */
void config_free(struct config *);

/*
 * base_url's host, as it may stand behind an @: "localhost" for an IPv6
 * literal.  Borrowed.
 */
struct slice config_host(const struct config *);
/* A list by name, or by name or alias; NULL when there is none. */
const struct config_list *config_list_by_name(const struct config *,
    struct slice name);
const struct config_list *config_list_find(const struct config *,
    struct slice name_or_alias);

#endif
