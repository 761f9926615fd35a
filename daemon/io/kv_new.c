/* SPDX-License-Identifier: ISC */
/*
 * In another folder first, and then in its place.
 */
#include "io/kv_new.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/files.h"
#include "io/kv_private.h"

static int
make(const char *folder, uint64_t map_size)
{
	MDB_env *env;
	int rc = mdb_env_create(&env);

	if (rc != 0)
		return rc;
	rc = mdb_env_set_mapsize(env, map_size);
	if (rc == 0)
		rc = mdb_env_open(env, folder, MDB_NOLOCK, 0600);
	if (rc == 0)
		rc = mdb_env_sync(env, 1);
	mdb_env_close(env);
	return rc;
}

/* In a folder of its own, which may be there from the last time. */
static int
make_aside(const char *aside, const char *fresh, uint64_t map_size)
{
	if ((mkdir(aside, 0700) < 0 && errno != EEXIST) ||
	    (unlink(fresh) < 0 && errno != ENOENT))
		return errno;
	return make(aside, map_size);
}

static int
make_in_place(const char *folder, const char *path, uint64_t map_size)
{
	char *aside = mem_printf("%s/new", folder);
	char *fresh = mem_printf("%s/data.mdb", aside);
	int rc = make_aside(aside, fresh, map_size);

	if (rc == 0 && rename(fresh, path) < 0)
		rc = errno;
	if (rc == 0)
		rc = -files_sync_folder(folder);
	(void)unlinkat(AT_FDCWD, aside, AT_REMOVEDIR);
	free(fresh);
	free(aside);
	return rc;
}

int
kv_new(const char *folder, uint64_t map_size)
{
	char *path = mem_printf("%s/data.mdb", folder);
	int rc = access(path, F_OK) == 0 ? 0 :
	    make_in_place(folder, path, map_size);

	free(path);
	/* LMDB's codes are negative already, errno's are not. */
	return rc > 0 ? -rc : rc;
}
