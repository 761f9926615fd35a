/* SPDX-License-Identifier: ISC */
/*
 * Users and groups of this system that the configuration names, as numbers.
 */
#ifndef CORE_CONFIG_CALLERS_H
#define CORE_CONFIG_CALLERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_caller {
	bool is_group;
	uint32_t id;
};

struct config_callers {
	struct config_caller *item;
	size_t count;
};

#endif
