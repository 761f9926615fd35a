/* SPDX-License-Identifier: ISC */
/*
 * The field `first_post`: HMAC-SHA256, cut to 16 bytes, and the packed
 * message, in base64url.
 */
#include "app/web/web_first.h"

#include <stdlib.h>

#include "app/web/web_request.h"
#include "base/bytes.h"
#include "base/mem.h"
#include "core/form_names.h"
#include "core/heap.h"

enum { MAC_SIZE = 16 };

static void
sign(const struct web *web, struct slice packed,
    uint8_t ret_mac[CRYPTO_HASH_SIZE])
{
	static const char what[] = "first post";
	struct buf data = { 0 };

	buf_add(&data, what, sizeof(what));
	buf_add_slice(&data, packed);
	crypto_hmac(slice_of(web->form_key, sizeof(web->form_key)),
	    buf_slice(&data), ret_mac);
	buf_fini(&data);
}

static Message__FirstPost *
first_new(void)
{
	Message__FirstPost *first = MEM_NEW(Message__FirstPost);

	message__first_post__init(first);
	first->evidence = MEM_NEW(Fact__Evidence);
	fact__evidence__init(first->evidence);
	return first;
}

/* NULL when it isn't ours. */
static Message__FirstPost *
unpack(const struct web *web, struct slice text)
{
	Message__FirstPost *first = NULL;
	uint8_t mac[CRYPTO_HASH_SIZE];
	size_t size = text.len * 3 / 4;
	uint8_t *bytes = mem_new(size + 1, 1);

	if (web->has_terms && size > MAC_SIZE &&
	    bytes_from_base64url(text, bytes, size) == 0) {
		sign(web, slice_of(bytes + MAC_SIZE, size - MAC_SIZE), mac);
		if (crypto_equal(mac, bytes, MAC_SIZE))
			first = message__first_post__unpack(heap_allocator(),
			    size - MAC_SIZE, bytes + MAC_SIZE);
	}
	free(bytes);
	if (first != NULL && first->evidence == NULL) {
		message__first_post__free_unpacked(first, NULL);
		first = NULL;
	}
	return first;
}

static Message__FirstPost *
of_headers(const struct http_request *request)
{
	Message__FirstPost *first = first_new();

	web_evidence_read_page(request, first->evidence);
	first->by_hand = web_is_by_hand(request);
	return first;
}

Message__FirstPost *
web_first_read(const struct web *web, const struct http_request *request,
    const struct http_form *form)
{
	const char *field = http_form_get(form,
	    form_names_own(FORM_FIELD_FIRST_POST));
	Message__FirstPost *first;

	/* Nobody else's page has anything to carry on. */
	if (field == NULL || web_origin_of_any(web, request) !=
	    WEB_ORIGIN_OWN)
		return of_headers(request);
	first = unpack(web, slice_str(field));
	return first != NULL ? first : first_new();
}

char *
web_first_write(const struct web *web, const Message__FirstPost *first)
{
	size_t size = message__first_post__get_packed_size(first);
	uint8_t *bytes = mem_new(MAC_SIZE + size, 1);
	uint8_t mac[CRYPTO_HASH_SIZE];
	struct buf text = { 0 };

	message__first_post__pack(first, bytes + MAC_SIZE);
	sign(web, slice_of(bytes + MAC_SIZE, size), mac);
	memcpy(bytes, mac, MAC_SIZE);
	bytes_add_base64url(&text, bytes, MAC_SIZE + size);
	free(bytes);
	return buf_take(&text);
}

enum web_origin
web_first_origin(const struct web *web, const Message__FirstPost *first,
    const struct config_list *const *lists, size_t count)
{
	const Fact__Evidence *e = first->evidence;
	struct web_origin_facts facts = {
		.fetch_site = slice_str(e->sec_fetch_site) };

	if (e->origin[0] != '\0')
		facts.origin = slice_str(e->origin);
	return web_origin_judge(web, &facts, lists, count);
}

void
web_first_tell(const Message__FirstPost *first, Fact__Evidence *evidence)
{
	const Fact__Evidence *e = first->evidence;

	evidence->origin = mem_strdup(e->origin);
	evidence->form_url = mem_strdup(e->form_url);
	evidence->sec_fetch_site = mem_strdup(e->sec_fetch_site);
	evidence->sec_fetch_user = mem_strdup(e->sec_fetch_user);
}
