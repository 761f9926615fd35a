/* SPDX-License-Identifier: ISC */
/*
 * As much of an IP address as the config lets evidence keep.
 */
#ifndef CORE_EVIDENCE_IP_H
#define CORE_EVIDENCE_IP_H

#include "base/ip.h"
#include "core/config.h"

/*
 * The address, its network ("192.0.2.0/24", "2001:db8:1::/48") or ""; "" too
 * if it isn't one.
 */
void evidence_ip_write(struct slice text, enum config_log_ip how,
    char ret_text[IP_TEXT_SIZE]);

#endif
