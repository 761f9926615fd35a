/* SPDX-License-Identifier: ISC */
/*
 * Reading a post of the subscribe form, whatever its type.
 */
#include "app/web/web_post.h"

#include <stdlib.h>

#include "app/web/web_request.h"
#include "base/clock.h"

static struct form *
read_fields(struct web *web, const struct http_request *request,
    const struct http_form *posted, struct slice list)
{
	char *path_list = list.len > 0 ? slice_dup(list) : NULL;
	char *accept_language = slice_dup(http_request_header(request,
	    HTTP_FIELD_ACCEPT_LANGUAGE));
	struct form_pair pairs[HTTP_FORM_MAX];
	struct form *form;

	for (size_t i = 0; i < posted->count; i++)
		pairs[i] = (struct form_pair){ posted->pair[i].name,
			posted->pair[i].value };
	form = form_read(&(struct form_input){
		.config = web->config,
		.pairs = pairs,
		.pair_count = posted->count,
		.path_list = path_list,
		.accept_language = accept_language,
		/* For the page that may ask for a proof. */
		.keep_typed =
		    web->config->limits.challenge != CONFIG_CHALLENGE_OFF,
	});
	free(path_list);
	free(accept_language);
	return form;
}

enum web_error
web_post_read(struct web *web, const struct http_request *request,
    struct slice name, struct web_post *ret_post)
{
	struct web_post *post = ret_post;
	enum web_error error;
	struct http_form *posted = web_parse_form(request, &error);
	struct form *form;

	if (posted == NULL)
		return error;
	form = read_fields(web, request, posted, name);
	post->form = form;
	post->origin = web_origin_of(web, request, form->lists,
	    form->list_count);
	post->first = web_first_read(web, request, posted);
	post->first_origin = web_first_origin(web, post->first, form->lists,
	    form->list_count);
	/* Who was a robot at first is none for having left the trap out. */
	if (form->subscribe != NULL && form->subscribe->robot)
		post->first->robot = true;
	web_proof_read(web, posted, form->lists, form->list_count,
	    clock_wall_us() / CLOCK_SECOND, &post->proof);
	http_form_free(posted);
	return WEB_OK;
}

void
web_post_end(struct web_post *post)
{
	form_free(post->form);
	message__first_post__free_unpacked(post->first, NULL);
}

Message__Subscribe *
web_post_message(struct web_post *post, const struct http_request *request)
{
	Message__Subscribe *message = form_take_subscribe(post->form);

	web_evidence_read_client(request, message->evidence);
	web_first_tell(post->first, message->evidence);
	message->robot = post->first->robot;
	message->proof = web_proof_message(&post->proof);
	return message;
}
