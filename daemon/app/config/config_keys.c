/* SPDX-License-Identifier: ISC */
/*
 * Every key of the config file.
 */
#include "app/config/config_rules.h"

#define KEY(key, read_, struct_, member, ...) \
	{ .name = (key), .shape = CONF_VALUE, \
	    .rule = &(const struct config_rule){ \
	    .offset = offsetof(struct struct_, member), \
	    .read = (read_), __VA_ARGS__ } }
#define KEYS(key, read_, struct_, member, ...) \
	{ .name = (key), .shape = CONF_LIST, \
	    .rule = &(const struct config_rule){ \
	    .offset = offsetof(struct struct_, member), \
	    .read = (read_), __VA_ARGS__ } }
#define SECTION(key, keys_) \
	{ .name = (key), .shape = CONF_SECTION, .keys = (keys_) }
#define TITLED(key, keys_, struct_, member, count, element, title_) \
	{ .name = (key), .shape = CONF_TITLED, .keys = (keys_), \
	    .rule = &(const struct config_rule){ \
	    .offset = offsetof(struct struct_, member), \
	    .count_offset = offsetof(struct struct_, count), \
	    .size = sizeof(struct element), .title = (title_) } }

#define MINUTE UINT64_C(60)
#define DAY (24 * 60 * MINUTE)
#define MEGABYTE (UINT64_C(1) << 20)

static const char *const log_ips[] = { [CONFIG_IP_FULL] = "full",
	[CONFIG_IP_TRUNCATED] = "truncated", [CONFIG_IP_NONE] = "none", NULL };
static const char *const log_levels[] = { [LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info", [LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_ERROR] = "error", NULL };
static const char *const transports[] = { [CONFIG_TRANSPORT_SMTP] = "smtp",
	[CONFIG_TRANSPORT_MAILDIR] = "maildir", NULL };
static const char *const tls_modes[] = { [CONFIG_TLS_NONE] = "none",
	[CONFIG_TLS_STARTTLS] = "starttls",
	[CONFIG_TLS_IMPLICIT] = "implicit", NULL };
static const char *const challenges[] = { [CONFIG_CHALLENGE_AUTO] = "auto",
	[CONFIG_CHALLENGE_ALWAYS] = "always",
	[CONFIG_CHALLENGE_OFF] = "off", NULL };
static const char *const consent_boxes[] = { "implied", "required", NULL };
static const char *const field_types[] = { [CONFIG_FIELD_TEXT] = "text",
	[CONFIG_FIELD_EMAIL] = "email", [CONFIG_FIELD_NUMBER] = "number",
	[CONFIG_FIELD_DATE] = "date", [CONFIG_FIELD_URL] = "url",
	[CONFIG_FIELD_CHOICE] = "choice", NULL };

static const struct conf_key listener_keys[] = {
	KEYS("certificate", config_read_texts, config_listener, certificates,
	    .make = config_make_path),
	KEYS("key", config_read_texts, config_listener, keys,
	    .make = config_make_path, .may_repeat = true),
	KEY("proxy_protocol", config_read_bool, config_listener,
	    proxy_protocol, .fallback = "false"),
	{ .name = NULL },
};

static const struct conf_key controller_keys[] = {
	KEY("name", config_read_text, config, controller.name,
	    .make = config_make_label, .max = 200),
	KEY("address", config_read_text, config, controller.address,
	    .make = config_make_label, .max = 500),
	KEY("privacy_url", config_read_text, config, controller.privacy_url,
	    .make = config_make_url),
	KEY("contact", config_read_text, config, controller.contact,
	    .make = config_make_address),
	{ .name = NULL },
};

static const struct conf_key retain_keys[] = {
	KEY("proof", config_read_time, config, retain.proof,
	    .fallback = "1095d", .min = 1, .max = 36500 * DAY),
	KEY("log_ip", config_read_choice, config, retain.log_ip,
	    .fallback = "full", .choices = log_ips),
	{ .name = NULL },
};

static const struct conf_key admin_keys[] = {
	KEY("socket", config_read_text, config, admin.socket,
	    .make = config_make_path, .fallback =
	    RUNSTATEDIR "/assent/admin.sock", .max = 107, .required = true),
	KEY("metrics", config_read_text, config, admin.metrics,
	    .make = config_make_metrics),
	KEYS("readers", config_read_callers, config, admin.readers,
	    .may_repeat = true),
	KEYS("writers", config_read_callers, config, admin.writers,
	    .may_repeat = true),
	KEY("notify", config_read_text, config, admin.notify,
	    .make = config_make_address),
	{ .name = NULL },
};

static const struct conf_key log_keys[] = {
	KEY("target", config_read_text, config, log.target,
	    .make = config_make_log_target, .fallback = "stderr",
	    .required = true),
	KEY("level", config_read_choice, config, log.level,
	    .fallback = "info", .choices = log_levels),
	{ .name = NULL },
};

static const struct conf_key mail_keys[] = {
	KEY("transport", config_read_choice, config, mail.transport,
	    .fallback = "smtp", .choices = transports),
	KEY("maildir", config_read_text, config, mail.maildir,
	    .make = config_make_path),
	KEY("host", config_read_text, config, mail.host,
	    .make = config_make_host),
	KEY("port", config_read_port, config, mail.port,
	    .min = 1, .max = UINT16_MAX),
	KEY("tls", config_read_choice, config, mail.tls,
	    .fallback = "starttls", .choices = tls_modes),
	KEY("username", config_read_text, config, mail.username,
	    .make = config_make_label, .max = 255),
	KEY("password_file", config_read_text, config, mail.password_file,
	    .make = config_make_path),
	KEY("ca_file", config_read_text, config, mail.ca_file,
	    .make = config_make_path),
	KEY("resolver", config_read_text, config, mail.resolver,
	    .make = config_make_resolver),
	KEY("check_domains", config_read_bool, config, mail.check_domains,
	    .fallback = "true"),
	KEY("sessions", config_read_unsigned, config, mail.sessions,
	    .fallback = "4", .min = 1, .max = 100),
	KEY("messages_per_session", config_read_unsigned, config,
	    mail.messages_per_session, .fallback = "100", .min = 1,
	    .max = 1000),
	KEY("timeout", config_read_time, config, mail.timeout,
	    .fallback = "5m", .min = 1, .max = 60 * MINUTE),
	KEY("lifetime", config_read_time, config, mail.lifetime,
	    .fallback = "3d", .min = 1, .max = 5 * DAY),
	KEYS("retry", config_read_retry, config, mail.retry,
	    .fallback = "10m,30m,1h,3h", .min = 1, .max = 7 * DAY),
	{ .name = NULL },
};

static const struct conf_key limits_keys[] = {
	KEY("per_network", config_read_limit, config, limits.per_network,
	    .fallback = "30/1m"),
	KEY("per_address", config_read_limit, config, limits.per_address,
	    .fallback = "3/1d, 5/30d"),
	KEY("interval", config_read_time, config, limits.interval,
	    .fallback = "10m", .min = 0, .max = 30 * DAY),
	KEY("per_domain", config_read_limit, config, limits.per_domain,
	    .fallback = "6000/1h"),
	KEY("total", config_read_limit, config, limits.total,
	    .fallback = "60000/1h"),
	KEY("challenge", config_read_choice, config, limits.challenge,
	    .fallback = "auto", .choices = challenges),
	KEYS("refuse", config_read_texts, config, limits.refuse,
	    .make = config_make_refused),
	{ .name = NULL },
};

static const struct conf_key field_keys[] = {
	KEY("type", config_read_choice, config_field, type,
	    .fallback = "text", .choices = field_types),
	KEY("label", config_read_text, config_field, label,
	    .make = config_make_label, .max = 120),
	KEY("max", config_read_u32, config_field, max,
	    .fallback = "200", .min = 1, .max = 1000),
	KEY("required", config_read_bool, config_field, required,
	    .fallback = "false"),
	KEYS("aliases", config_read_texts, config_field, aliases,
	    .make = config_make_field_alias),
	KEYS("choices", config_read_texts, config_field, choices,
	    .make = config_make_label, .max = 200),
	{ .name = NULL },
};

static const struct conf_key list_keys[] = {
	KEY("title", config_read_text, config_list, title,
	    .make = config_make_label, .max = 120, .required = true),
	KEYS("aliases", config_read_texts, config_list, aliases,
	    .make = config_make_alias),
	KEY("from", config_read_text, config_list, from,
	    .make = config_make_mailbox, .max = 320, .required = true),
	KEYS("origins", config_read_texts, config_list, origins,
	    .make = config_make_origin),
	KEY("confirm_within", config_read_time, config_list, confirm_within,
	    .fallback = "72h", .min = 1, .max = 14 * DAY),
	KEY("consent", config_read_text, config_list, consent,
	    .make = config_make_label, .max = 2000, .required = true),
	KEY("consent_box", config_read_bool, config_list, consent_required,
	    .fallback = "implied", .choices = consent_boxes),
	KEYS("languages", config_read_texts, config_list, languages,
	    .make = config_make_lang, .fallback = "en"),
	KEY("pending_url", config_read_text, config_list, pending_url,
	    .make = config_make_url),
	KEY("confirmed_url", config_read_text, config_list, confirmed_url,
	    .make = config_make_url),
	KEY("welcome", config_read_bool, config_list, welcome,
	    .fallback = "true"),
	KEY("goodbye", config_read_bool, config_list, goodbye,
	    .fallback = "false"),
	TITLED("field", field_keys, config_list, fields, field_count,
	    config_field, config_make_field_name),
	{ .name = NULL },
};

const struct conf_key config_keys[] = {
	KEY("base_url", config_read_text, config, base_url,
	    .make = config_make_base_url, .required = true),
	KEY("database", config_read_text, config, database,
	    .make = config_make_path, .fallback = LOCALSTATEDIR "/lib/assent",
	    .required = true),
	KEY("templates", config_read_text, config, templates,
	    .make = config_make_path, .fallback = PKGDATADIR "/templates",
	    .required = true),
	KEY("user", config_read_text, config, user, .make = config_make_user),
	KEY("web_processes", config_read_unsigned, config, web_processes,
	    .fallback = "0", .min = 0, .max = CONFIG_WEB_PROCESSES_MAX),
	KEY("secret_file", config_read_text, config, secret_file,
	    .make = config_make_path, .fallback = SYSCONFDIR "/assent/secret",
	    .required = true),
	TITLED("listen", listener_keys, config, listeners, listener_count,
	    config_listener, config_make_listen),
	KEYS("trusted_proxies", config_read_texts, config, trusted_proxies,
	    .make = config_make_proxy),
	SECTION("controller", controller_keys),
	SECTION("retain", retain_keys),
	SECTION("admin", admin_keys),
	KEY("map_size", config_read_size, config, map_size,
	    .fallback = "64g", .min = 16 * MEGABYTE,
	    .max = 16 * MEGABYTE * MEGABYTE),
	KEY("compact", config_read_time_or_off, config, compact,
	    .fallback = "1d", .min = 1, .max = 365 * DAY),
	SECTION("log", log_keys),
	SECTION("mail", mail_keys),
	SECTION("limits", limits_keys),
	KEY("signup_cookie", config_read_bool, config, signup_cookie,
	    .fallback = "true"),
	TITLED("list", list_keys, config, lists, list_count, config_list,
	    config_make_name),
	/* A list's name: found once all lists are known. */
	{ .name = "default_list", .shape = CONF_VALUE },
	{ .name = NULL },
};
