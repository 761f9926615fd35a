/* SPDX-License-Identifier: ISC */
/*
 * Made-up rows of the outbox.
 */
#include "app/mailer/sample.h"

#include <stdlib.h>

#include "app/mail_kind.h"
#include "base/mem.h"
#include "core/config.h"

struct sample {
	Message__Mail mail;
	Message__Visited__Topic topic;
	Message__Visited__Topic *topics[1];
	char *kind, *lang, *message_id;		/* owned */
};

/* As long as tokens are. */
static char token[] = "SampleSampleSampleSampleSampleSamp";
static char address[] = "reader@example.net", code[] = "ABCD-2345";
static char network[] = "203.0.113.0/24";	/* RFC 5737 */

static char no_token[] = "", of[] = "network", why[] = "unconfirmed";
static Fact__Alarm alarm = {
	.base = PROTOBUF_C_MESSAGE_INIT(&fact__alarm__descriptor), .of = of,
	.name = network, .why = why, .asked = 420, .confirmed = 12 };

/* The first one that isn't "any". */
static char *
origin_of(const struct config_list *list)
{
	static char none[] = "";

	for (size_t i = 0; i < list->origins.count; i++) {
		if (strcmp(list->origins.item[i], "*") != 0)
			return list->origins.item[i];
	}
	return none;
}

/* What only a mail about a request has. */
static void
set_request(Message__Mail *mail, const struct config_list *list)
{
	mail->topics[0]->consent = list->consent;
	mail->confirm_token = token;
	mail->notme_token = token;
	mail->code = code;
	mail->asked_at = mail->queued_at;
	mail->asked_from = origin_of(list);
	mail->asked_ip = network;
}

static void
set_by_kind(Message__Mail *mail, const struct config_list *list)
{
	const struct mail_kind *kind = mail_kind_find(mail->kind);

	if (kind == NULL)
		return;
	switch (kind->about) {
	case MAIL_ABOUT_REQUEST:
		set_request(mail, list);
		break;
	case MAIL_ABOUT_MANAGE:
		mail->manage_token = token;
		mail->code = code;
		break;
	case MAIL_ABOUT_ALARM:
		mail->alarm = &alarm;
		mail->unsubscribe_token = no_token;
		break;
	case MAIL_ABOUT_SUBSCRIPTION:
	case MAIL_ABOUT_ALREADY:
	case MAIL_ABOUTS:
		break;
	}
}

struct sample *
sample_new(const struct config *config, const struct config_list *list,
    const char *kind, const char *lang, int64_t now)
{
	struct sample *s = MEM_NEW(struct sample);
	struct slice host = config_host(config);

	s->kind = mem_strdup(kind);
	s->lang = mem_strdup(lang);
	s->message_id = mem_printf("sample@%.*s", SLICE_FMT(host));
	message__mail__init(&s->mail);
	message__visited__topic__init(&s->topic);
	s->topic.list = list->name;
	s->topic.title = list->title;
	s->topics[0] = &s->topic;
	s->mail.topics = s->topics;
	s->mail.n_topics = 1;
	s->mail.kind = s->kind;
	s->mail.list = list->name;
	s->mail.lang = s->lang;
	s->mail.address = address;
	s->mail.message_id = s->message_id;
	s->mail.queued_at = now;
	s->mail.unsubscribe_token = token;
	set_by_kind(&s->mail, list);
	return s;
}

void
sample_free(struct sample *s)
{
	if (s == NULL)
		return;
	free(s->kind);
	free(s->lang);
	free(s->message_id);
	free(s);
}

const Message__Mail *
sample_mail(const struct sample *s)
{
	return &s->mail;
}
