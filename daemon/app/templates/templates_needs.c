/* SPDX-License-Identifier: ISC */
/*
 * The tables of what the program and its templates owe each other.  A new page,
 * text or name is added here, a new mail in app/mail_kind.c;
 * templates_check.c holds folders to both.
 */
#include "app/templates/templates_needs.h"

#include <stddef.h>

const char *const templates_needed_files[] = {
	"page/form.html", "page/challenge.html", "page/pending.html",
	"page/confirm.html",
	"page/confirmed.html", "page/unsubscribe.html",
	"page/unsubscribed.html", "page/notme.html", "page/notme_done.html",
	"page/error.html", "page/manage_ask.html", "page/manage_sent.html",
	"page/manage.html", "page/manage_open.html", "page/manage_data.html",
	"page/manage_erase.html", "page/manage_erased.html",
	NULL,
};

const char *const templates_needed_texts[] = {
	"dir", "date", "month_1", "month_2", "month_3", "month_4", "month_5",
	"month_6", "month_7", "month_8", "month_9", "month_10", "month_11",
	"month_12",
	"error_invalid_email", "error_missing_email", "error_unknown_list",
	"error_invalid_field", "error_consent_required",
	"error_challenge_required", "error_invalid_challenge",
	"error_origin_not_allowed", "error_bad_request", "error_too_large",
	"error_unsupported_media_type", "error_rate_limited",
	"error_unavailable", "error_not_found", "error_expired",
	"error_method_not_allowed", "error_wrong_code",
	"error_title_400", "error_title_403", "error_title_404",
	"error_title_405", "error_title_410", "error_title_413",
	"error_title_415", "error_title_429", "error_title_503",
	"state_confirmed", "state_pending", "state_unsubscribed",
	"event_subscribe", "event_mailed", "event_confirm",
	"event_unsubscribe", "event_notme", "event_undo", "event_expire",
	"event_refused", "event_already", "event_bounce", "event_complaint",
	"event_suppress", "event_unsuppress", "event_erase", "event_resend",
	"event_manage", "event_open", "event_change",
	"fact_list", "fact_consent", "fact_ip", "fact_agent", "fact_origin",
	"fact_form", "fact_way", "fact_detail", "way_click", "way_tick",
	"way_oneclick", "way_cookie", "way_code", "way_admin", "way_manage",
	"manage_purpose", "manage_retention", "pending_lead", "pending_meant",
	"pending_inbox", "code_label", "code_button", NULL,
};

const char *const templates_needed_assets[] = { "style.css", "confirm.js",
	"challenge.js", "assent.js", NULL };

const char *const templates_known_names[] = {
	".", "action", "address", "again", "alarm", "asked", "auto", "bad",
	"bad_consent", "bad_email", "bad_name", "base_url", "can_undo",
	"carried", "challenge", "choices", "chosen", "code", "code_error",
	"confirm_url", "confirmed", "consent", "contact", "contact_url",
	"controller", "date", "day", "days", "early", "email", "error_text",
	"error_title", "events", "expired", "facts", "fields", "first",
	"form_token", "hour", "hp_name", "inbox", "ip", "is_choice", "is_date",
	"is_email", "is_first", "is_ignored", "is_notme", "is_number",
	"is_text", "is_unconfirmed", "is_url", "joinable", "label", "lang",
	"list", "manage_ask_url", "manage_url", "max", "meant", "minute",
	"minutes", "month", "name", "never", "no_code", "no_cookie",
	"no_lists", "notme", "notme_url", "of_list", "of_network", "of_origin",
	"of_total", "origin", "pressed_missing", "privacy_url", "range",
	"required", "saved", "script_url", "several", "solver_url", "source",
	"spoken", "state", "status", "style_url", "subscribe_url",
	"suppressed", "tick", "title", "topics", "typed", "unsubscribe_url",
	"url", "value", "wait", "waiting", "year",
	NULL,
};

const struct templates_shown templates_shown[] = {
	{ "page/form.html", "action" },
	{ "page/challenge.html", "action" },
	{ "page/challenge.html", "challenge" },
	{ "page/pending.html", "action" },
	{ "page/confirm.html", "action" },
	{ "page/unsubscribe.html", "action" },
	{ "page/notme.html", "action" },
	{ "page/manage_ask.html", "action" },
	{ "page/manage.html", "action" },
	{ "page/manage_open.html", "action" },
	{ "page/manage_data.html", "action" },
	{ "page/manage_erase.html", "action" },
	{ NULL, NULL },
};
