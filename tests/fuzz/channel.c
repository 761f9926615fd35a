/* SPDX-License-Identifier: ISC */
/*
 * What an SMTP session hears from the mailer: a setup, then mails.
 */
#include "smtp/channel.h"

#include <unistd.h>

#include "base/slice.h"
#include "fuzz.h"
#include "io/files.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = files_memory(), got;
	struct channel channel;
	Session__Setup *setup = NULL;
	Session__Mail *mail = NULL;

	MUST(fd >= 0 && files_write_fd(fd, slice_of(data, size)) == 0);
	MUST(lseek(fd, 0, SEEK_SET) == 0);
	channel_init(&channel, fd);
	got = channel_receive_setup(&channel, &setup);
	MUST((got == 1) == (setup != NULL));
	MUST(got != 0 || size == 0);
	session__setup__free_unpacked(setup, NULL);
	while (got == 1) {
		got = channel_receive_mail(&channel, &mail);
		MUST((got == 1) == (mail != NULL));
		session__mail__free_unpacked(mail, NULL);
		mail = NULL;
	}
	channel_fini(&channel);
	(void)close(fd);
	return 0;
}
