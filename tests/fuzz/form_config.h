/* SPDX-License-Identifier: ISC */
/*
 * Two lists, and fields of every type, for the targets that read forms.
 */
#ifndef FORM_CONFIG_H
#define FORM_CONFIG_H

#include "core/config.h"

extern const struct config form_config;

#endif
