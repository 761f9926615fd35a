/* SPDX-License-Identifier: ISC */
/*
 * Files that another process read: what was taken is handed on as it came.
 */
#include "io/files.h"

#include <unistd.h>

#include "base/buf.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = files_memory(), again = files_memory();
	struct buf one = { 0 }, two = { 0 };
	struct files *files, *twin;

	MUST(fd >= 0 && again >= 0);
	MUST(files_write_fd(fd, slice_of(data, size)) == 0);
	files = files_of(fd);
	if (files != NULL) {
		MUST(files_are_kept(files));
		MUST(files_save(files, again) == 0);
		twin = files_of(again);
		MUST(twin != NULL);
		(void)files_read(files, "a", &one);
		(void)files_read(twin, "a", &two);
		MUST(slice_eq(buf_slice(&one), buf_slice(&two)));
		files_free(twin);
		files_free(files);
	}
	buf_fini(&one);
	buf_fini(&two);
	(void)close(fd);
	(void)close(again);
	return 0;
}
