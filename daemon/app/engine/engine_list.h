/* SPDX-License-Identifier: ISC */
/*
 * The lists as the engine knows them: by numbers that outlive the config.
 */
#ifndef APP_ENGINE_LIST_H
#define APP_ENGINE_LIST_H

#include <stdint.h>

struct config_list;
struct engine;

/* A list that is, or once was, in the config. */
struct engine_list {
	uint32_t id;		/* from 1, never used again */
	char *name, *title;
	const struct config_list *config;	/* NULL: no longer there */
	uint8_t consent[32];	/* SHA-256 of its consent text */
};

/* By number or name; NULL when there is none. */
const struct engine_list *engine_list_by_id(const struct engine *,
    uint32_t id);
const struct engine_list *engine_list_by_name(const struct engine *,
    const char *name);

#endif
