/* SPDX-License-Identifier: ISC */
/*
 * Enough of each for trees of more than one page.
 */
#include "app/engine/engine_world_full.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "core/address.h"

#define MUST(c, what) do {					\
	if (!(what))						\
		(c)->judge.fail(#what, __FILE__, __LINE__);	\
} while (0)

void
world_post_for(struct child *c, const char *name, int list)
{
	uint8_t cookie[CRYPTO_HASH_SIZE];
	Message__Envelope *question = world_simple_post(c);
	Message__Subscribe *s = question->subscribe;
	char *address = mem_printf("%s@example.org", name);
	struct address parsed;

	crypto_random(cookie, sizeof(cookie));
	MUST(c, address_parse(slice_str(address), &parsed) == ADDRESS_OK);
	s->address = address;
	s->address_key = parsed.key;
	s->lists = &c->lists[list].name;
	s->cookie_hash = (ProtobufCBinaryData){ sizeof(cookie), cookie };
	MUST(c, world_post(c, question) == ACCEPTED);
	free(address);
}

static struct world_mail
subscribe(struct child *c, const char *name, int list)
{
	struct world_mail mail;

	world_post_for(c, name, list);
	mail = world_take_mail(c, "confirm");
	MUST(c, world_press_confirm(c, mail.confirm) == DONE);
	return mail;
}

static void
deny(struct child *c, const struct world_mail *mail)
{
	world_visit(c, (struct world_visit){ MESSAGE__VISIT__ACTION__NOTME,
	    mail->notme, NULL, true, false });
}

static void
subscribe_readers(struct child *c)
{
	struct world_mail mail;
	char name[32];

	for (int i = 0; i < WORLD_PEOPLE; i++) {
		snprintf(name, sizeof(name), "reader%d", i);
		mail = subscribe(c, name, WORLD_DAILY);
		if (i % 4 == 0)
			deny(c, &mail);
	}
}

static void
fill(struct child *c)
{
	struct world_mail mail;

	subscribe_readers(c);
	subscribe(c, "welcomed", WORLD_WEEKLY);
	world_take_mail(c, "welcome");
	world_post_for(c, "welcomed", WORLD_WEEKLY);
	world_take_mail(c, "already");
	subscribe(c, "Typed", WORLD_DAILY);
	world_post_for(c, "Typed", WORLD_WEEKLY);
	world_take_mail(c, "confirm");
	subscribe(c, "gone", WORLD_DAILY);
	world_erase(c, "gone@example.org", false, false);
	world_suppress(c, "never@example.org", "admin");
	world_post_for(c, "denies", WORLD_DAILY);
	mail = world_take_mail(c, "confirm");
	deny(c, &mail);
	world_pass(DAY);
	world_post_for(c, "waits", WORLD_DAILY);
	world_take_mail(c, "confirm");
	world_post_for(c, "queued", WORLD_DAILY);
}

void
world_fill(struct child *c)
{
	c->config.retain.proof = 7 * 86400;
	MUST(c, world_live(c, fill) == 0);
}

uint64_t
world_seed(void)
{
	const char *given = getenv("ASSENT_SEED");
	uint64_t seed;

	crypto_random(&seed, sizeof(seed));
	if (given != NULL)
		seed = strtoull(given, NULL, 0);
	printf("# ASSENT_SEED=%" PRIu64 "\n", seed);
	return seed;
}

/* SplitMix64. */
uint64_t
world_random(uint64_t *seed)
{
	uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}
