/* SPDX-License-Identifier: ISC */
/*
 * Runs a target on each file of its corpus and prints TAP: so what a fuzzer
 * once found is a unit test.  The runs are a child's, so that it can be told
 * which file ends them; that this is noticed is tried first.
 *
 *     NAME [FILE…]
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "fuzz.h"
#include "io/files.h"

typedef int target(const uint8_t *data, size_t size);

struct corpus {
	char *path[8192];
	size_t count;
};

static int
refuse(const uint8_t *data, size_t size)
{
	MUST(size > 0 && data[0] != 'x');
	return 0;
}

/* In memory of its own size, so that a step too far is seen. */
static void
run_file(target *run, const char *path)
{
	struct buf text = { 0 };
	void *copy;

	MUST(files_read(NULL, path, &text) == 0);
	copy = malloc(text.len);
	MUST(copy != NULL || text.len == 0);
	if (text.len > 0)
		memcpy(copy, text.p, text.len);
	(void)run(copy, text.len);
	free(copy);
	buf_fini(&text);
}

/* The one that was not survived; NULL when all were. */
static const char *
run_apart(target *run, const struct corpus *corpus)
{
	size_t *at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *bad = NULL;
	int status = -1;
	pid_t pid;

	MUST(at != MAP_FAILED);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		for (*at = 0; *at < corpus->count; ++*at)
			run_file(run, corpus->path[*at]);
		exit(0);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	if (status != 0)
		bad = *at < corpus->count ? corpus->path[*at] : "the end";
	(void)munmap(at, sizeof(*at));
	return bad;
}

static bool
notices_a_failure(void)
{
	int fd = files_memory(), quiet = dup(STDERR_FILENO);
	char *path = mem_printf("/proc/self/fd/%d", fd);
	struct corpus one = { .path = { path }, .count = 1 };
	bool noticed, spared;

	MUST(fd >= 0 && write(fd, "y", 1) == 1);
	spared = run_apart(refuse, &one) == NULL;
	MUST(pwrite(fd, "x", 1, 0) == 1);
	(void)close(STDERR_FILENO);
	noticed = run_apart(refuse, &one) == path;
	(void)dup2(quiet, STDERR_FILENO);
	(void)close(quiet);
	(void)close(fd);
	free(path);
	return noticed && spared;
}

static void
add(struct corpus *corpus, char *path)
{
	MUST(corpus->count < sizeof(corpus->path) / sizeof(corpus->path[0]));
	corpus->path[corpus->count++] = path;
}

static void
add_folder(struct corpus *corpus, const char *folder)
{
	struct buf names = { 0 };

	if (files_list(NULL, folder, &names) == 0) {
		for (size_t i = 0; i < names.len;
		    i += strlen(names.p + i) + 1)
			add(corpus, mem_printf("%s/%s", folder, names.p + i));
	}
	buf_fini(&names);
}

static void
find_corpus(struct corpus *corpus, int argc, char **argv)
{
	const char *source = getenv("ASSENT_SRCDIR");
	const char *slash = strrchr(argv[0], '/');
	char *folder = mem_printf("%s/tests/fuzz/corpus/%s",
	    source != NULL ? source : ".",
	    slash != NULL ? slash + 1 : argv[0]);

	for (int i = 1; i < argc; i++)
		add(corpus, mem_strdup(argv[i]));
	if (argc == 1)
		add_folder(corpus, folder);
	free(folder);
}

static bool
tell(int number, bool good, const char *what)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", number, what);
	return good;
}

int
main(int argc, char **argv)
{
	static struct corpus corpus;
	const char *bad;
	bool good;

	find_corpus(&corpus, argc, argv);
	printf("1..3\n");
	(void)fflush(stdout);
	good = tell(1, notices_a_failure(), "notices a bad input");
	good &= tell(2, corpus.count > 0, "there is a corpus");
	(void)fflush(stdout);
	bad = run_apart(LLVMFuzzerTestOneInput, &corpus);
	if (bad != NULL)
		printf("# %s\n", bad);
	good &= tell(3, bad == NULL, "all of it is borne");
	for (size_t i = 0; i < corpus.count; i++)
		free(corpus.path[i]);
	return good ? 0 : 1;
}
