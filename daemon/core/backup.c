/* SPDX-License-Identifier: ISC */
/*
 * A line is checked by making it again: it holds nothing but what its reader
 * knows then, too.
 */
#include "core/backup.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"

#define MARK "assent-backup 1 "
enum { TIME_SIZE = 20 };

struct backup_sum {
	struct crypto_sum *sum;
	uint64_t size;
	int64_t begun_at;
};

struct backup_sum *
backup_sum_new(int64_t begun_at)
{
	struct backup_sum *b = MEM_NEW(struct backup_sum);

	b->sum = crypto_sum_new();
	b->begun_at = begun_at;
	return b;
}

void
backup_sum_free(struct backup_sum *b)
{
	uint8_t hash[CRYPTO_HASH_SIZE];

	if (b == NULL)
		return;
	crypto_sum_end(b->sum, hash);
	free(b);
}

void
backup_sum_add(struct backup_sum *b, struct slice data)
{
	crypto_sum_add(b->sum, data);
	b->size += data.len;
}

uint64_t
backup_sum_size(const struct backup_sum *b)
{
	return b->size;
}

void
backup_sum_end(struct backup_sum *b, struct buf *ret_line)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	char time[CLOCK_RFC3339_SIZE];

	clock_rfc3339(b->begun_at, time);
	buf_printf(ret_line, MARK "%s %020" PRIu64 " ", time, b->size);
	crypto_sum_add(b->sum, buf_slice(ret_line));
	crypto_sum_end(b->sum, hash);
	bytes_add_hex(ret_line, hash, sizeof(hash));
	buf_add_char(ret_line, '\n');
	free(b);
}

bool
backup_line_read(struct slice line, int64_t *ret_begun_at)
{
	char time[TIME_SIZE + 1] = "";

	if (line.len != BACKUP_LINE_SIZE || !slice_starts(line, MARK))
		return false;
	memcpy(time, line.p + sizeof(MARK) - 1, TIME_SIZE);
	return clock_parse_rfc3339(time, ret_begun_at) == 0;
}
