/* SPDX-License-Identifier: ISC */
/*
 * Subscribe forms, ours and the ones that other tools' users have on their
 * pages.  A case is a query string without escapes: "a=b&c=d", with every
 * '+' a plus; what comes of it is written in one line.
 */
#include "core/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The config's strings are char *, but nobody writes to them. */
static char *
str(const char *literal)
{
	union {
		const char *borrowed;
		char *string;
	} u = { .borrowed = literal };

	return u.string;
}

static struct config_field weekly_fields[5];
static struct config_field shop_fields[5];
static struct config_list lists[3];
static struct config config;

static void
set_strings(struct config_strings *s, const char *const *texts)
{
	static char *pool[64];
	static size_t used;

	s->item = &pool[used];
	s->count = 0;
	while (texts[s->count] != NULL && used < COUNT(pool))
		pool[used++] = str(texts[s->count++]);
}
#define SET(s, ...) set_strings(&(s), (const char *const[]){ __VA_ARGS__, \
	NULL })

static void
set_field(struct config_field *f, const char *name,
    enum config_field_type type, uint32_t max)
{
	f->name = f->label = str(name);
	f->type = type;
	f->max = max;
}

static void
set_list(struct config_list *l, const char *name, const char *from)
{
	l->name = l->title = str(name);
	l->from_address = str(from);
	SET(l->languages, "en", "de");
}

static int
make_config(void **state)
{
	(void)state;
	set_list(&lists[0], "weekly", "weekly@news.example.org");
	SET(lists[0].aliases, "c8a2f6c4-1111-4222-8333-444455556666", "2");
	SET(lists[0].origins, "https://www.example.org", "*");
	set_field(&weekly_fields[0], "country", CONFIG_FIELD_TEXT, 2);
	SET(weekly_fields[0].aliases, "attribute1", "MMERGE3");
	set_field(&weekly_fields[1], "born", CONFIG_FIELD_DATE, 0);
	set_field(&weekly_fields[2], "size", CONFIG_FIELD_CHOICE, 0);
	SET(weekly_fields[2].choices, "S", "M", "extra large");
	lists[0].fields = weekly_fields;
	lists[0].field_count = 3;
	set_list(&lists[1], "shop", "shop@news.example.org");
	SET(lists[1].aliases, "5", "qLyB763abcDEF");
	SET(lists[1].languages, "fr", "en");
	lists[1].consent_required = true;
	set_field(&shop_fields[0], "country", CONFIG_FIELD_TEXT, 0);
	set_field(&shop_fields[1], "nonce", CONFIG_FIELD_NUMBER, 0);
	shop_fields[1].required = true;
	set_field(&shop_fields[2], "site", CONFIG_FIELD_URL, 0);
	set_field(&shop_fields[3], "friend", CONFIG_FIELD_EMAIL, 0);
	lists[1].fields = shop_fields;
	lists[1].field_count = 4;
	set_list(&lists[2], "notes", "notes@news.example.org");
	config.lists = lists;
	config.list_count = COUNT(lists);
	config.default_list = &lists[2];
	config.controller.contact = str("privacy@example.org");
	config.admin.notify = str("");
	SET(config.limits.refuse, "info@", "@throwaway.example");
	return 0;
}

static struct form *
read_query_to(const char *query, const char *path_list, const char *language,
    bool keep_typed)
{
	struct form_pair pairs[FORM_PAIRS_MAX + 1];
	struct form_input in = { .config = &config, .pairs = pairs,
		.path_list = path_list, .accept_language = language,
		.keep_typed = keep_typed };
	char *copy = mem_strdup(query), *at = copy;
	struct form *form;

	while (*at != '\0' && in.pair_count < COUNT(pairs)) {
		char *next = strchr(at, '&');
		char *value = at + strcspn(at, "=");

		if (next != NULL)
			*next = '\0';
		assert_int_equal(*value, '=');
		*value = '\0';
		pairs[in.pair_count++] = (struct form_pair){ at, value + 1 };
		at = next != NULL ? next + 1 : at + strlen(at) +
		    1 + strlen(value + 1);
	}
	form = form_read(&in);
	free(copy);
	return form;
}

static struct form *
read_query(const char *query, const char *path_list, const char *language)
{
	return read_query_to(query, path_list, language, false);
}

static void
add_pairs(struct buf *out, const char *what, Fact__Pair *const *pairs,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(out, " %s:%s=%s", what, pairs[i]->name,
		    pairs[i]->value);
}

static const char *const errors[FORM_ERROR_END] = {
	[FORM_OK] = "",
	[FORM_MISSING_EMAIL] = "missing_email",
	[FORM_INVALID_EMAIL] = "invalid_email",
	[FORM_UNKNOWN_LIST] = "unknown_list",
	[FORM_INVALID_FIELD] = "invalid_field",
	[FORM_CONSENT_REQUIRED] = "consent_required",
	[FORM_BAD_REQUEST] = "bad_request",
};

/* "weekly,shop a@x.org name:… field:n=v tag:… source:n=v robot ignored:2" */
static void
describe(const struct form *form, struct buf *out)
{
	const Message__Subscribe *m = form->subscribe;

	if (m == NULL) {
		buf_printf(out, "%s %s", errors[form->error], form->field);
		return;
	}
	for (size_t i = 0; i < m->n_lists; i++)
		buf_printf(out, "%s%s", i > 0 ? "," : "", m->lists[i]);
	buf_printf(out, " %s", m->address);
	if (m->name[0] != '\0')
		buf_printf(out, " name:%s", m->name);
	add_pairs(out, "field", m->fields, m->n_fields);
	for (size_t i = 0; i < m->n_tags; i++)
		buf_printf(out, " tag:%s", m->tags[i]);
	add_pairs(out, "source", m->evidence->source, m->evidence->n_source);
	if (form->redirect != NULL)
		buf_printf(out, " redirect:%s", form->redirect);
	if (m->robot)
		buf_add_str(out, " robot");
	if (form->ignored > 0)
		buf_printf(out, " ignored:%zu", form->ignored);
}

struct form_case {
	const char *query;
	const char *outcome;
};

static void
check(const struct form_case *c)
{
	struct form *form = read_query(c->query, NULL, NULL);
	struct buf got = { 0 };

	describe(form, &got);
	if (strcmp(buf_str(&got), c->outcome) != 0)
		fail_msg("%s\n got  '%s'\n want '%s'", c->query,
		    buf_str(&got), c->outcome);
	buf_fini(&got);
	form_free(form);
}

static const struct form_case vendors[] = {
	/* Mailchimp's embedded form, classic and with its extras */
	{ "EMAIL=jo@x.org&FNAME=Jo&LNAME=Doe&"
	    "b_0123456789abcdef01234567_89abcdef01=&subscribe=Subscribe",
	    "notes jo@x.org name:Jo Doe ignored:1" },
	{ "u=0123456789abcdef01234567&id=89abcdef01&EMAIL=jo@x.org&FNAME=&"
	    "LNAME=&PHONE=&group[123][1]=1&gdpr[77]=Y&"
	    "b_0123456789abcdef01234567_89abcdef01=&subscribe=Subscribe",
	    "notes jo@x.org ignored:6" },
	{ "EMAIL=jo@x.org&b_0123456789abcdef01234567_89abcdef01=spam",
	    "notes jo@x.org robot" },
	{ "list=weekly&EMAIL=jo@x.org&MMERGE3=CH&COUNTRY=CH",
	    "weekly jo@x.org field:country=CH" },
	/* listmonk's */
	{ "nonce=&email=jo@x.org&name=Jo Doe&"
	    "l=c8a2f6c4-1111-4222-8333-444455556666",
	    "weekly jo@x.org name:Jo Doe" },
	{ "nonce=&email=jo@x.org&name=&"
	    "l=c8a2f6c4-1111-4222-8333-444455556666&l=notes",
	    "weekly,notes jo@x.org" },
	{ "nonce=x&email=jo@x.org&l=weekly", "weekly jo@x.org robot" },
	{ "email=jo@x.org&name=Jo&"
	    "list_uuids=c8a2f6c4-1111-4222-8333-444455556666&"
	    "list_uuids=notes", "weekly,notes jo@x.org name:Jo" },
	/* Buttondown's */
	{ "email=jo@x.org&embed=1", "notes jo@x.org ignored:1" },
	{ "email=jo@x.org&tag=blog&tag=footer&metadata__country=CH&"
	    "metadata__color=red&embed=1",
	    "notes jo@x.org tag:blog tag:footer ignored:3" },
	{ "email=jo@x.org&tag=weekly&tag=blog&metadata__country=CH&embed=1",
	    "weekly jo@x.org field:country=CH tag:blog ignored:1" },
	{ "email_address=jo@x.org&tag=weekly&metadata[country]=CH&"
	    "utm_source=ad&referrer_url=https://a.example/",
	    "weekly jo@x.org field:country=CH source:utm_source=ad "
	    "source:referrer_url=https://a.example/" },
	/* phpList's subscribe page */
	{ "formtoken=abc&email=jo@x.org&emailconfirm=jo@x.org&htmlemail=1&"
	    "attribute1=CH&list[2]=signup&listname[2]=Weekly&"
	    "VerificationCodeX=&subscribe=Subscribe",
	    "weekly jo@x.org field:country=CH ignored:5" },
	{ "email=jo@x.org&list[2]=signup&list[9]=signup&VerificationCodeX=",
	    "unknown_list list" },
	{ "email=jo@x.org&list[2]=signup&VerificationCodeX=20",
	    "weekly jo@x.org robot" },
	/* Sendy's */
	{ "name=Jo&email=jo@x.org&hp=&list=qLyB763abcDEF&subform=yes&"
	    "submit=&consent=on&nonce=7",
	    "shop jo@x.org name:Jo field:nonce=7 ignored:2" },
	{ "api_key=k&name=Jo&email=jo@x.org&list=2&boolean=true&gdpr=true&"
	    "country=CH&hp=",
	    "weekly jo@x.org name:Jo field:country=CH ignored:3" },
	{ "name=Jo&email=jo@x.org&hp=http://x&list=2", "weekly jo@x.org "
	    "name:Jo robot" },
	/* ActiveCampaign's and Rails' bracketed names */
	{ "contact[email]=jo@x.org&contact[first_name]=Jo&list[]=weekly",
	    "weekly jo@x.org name:Jo" },
};

static const struct form_case rules[] = {
	/* email */
	{ "", "missing_email email" },
	{ "name=Jo", "missing_email email" },
	{ "email=", "missing_email email" },
	{ "email= ", "missing_email email" },
	{ "email= Jo@X.org ", "notes Jo@x.org" },
	{ "email=jo@b\xc3\xbc" "cher.example",
	    "notes jo@xn--bcher-kva.example" },
	{ "email=jo", "invalid_email email" },
	{ "email=jo@x.org,al@x.org", "invalid_email email" },
	{ "email=jo@x.org\r\nBcc: al@x.org", "invalid_email email" },
	{ "email=%@x.org", "notes %@x.org" },
	{ "email=a@%", "invalid_email email" },
	{ "email=postmaster@x.org", "invalid_email email" },
	{ "email=Weekly+1@news.example.org", "invalid_email email" },
	{ "email=privacy@example.org", "invalid_email email" },
	{ "email=privacy@x.org", "notes privacy@x.org" },
	{ "email=info@x.org", "invalid_email email" },
	{ "email=jo@throwaway.example", "invalid_email email" },
	{ "Email=jo@x.org", "missing_email email" },
	/* once and twice */
	{ "email=jo@x.org&email=jo@x.org", "notes jo@x.org" },
	{ "email=jo@x.org&EMAIL= jo@x.org", "notes jo@x.org" },
	{ "email=jo@x.org&email=al@x.org", "bad_request email" },
	{ "email=jo@x.org&EMAIL=al@x.org", "bad_request email" },
	{ "email=jo@x.org&email=", "bad_request email" },
	{ "email=jo@x.org&name=a&FNAME=b", "bad_request name" },
	{ "email=jo@x.org&lang=en&lang=de", "bad_request lang" },
	{ "email=jo@x.org&next=/a&redirect=/b", "bad_request redirect" },
	{ "email=jo@x.org&utm_source=a&campaign_source=b",
	    "bad_request utm_source" },
	{ "email=jo@x.org&list=weekly&country=CH&COUNTRY=DE",
	    "bad_request country" },
	{ "email=jo@x.org&foo=1&foo=2", "notes jo@x.org ignored:2" },
	/* lists */
	{ "email=jo@x.org&list=weekly", "weekly jo@x.org" },
	{ "email=jo@x.org&list=notes&l=weekly&list=2&list[]=notes",
	    "notes,weekly jo@x.org" },
	{ "email=jo@x.org&list=", "notes jo@x.org" },
	{ "email=jo@x.org&list=nope", "unknown_list list" },
	{ "email=jo@x.org&list=weekly&list=nope", "unknown_list list" },
	{ "email=jo@x.org&list=../weekly", "unknown_list list" },
	{ "email=jo@x.org&list=%", "unknown_list list" },
	{ "email=jo@x.org&list=WEEKLY", "unknown_list list" },
	{ "email=jo@x.org&list[2]=&list[5]=0", "notes jo@x.org" },
	{ "email=jo@x.org&list[0]=weekly", "weekly jo@x.org" },
	{ "email=jo@x.org&list[0]=weekly&list[1]=notes",
	    "weekly,notes jo@x.org" },
	{ "email=jo@x.org&list[2=x", "notes jo@x.org ignored:1" },
	{ "email=jo@x.org&tag=weekly&tag=2&tag=x&tag= x&tag=",
	    "weekly jo@x.org tag:x" },
	{ "email=jo@x.org&tag=a\tb", "invalid_field tag" },
	/* name */
	{ "email=jo@x.org&name=  Jo  Doe ", "notes jo@x.org name:Jo  Doe" },
	{ "email=jo@x.org&LNAME=Doe", "notes jo@x.org name:Doe" },
	{ "email=jo@x.org&name=Jo\nDoe", "invalid_field name" },
	{ "email=jo@x.org&name=Jo\xe2\x80\xae", "invalid_field name" },
	{ "email=jo@x.org&name=\xe2\x80\x8b", "invalid_field name" },
	{ "email=jo@x.org&name=\xd9\x85\xe2\x80\x8c\xd9\x85",
	    "notes jo@x.org name:\xd9\x85\xe2\x80\x8c\xd9\x85" },
	{ "email=jo@x.org&name=\xff", "invalid_field name" },
	{ "email=jo@x.org&name=Jose\xcc\x81",
	    "notes jo@x.org name:Jos\xc3\xa9" },
	{ "email=jo@x.org&name=<b>{{x}}", "notes jo@x.org name:<b>{{x}}" },
	/* a list's own fields */
	{ "email=jo@x.org&list=weekly&country=CHE", "invalid_field country" },
	{ "email=jo@x.org&country=CHE", "notes jo@x.org ignored:1" },
	{ "email=jo@x.org&list=weekly&country=\x07", "invalid_field country" },
	{ "email=jo@x.org&list=weekly&country=", "weekly jo@x.org" },
	{ "email=jo@x.org&list=weekly&Country=CH", "weekly jo@x.org "
	    "ignored:1" },
	{ "email=jo@x.org&list=weekly&born=2000-02-29&size=extra large",
	    "weekly jo@x.org field:born=2000-02-29 field:size=extra large" },
	{ "email=jo@x.org&list=weekly&born=1900-02-29", "invalid_field born" },
	{ "email=jo@x.org&list=weekly&size=m", "invalid_field size" },
	{ "email=jo@x.org&list=shop&consent=1", "invalid_field nonce" },
	{ "email=jo@x.org&list=shop&consent=1&nonce=-1.5&hp=",
	    "shop jo@x.org field:nonce=-1.5" },
	{ "email=jo@x.org&list=shop&consent=1&nonce=1.", "invalid_field "
	    "nonce" },
	{ "email=jo@x.org&list=shop&consent=1&nonce=1&site=//x",
	    "invalid_field site" },
	{ "email=jo@x.org&list=shop&consent=1&nonce=1&site=http://x.org/&"
	    "friend=al@x.org", "shop jo@x.org field:nonce=1 "
	    "field:site=http://x.org/ field:friend=al@x.org" },
	{ "email=jo@x.org&list=shop&consent=1&nonce=1&friend=al",
	    "invalid_field friend" },
	{ "email=jo@x.org&list=weekly&list=shop&consent=1&nonce=1&"
	    "country=CH", "weekly,shop jo@x.org field:country=CH "
	    "field:nonce=1" },
	{ "email=jo@x.org&list=shop&list=weekly&consent=1&nonce=1&"
	    "country=CHE", "invalid_field country" },
	/* consent */
	{ "email=jo@x.org&list=shop&nonce=1", "consent_required consent" },
	{ "email=jo@x.org&list=shop&nonce=1&consent=",
	    "consent_required consent" },
	{ "email=jo@x.org&list=shop&nonce=1&consent=false",
	    "consent_required consent" },
	{ "email=jo@x.org&list=weekly&list=shop&nonce=1&consent=0",
	    "consent_required consent" },
	{ "email=jo@x.org&list=shop&nonce=1&consent[shop]=yes",
	    "shop jo@x.org field:nonce=1" },
	{ "email=jo@x.org&list=shop&nonce=1&consent[5]=yes&consent[weekly]=0",
	    "shop jo@x.org field:nonce=1" },
	{ "email=jo@x.org&list=shop&nonce=1&consent[weekly]=yes",
	    "consent_required consent" },
	{ "email=jo@x.org&list=weekly&list=shop&nonce=1&consent[weekly]=yes&"
	    "consent[shop]=", "consent_required consent" },
	{ "email=jo@x.org&list=shop&nonce=1&consent[]=yes",
	    "consent_required consent" },
	{ "email=jo@x.org&list=shop&nonce=1&consent=yes",
	    "shop jo@x.org field:nonce=1" },
	/* redirect: only to origins that are named, "*" names none */
	{ "email=jo@x.org&list=weekly&redirect=https://www.example.org/ok",
	    "weekly jo@x.org redirect:https://www.example.org/ok" },
	{ "email=jo@x.org&list=weekly&next=https://evil.example/",
	    "weekly jo@x.org" },
	{ "email=jo@x.org&list=weekly&next=//www.example.org/",
	    "weekly jo@x.org" },
	{ "email=jo@x.org&next=https://www.example.org/", "notes jo@x.org" },
	/* where it came from, what is for later */
	{ "email=jo@x.org&landing_page=/a&source=b&utm_term=c&utm_content=",
	    "notes jo@x.org source:source=b source:utm_term=c "
	    "source:landing_page=/a" },
	{ "email=jo@x.org&source=a\tb", "notes jo@x.org ignored:1" },
	{ "email=jo@x.org&form_token=x&altcha=y&first_post=z",
	    "notes jo@x.org" },
	/* honeypots */
	{ "email=jo@x.org&hp=&nonce= ", "notes jo@x.org" },
	{ "email=jo@x.org&hp=x", "notes jo@x.org robot" },
	{ "email=jo@x.org&b_x_1=x&b_1=x&b_1_=x",
	    "notes jo@x.org ignored:3" },
	{ "email=jo&hp=x", "invalid_email email" },
};

static void
test_vendors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vendors); i++)
		check(&vendors[i]);
}

static void
test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++)
		check(&rules[i]);
}

static const struct {
	const char *query, *path, *language;
	const char *list, *lang;	/* list: of the form, error or not */
	enum form_error error;
} places[] = {
	{ "email=a@x.org", "weekly", NULL, "weekly", "en", FORM_OK },
	{ "email=a@x.org", "2", NULL, "weekly", "en", FORM_OK },
	{ "email=a@x.org&list=notes", "weekly", NULL, "weekly", "en",
	    FORM_OK },
	{ "email=a@x.org", "nope", "de", "notes", "de", FORM_UNKNOWN_LIST },
	{ "email=a@x.org", NULL, "de-CH,en;q=0.5", "notes", "de", FORM_OK },
	{ "email=a@x.org", NULL, "fr", "notes", "en", FORM_OK },
	{ "email=a@x.org", NULL, ";;;", "notes", "en", FORM_OK },
	{ "email=a@x.org&lang=de", NULL, "en", "notes", "de", FORM_OK },
	{ "email=a@x.org&lang=xx", NULL, "de", "notes", "de", FORM_OK },
	{ "email=a@x.org&lang=../x", NULL, "de", "notes", "de", FORM_OK },
	{ "lang=de", "weekly", NULL, "weekly", "de", FORM_MISSING_EMAIL },
	{ "email=a@x.org&list=shop", NULL, "de", "shop", "fr",
	    FORM_INVALID_FIELD },
	{ "email=a@x.org&list=weekly&list=nope", NULL, NULL, "weekly", "en",
	    FORM_UNKNOWN_LIST },
};

static void
test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		struct form *form = read_query(places[i].query,
		    places[i].path, places[i].language);

		assert_int_equal(form->error, places[i].error);
		assert_string_equal(form->list->name, places[i].list);
		assert_string_equal(form->lang, places[i].lang);
		if (form->subscribe != NULL)
			assert_string_equal(form->subscribe->lang,
			    places[i].lang);
		form_free(form);
	}
}

/* What a form that was refused is shown again with. */
static const struct {
	const char *query, *path;
	const char *lists, *typed;
} mends[] = {
	{ "email=no&list=weekly", NULL, "weekly", " email=no" },
	{ "email=no&list=shop&tag=weekly&tag=notes", "notes",
	    "notes,shop,weekly", " email=no" },
	{ "name=Jo&country=CH&hp=x&form_token=t&altcha=a&consent=1&x=y",
	    "weekly", "weekly", " name=Jo country=CH" },
	{ "EMAIL=no&FNAME=Jo&LNAME=Doe&MMERGE3=CH", "2", "weekly",
	    " email=no name=Jo Doe country=CH" },
	{ "email=no&tag=red&tag=blue&campaign_source=tv&source=ad&lang=de",
	    NULL, "notes", " email=no tag=red tag=blue source=ad "
	    "utm_source=tv" },
	{ "email=no&next=https://www.example.org/a&list=weekly", NULL,
	    "weekly", " email=no redirect=https://www.example.org/a" },
	{ "email=no&next=https://evil.example/a&list=weekly", NULL, "weekly",
	    " email=no" },
	{ "email=no&name=a\x1b" "b", NULL, "notes", " email=no" },
	/* Twice: the first; what comes after it isn't lost. */
	{ "email=a@x.org&email=b@x.org&name=Jo&name=Jo", NULL, "notes",
	    " email=a@x.org name=Jo" },
	{ "country=CH&country=DE", "weekly", "weekly", " country=CH" },
	{ "email=a@x.org", NULL, "notes", "" },
	{ "email=a@x.org&list=nope", NULL, "", "" },
};

static void
test_mends(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mends); i++) {
		struct form *form = read_query(mends[i].query, mends[i].path,
		    NULL);
		struct buf names = { 0 }, typed = { 0 };

		for (size_t k = 0; k < form->list_count; k++)
			buf_printf(&names, "%s%s", k > 0 ? "," : "",
			    form->lists[k]->name);
		for (size_t k = 0; k < form->typed_count; k++)
			buf_printf(&typed, " %s=%s", form->typed[k].name,
			    form->typed[k].value);
		if (strcmp(buf_str(&names), mends[i].lists) != 0 ||
		    strcmp(buf_str(&typed), mends[i].typed) != 0)
			fail_msg("%s: '%s'%s", mends[i].query,
			    buf_str(&names), buf_str(&typed));
		buf_fini(&names);
		buf_fini(&typed);
		form_free(form);
	}
}

struct carried {
	struct form_pair pairs[FORM_PAIRS_MAX];
	size_t count;
};

static void
carry(const char *name, const char *value, void *arg)
{
	struct carried *carried = arg;

	assert_true(carried->count < FORM_PAIRS_MAX);
	carried->pairs[carried->count++] = (struct form_pair){ name, value };
}

/* A form that is in order, and another of what was kept of it: the same, but
 * for what was nobody's. */
static void
check_carried(const struct form_case *c)
{
	struct form *form, *again;
	struct buf got = { 0 }, got_again = { 0 };
	struct carried carried = { .count = 0 };

	form = read_query_to(c->query, NULL, "de", true);
	if (form->error == FORM_OK) {
		form_typed_each(form, carry, &carried);
		again = form_read(&(struct form_input){ .config = &config,
			.pairs = carried.pairs,
			.pair_count = carried.count });
		form->ignored = 0;
		form->subscribe->robot = false;
		describe(form, &got);
		describe(again, &got_again);
		assert_string_equal(buf_str(&got_again), buf_str(&got));
		assert_string_equal(again->lang, form->lang);
		form_free(again);
	}
	buf_fini(&got);
	buf_fini(&got_again);
	form_free(form);
}

static void
test_carried(void **state)
{
	struct form_case large = { .outcome = "" };
	char *value = mem_printf("%04000d", 7), *query;

	(void)state;
	for (size_t i = 0; i < COUNT(vendors); i++)
		check_carried(&vendors[i]);
	for (size_t i = 0; i < COUNT(rules); i++)
		check_carried(&rules[i]);
	/* More than is shown again where there is something to mend. */
	lists[0].fields[0].max = 5000;
	query = mem_printf("email=a@x.org&list=weekly&country=%s", value);
	large.query = query;
	check_carried(&large);
	lists[0].fields[0].max = 2;
	free(query);
	free(value);
}

static void
test_no_default(void **state)
{
	struct form *form;

	(void)state;
	config.default_list = NULL;
	form = read_query("email=a@x.org", NULL, NULL);
	assert_int_equal(form->error, FORM_UNKNOWN_LIST);
	assert_null(form->list);
	assert_null(form->lang);
	form_free(form);
	config.default_list = &lists[2];
}

/* It counts as it will be kept: composed. */
static void
test_decomposed_name(void **state)
{
	(void)state;
	for (size_t syllables = 66; syllables <= 67; syllables++) {
		struct buf query = { 0 };
		struct form *form;

		buf_add_str(&query, "email=a@x.org&name=");
		for (size_t i = 0; i < syllables; i++)
			buf_add_str(&query, "\xe1\x84\x92\xe1\x85\xa1"
			    "\xe1\x86\xab");
		form = read_query(buf_str(&query), NULL, NULL);
		assert_int_equal(form->error, syllables * 3 <= FORM_NAME_MAX ?
		    FORM_OK : FORM_INVALID_FIELD);
		form_free(form);
		buf_fini(&query);
	}
}

/* A name of 200 bytes is taken, 201 are not; 64 pairs are, 65 are not. */
static void
test_limits(void **state)
{
	struct buf query = { 0 };

	(void)state;
	for (size_t len = 199; len <= 201; len++) {
		struct form *form;

		buf_reset(&query);
		buf_add_str(&query, "email=a@x.org&name=");
		for (size_t i = 0; i < len; i++)
			buf_add_char(&query, 'x');
		form = read_query(buf_str(&query), NULL, NULL);
		assert_int_equal(form->error, len <= FORM_NAME_MAX ? FORM_OK :
		    FORM_INVALID_FIELD);
		form_free(form);
	}
	for (size_t count = FORM_PAIRS_MAX; count <= FORM_PAIRS_MAX + 1;
	    count++) {
		struct form *form;

		buf_reset(&query);
		buf_add_str(&query, "email=a@x.org");
		for (size_t i = 1; i < count; i++)
			buf_printf(&query, "&tag=%zu0", i);
		form = read_query(buf_str(&query), NULL, NULL);
		assert_int_equal(form->error, count <= FORM_PAIRS_MAX ?
		    FORM_OK : FORM_BAD_REQUEST);
		form_free(form);
	}
	buf_fini(&query);
}

static void
test_message(void **state)
{
	struct form *form = read_query("email=Jo@x.org&list=weekly", NULL,
	    NULL);
	Message__Subscribe *m = form_take_subscribe(form);

	(void)state;
	assert_null(form->subscribe);
	form_free(form);
	assert_string_equal(m->address, "Jo@x.org");
	assert_string_equal(m->address_key, "jo@x.org");
	assert_non_null(m->evidence);
	assert_string_equal(m->evidence->ip, "");
	message__subscribe__free_unpacked(m, NULL);
	form_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vendors),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_mends),
		cmocka_unit_test(test_carried),
		cmocka_unit_test(test_no_default),
		cmocka_unit_test(test_decomposed_name),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_message),
	};

	return cmocka_run_group_tests(tests, make_config, NULL);
}
