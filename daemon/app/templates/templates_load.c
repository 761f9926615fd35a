/* SPDX-License-Identifier: ISC */
/*
 * Reading a folder of templates: which files count, and what each alone must
 * be.  How they go together is checked by app/templates_check.
 */
#include <errno.h>
#include <stdlib.h>

#include "app/templates/templates_set.h"
#include "base/bytes.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/catalog.h"
#include "core/lang.h"
#include "core/mustache.h"
#include "io/files.h"

enum { FILE_SIZE_MAX = 512 * 1024, URL_HASH_BYTES = 6 };

/* A folder being read: into which set, from where. */
struct folder {
	struct templates *set;
	struct files *files;
	struct buf *errors;
};

/* One file being read. */
struct file {
	struct templates *set;
	struct files *files;
	const char *part;	/* "page", "mail", "lang", "assets" */
	const char *name;	/* in that folder */
	char *path;
	struct buf content;
	struct buf *errors;
};

static int fail(struct buf *errors, const char *path, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int
fail(struct buf *errors, const char *path, unsigned line, const char *fmt,
    ...)
{
	va_list ap;

	buf_printf(errors, "%s:%u: ", path, line);
	va_start(ap, fmt);
	buf_vprintf(errors, fmt, ap);
	va_end(ap);
	buf_add_char(errors, '\n');
	return -1;
}

/* ---- what each kind of file becomes ---- */

static int
add_template(struct file *f)
{
	struct templates *t = f->set;
	struct mustache_error error;
	struct mustache *m;

	if (!utf8_is_valid(buf_slice(&f->content)))
		return fail(f->errors, f->path, 1, "this is not UTF-8: save "
		    "it as UTF-8");
	m = mustache_compile(buf_slice(&f->content), &error);
	if (m == NULL)
		return fail(f->errors, f->path, error.line, "%s", error.what);
	t->template = mem_resize(t->template, t->template_count + 1,
	    sizeof(*t->template));
	t->template[t->template_count++] = (struct template){
		.name = mem_printf("%s/%s", f->part, f->name),
		.mustache = m,
	};
	return 0;
}

static int
add_language(struct file *f)
{
	struct templates *t = f->set;
	struct mustache_error error;
	struct catalog *catalog;

	if (!lang_is_tag(slice_str(f->name)))
		return fail(f->errors, f->path, 1, "a catalogue is named by "
		    "its language's tag, such as \"de\" or \"pt-BR\"");
	catalog = catalog_parse(buf_slice(&f->content), f->path, f->errors);
	if (catalog == NULL)
		return -1;
	t->language = mem_resize(t->language, t->language_count + 1,
	    sizeof(*t->language));
	t->language[t->language_count++] = (struct language){
		.name = mem_strdup(f->name),
		.catalog = catalog,
		.tag = mustache_compile(slice_str(f->name), &error),
	};
	return 0;
}

static const struct {
	const char *ending, *type;
} asset_types[] = {
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".jpg", "image/jpeg" },
	{ ".webp", "image/webp" },
	{ ".ico", "image/vnd.microsoft.icon" },
	{ ".woff2", "font/woff2" },
	{ ".txt", "text/plain; charset=utf-8" },
};

static const char *
asset_type(struct slice name)
{
	for (size_t i = 0; i < sizeof(asset_types) / sizeof(asset_types[0]);
	    i++) {
		if (slice_ends(name, asset_types[i].ending))
			return asset_types[i].type;
	}
	return NULL;
}

/* "style.css" as "style-1a2b3c4d5e6f.css", so that caches may keep it. */
static char *
hashed_name(struct slice name, struct slice content)
{
	size_t dot = (size_t)slice_rfind(name, '.');
	uint8_t hash[CRYPTO_HASH_SIZE];
	struct buf out = { 0 };

	crypto_hash(content, hash);
	buf_add_slice(&out, slice_sub(name, 0, dot));
	buf_add_char(&out, '-');
	bytes_add_hex(&out, hash, URL_HASH_BYTES);
	buf_add_slice(&out, slice_sub(name, dot, name.len));
	return buf_take(&out);
}

static bool
is_plain_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && strchr("-_.", c) == NULL)
			return false;
	}
	return true;
}

static int
add_asset(struct file *f)
{
	struct templates *t = f->set;
	struct slice name = slice_str(f->name);
	const char *type = asset_type(name);
	struct asset_file *a;
	size_t len = f->content.len;

	if (type == NULL || !is_plain_name(name))
		return fail(f->errors, f->path, 1, "an asset is a .css, .js, "
		    ".svg, .png, .jpg, .webp, .ico, .woff2 or .txt file with "
		    "a name of letters, digits, \"-\", \"_\" and \".\"");
	t->asset = mem_resize(t->asset, t->asset_count + 1,
	    sizeof(*t->asset));
	a = &t->asset[t->asset_count++];
	a->name = mem_strdup(f->name);
	a->url_name = hashed_name(name, buf_slice(&f->content));
	a->content = buf_take(&f->content);
	a->asset = (struct asset){ .name = a->name, .url_name = a->url_name,
		.type = type, .content = slice_of(a->content, len) };
	return 0;
}

/* ---- folders ---- */

static const struct part {
	const char *name;
	const char *endings[2];	/* of those that count; "": no dot at all */
	int (*add)(struct file *);
} parts[] = {
	{ "page", { ".html" }, add_template },
	{ "mail", { ".html", ".txt" }, add_template },
	{ "lang", { "" }, add_language },
	{ "assets", { "." }, add_asset },
};

/* Editors and packagers leave copies behind, such as "x.dpkg-old". */
static bool
counts(const struct part *part, const char *file)
{
	struct slice name = slice_str(file);

	for (size_t i = 0; i < 2 && part->endings[i] != NULL; i++) {
		const char *ending = part->endings[i];

		if (ending[0] == '\0' ? slice_find(name, '.') < 0 :
		    ending[1] == '\0' ? slice_find(name, '.') > 0 :
		    slice_ends(name, ending))
			return true;
	}
	return false;
}

/* Some editors put one in front: it would be shown, or break a catalogue. */
static void
drop_byte_order_mark(struct buf *content)
{
	static const char mark[] = "\xef\xbb\xbf";
	const size_t len = sizeof(mark) - 1;

	if (!slice_starts(buf_slice(content), mark))
		return;
	content->len -= len;
	/* With its NUL. */
	memmove(content->p, content->p + len, content->len + 1);
}

static int
read_content(struct file *f)
{
	int error;

	buf_init(&f->content, FILE_SIZE_MAX);
	error = files_read(f->files, f->path, &f->content);
	if (error == -EFBIG)
		return fail(f->errors, f->path, 1, "larger than %d KiB: "
		    "make it smaller", FILE_SIZE_MAX / 1024);
	if (error < 0)
		return fail(f->errors, f->path, 1, "cannot be read: %s",
		    strerror(-error));
	drop_byte_order_mark(&f->content);
	return 0;
}

static int
read_one(struct folder *in, const struct part *part, const char *path,
    const char *name)
{
	struct file f = { .set = in->set, .files = in->files,
		.part = part->name, .name = name, .errors = in->errors };
	int status;

	f.path = mem_printf("%s/%s", path, name);
	status = read_content(&f);
	if (status == 0)
		status = part->add(&f);
	buf_fini(&f.content);
	free(f.path);
	return status;
}

/*
 * All but ".x" and "x~", sorted, so that mistakes are told in the same order
 * each time.  0; 1 when one failed; -errno when there is no such folder.
 */
static int
each_entry(struct folder *in, const char *path,
    int (*on_entry)(struct folder *, const char *path, const char *name,
    const void *arg), const void *arg)
{
	struct buf names = { 0 };
	int status = files_list(in->files, path, &names);

	for (size_t at = 0; status >= 0 && at < names.len;) {
		const char *name = names.p + at;

		if (!slice_ends(slice_str(name), "~") &&
		    on_entry(in, path, name, arg) < 0)
			status = 1;
		at += strlen(name) + 1;
	}
	buf_fini(&names);
	return status;
}

static int
on_file(struct folder *in, const char *path, const char *name,
    const void *arg)
{
	const struct part *part = arg;

	return counts(part, name) ? read_one(in, part, path, name) : 0;
}

/* A list has only the folders that it wants. */
static int
read_part(struct folder *in, const struct part *part, const char *folder)
{
	char *path = mem_printf("%s/%s", folder, part->name);
	int status = each_entry(in, path, on_file, part);

	if (status == -ENOENT && in->set->list != NULL)
		status = 0;
	if (status < 0)
		fail(in->errors, path, 1, "cannot be read: %s; "
		    "`templates` names a folder with page, mail, lang and "
		    "assets in it", strerror(-status));
	free(path);
	return status == 0 ? 0 : -1;
}

static int
read_parts(struct folder *in, const char *folder)
{
	int status = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (read_part(in, &parts[i], folder) < 0)
			status = -1;
	}
	return status;
}

/* ---- what lists have of their own ---- */

/* A folder that is misspelt would be of no effect, and nobody would notice. */
static int
on_part(struct folder *in, const char *path, const char *name,
    const void *arg)
{
	char *whole;

	(void)arg;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(name, parts[i].name) == 0)
			return 0;
	}
	whole = mem_printf("%s/%s", path, name);
	fail(in->errors, whole, 1, "a list has folders called page, mail, lang "
	    "and assets, and nothing else");
	free(whole);
	return -1;
}

static int
on_list(struct folder *in, const char *path, const char *name,
    const void *arg)
{
	struct templates *t = in->set, *own = MEM_NEW(struct templates);
	struct folder inner = { own, in->files, in->errors };
	char *folder = mem_printf("%s/%s", path, name);
	int status;

	(void)arg;
	own->shared = t;
	own->list = mem_strdup(name);
	t->own = mem_resize(t->own, t->own_count + 1, sizeof(*t->own));
	t->own[t->own_count++] = own;
	status = each_entry(&inner, folder, on_part, NULL);
	if (status < 0)
		fail(in->errors, folder, 1, "cannot be read: %s; here stand "
		    "folders named by lists", strerror(-status));
	if (status == 0)
		status = read_parts(&inner, folder);
	free(folder);
	return status == 0 ? 0 : -1;
}

int
templates_read(struct templates *t, struct files *files, const char *folder,
    struct buf *errors)
{
	struct folder in = { t, files, errors };
	char *lists = mem_printf("%s/list", folder);
	int status = read_parts(&in, folder), ret;

	ret = each_entry(&in, lists, on_list, NULL);
	if (ret < 0 && ret != -ENOENT)
		fail(errors, lists, 1, "cannot be read: %s", strerror(-ret));
	if (ret != 0 && ret != -ENOENT)
		status = -1;
	free(lists);
	return status;
}
