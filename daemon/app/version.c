/* SPDX-License-Identifier: ISC */
/*
 * Versions, of us and of the libraries that this very process runs with.
 */
#include "app/version.h"

#include <event2/event.h>

#include "base/crypto.h"
#include "io/conf.h"
#include "io/dns.h"
#include "io/json.h"
#include "io/kv.h"
#include "io/mime.h"

void
version_print(FILE *out, const char *program)
{
	const struct {
		const char *library, *version;
	} libraries[] = {
		{ "libevent", event_get_version() },
		{ "OpenSSL", crypto_version() },
		{ "LMDB", kv_version() },
		{ "libConfuse", conf_version() },
		{ "Jansson", json_version() },
		{ "GMime", mime_version() },
		{ "c-ares", dns_version() },
	};

	fprintf(out, "%s %s\n", program, PACKAGE_VERSION);
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		fprintf(out, "%s %s\n", libraries[i].library,
		    libraries[i].version);
	if (!kv_is_synced())
		fprintf(out, "NOT SYNCED: loses data; for benchmarks only\n");
}
