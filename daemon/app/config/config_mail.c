/* SPDX-License-Identifier: ISC */
/*
 * What must hold for mails to leave: between the values, and of the files
 * that they name.
 */
#include "app/config/config_rules.h"

#include <string.h>
#include <unistd.h>

#include "app/mailer/password_file.h"
#include "base/ip.h"
#include "io/tls_client.h"

struct mail_check {
	struct config *config;
	const struct conf_section *section;	/* NULL: none was written */
	bool looks;
	struct conf_notes *errors, *warnings;
};

/* Where to point: at the key, else at its section, else at the top. */
static unsigned
line_of(const struct mail_check *c, const char *key)
{
	unsigned line = 0;

	if (c->section != NULL && conf_count(c->section, key) > 0)
		(void)conf_text(c->section, key, 0, &line);
	else if (c->section != NULL)
		line = conf_line(c->section);
	return line > 0 ? line : 1;
}

static bool
is_blank(const struct mail_check *c, const char *key)
{
	unsigned line;

	return c->section == NULL || conf_count(c->section, key) == 0 ||
	    conf_text(c->section, key, 0, &line)[0] == '\0';
}

static bool
host_is_loopback(const char *host)
{
	struct ip ip;

	if (strcmp(host, "localhost") == 0)
		return true;
	return ip_parse(slice_str(host), &ip) == 0 && ip_is_loopback(&ip);
}

static void
check_host(struct mail_check *c)
{
	const struct config *config = c->config;

	if (is_blank(c, "host"))
		conf_note(c->errors, line_of(c, "host"), "transport "
		    "\"smtp\" needs a `host`: name the mail server, or set "
		    "transport = \"maildir\" to try things out");
	else if (config->mail.tls == CONFIG_TLS_NONE &&
	    config->mail.host[0] != '\0' &&
	    !host_is_loopback(config->mail.host))
		conf_note(c->errors, line_of(c, "tls"), "tls = \"none\" "
		    "sends mails in the clear, which only a host on this "
		    "machine may have: want host = \"localhost\", or tls = "
		    "\"starttls\" or \"implicit\"");
}

static void
check_password(struct mail_check *c)
{
	const char *path = c->config->mail.password_file;
	unsigned line = line_of(c, "password_file");
	struct buf error = { 0 };
	int fd = password_file_open(path, &error);
	char *password = NULL;

	if (fd >= 0)
		password = password_file_read(fd);
	if (fd < 0)
		conf_note(c->errors, line, "password_file = %s: %s", path,
		    buf_str(&error));
	else if (password == NULL)
		conf_note(c->errors, line, "password_file = %s: want the "
		    "password as its only line, of 1 to %d bytes", path,
		    PASSWORD_MAX);
	else if (password_file_is_open_to_all(fd))
		conf_note(c->warnings, line, "password_file = %s: everybody "
		    "on this machine can read it: chmod 600 it", path);
	if (fd >= 0)
		(void)close(fd);
	password_free(password);
	buf_fini(&error);
}

static void
check_login(struct mail_check *c)
{
	bool has_name = c->config->mail.username[0] != '\0';
	bool has_file = c->config->mail.password_file[0] != '\0';

	if (has_name && !has_file)
		conf_note(c->errors, line_of(c, "username"), "`username` "
		    "needs a `password_file`");
	else if (has_file && !has_name)
		conf_note(c->errors, line_of(c, "password_file"),
		    "`password_file` needs a `username`");
	else if (has_file && c->looks)
		check_password(c);
}

static void
check_authorities(struct mail_check *c)
{
	struct buf error = { 0 };
	struct tls_client *tls;

	if (c->config->mail.ca_file[0] == '\0')
		return;
	tls = tls_client_new(c->config->mail.ca_file, &error);
	if (tls == NULL)
		conf_note(c->errors, line_of(c, "ca_file"), "ca_file = %s: "
		    "want a file of certificates in PEM", buf_str(&error));
	else if (c->config->mail.tls == CONFIG_TLS_NONE)
		conf_note(c->warnings, line_of(c, "ca_file"), "`ca_file` is "
		    "for TLS, and tls is \"none\"");
	tls_client_free(tls);
	buf_fini(&error);
}

void
config_check_mail(struct config *config, const struct conf_section *mail,
    bool looks, struct conf_notes *errors, struct conf_notes *warnings)
{
	static const uint16_t ports[] = { [CONFIG_TLS_NONE] = 25,
	    [CONFIG_TLS_STARTTLS] = 587, [CONFIG_TLS_IMPLICIT] = 465 };
	struct mail_check check = { config, mail, looks, errors, warnings };

	config->lines.mail_ca_file = line_of(&check, "ca_file");
	config->lines.mail_password_file = line_of(&check, "password_file");
	if (config->mail.port == 0)
		config->mail.port = ports[config->mail.tls];
	if (config->mail.transport == CONFIG_TRANSPORT_SMTP) {
		check_host(&check);
		check_login(&check);
		if (looks)
			check_authorities(&check);
	} else if (config->mail.maildir[0] == '\0') {
		conf_note(errors, line_of(&check, "transport"), "transport "
		    "\"maildir\" needs a folder: maildir = \"PATH\"");
	}
}
