/* SPDX-License-Identifier: ISC */
/*
 * A mail as the engine tells the mailer, a member a line: what is made of it
 * has the headers that its kind has, goes to that address and to no other.
 */
#include "app/mailer/compose.h"

#include <string.h>

#include "app/templates/templates.h"
#include "base/crlf.h"
#include "base/mem.h"
#include "core/address.h"
#include "core/config.h"
#include "fuzz.h"

enum { LINES = 15 };

static char name[] = "weekly", from[] = "weekly@example.org",
    title[] = "The Weekly", base_url[] = "https://news.example.org",
    controller[] = "Example Ltd", none[] = "";
static struct config_list list = { .name = name, .title = title,
	.from_name = title, .from_address = from };
static const struct config config = { .base_url = base_url,
	.lists = &list, .list_count = 1, .controller = { controller,
	controller, none, none } };

static const struct templates *
shipped(void)
{
	static struct templates *templates;
	const char *source = getenv("ASSENT_SRCDIR");
	struct buf errors = { 0 };
	char *folder;

	if (templates != NULL)
		return templates;
	folder = mem_printf("%s/templates", source != NULL ? source : ".");
	templates = templates_load(folder, &errors);
	MUST(templates != NULL);
	free(folder);
	buf_fini(&errors);
	return templates;
}

/* Every line of the head begins with one of these, or goes on with one. */
static bool
is_known(struct slice line)
{
	static const char *const known[] = { "Date:", "From:", "To:",
		"Subject:", "Message-ID:", "Auto-Submitted:", "List-Id:",
		"List-Help:", "List-Owner:", "List-Unsubscribe:",
		"List-Unsubscribe-Post:", "List-Post:", "Feedback-ID:",
		"Content-Language:", "MIME-Version:", "Content-Type:", " ",
		"\t" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (slice_starts(line, known[i]))
			return true;
	}
	return false;
}

static void
check_mail(const Message__Mail *m, const struct composed *mail)
{
	struct slice rest = buf_slice(&mail->message), line;
	struct address address;

	MUST(crlf_is_clean(rest));
	MUST(strcmp(mail->to, m->address) == 0);
	MUST(strcmp(mail->from, from) == 0);
	MUST(address_parse(slice_str(mail->to), &address) == ADDRESS_OK);
	while (slice_split(&rest, '\n', &line) && !slice_eq_str(line, "\r"))
		MUST(is_known(line));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Message__Visited__Topic topic, *topics[] = { &topic };
	Fact__Alarm alarm;
	Message__Mail m;
	char **const members[LINES] = { &m.kind, &m.list, &m.lang, &m.address,
		&m.confirm_token, &m.notme_token, &m.unsubscribe_token,
		&m.manage_token, &m.code, &m.message_id, &m.asked_from,
		&m.asked_ip, &topic.title, &alarm.name, &topic.consent };
	struct slice rest = slice_of(data, size), line;
	struct composed mail = { 0 };
	const char *why = NULL;
	int error;

	message__visited__topic__init(&topic);
	fact__alarm__init(&alarm);
	message__mail__init(&m);
	for (int i = 0; i < LINES; i++) {
		line = slice_of(NULL, 0);
		(void)slice_split(&rest, '\n', &line);
		*members[i] = mem_strndup(line.len > 0 ? line.p : "",
		    line.len);
	}
	topic.list = name;
	m.topics = topics;
	m.n_topics = 1;
	m.alarm = &alarm;
	alarm.of = name;
	error = compose_mail(&m, &config, shipped(), &mail, &why);
	MUST((error == 0) == (why == NULL));
	if (error == 0)
		check_mail(&m, &mail);
	compose_fini(&mail);
	for (int i = 0; i < LINES; i++)
		free(*members[i]);
	return 0;
}
