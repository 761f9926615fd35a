/* SPDX-License-Identifier: ISC */
/*
 * The loader is that of this program: both are of one build.
 */
#include "io/sandbox_program.h"

#include <libgen.h>
#include <link.h>
#include <stdlib.h>

/* The real one: names of loaders are links. */
static void
allow_folder_of(struct sandbox *s, const char *path)
{
	char *real = realpath(path, NULL);

	if (real != NULL)
		sandbox_allow_path(s, dirname(real), SANDBOX_RUN);
	free(real);
}

/* The first one is the program itself. */
static int
on_object(struct dl_phdr_info *object, size_t size, void *arg)
{
	(void)size;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];
		union {
			ElfW(Addr) address;
			const char *path;
		} u = { .address = object->dlpi_addr + p->p_vaddr };

		if (p->p_type == PT_INTERP)
			allow_folder_of(arg, u.path);
	}
	return 1;
}

void
sandbox_program_allow(struct sandbox *s, const char *path)
{
	static const char *const libraries[] = { "/etc/ld.so.cache", "/lib",
	    "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib" };

	allow_folder_of(s, path);
	(void)dl_iterate_phdr(on_object, s);
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		sandbox_allow_path(s, libraries[i], SANDBOX_READ);
}
