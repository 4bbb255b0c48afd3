/* outfile.c: temp file, fsync, rename. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* renameat2 */
#endif

#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "base/error.h"
#include "base/failpoint.h"

struct OutFile {
    char *path, *temp;
    FILE *stream;
    char buffer[16384]; /* the stream's; wiped, since what is written may be a secret */
};

static gboolean
fail(const char *what, const char *path, GError **error)
{
    int code = errno;
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "could not %s %s: %s", what, path,
                g_strerror(code));
    return FALSE;
}

OutFile *
outfile_new(const char *path, GError **error)
{
    g_autoptr(OutFile) file = g_new0(OutFile, 1);
    g_autofree char *temp = g_strconcat(path, ".XXXXXX", NULL);
    file->path = g_strdup(path);
    int fd = g_mkstemp_full(temp, O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) {
        fail("write", path, error);
        return NULL;
    }
    file->temp = g_steal_pointer(&temp);
    file->stream = fdopen(fd, "w");
    if (!file->stream) {
        fail("write", path, error);
        close(fd);
        return NULL;
    }
    setvbuf(file->stream, file->buffer, _IOFBF, sizeof file->buffer);
    return g_steal_pointer(&file);
}

gboolean
outfile_write(OutFile *file, const char *bytes, gsize len, GError **error)
{
    return fwrite(bytes, 1, len, file->stream) == len || fail("write", file->path, error);
}

/* The name is on the disk only when its folder is. */
static void
sync_folder(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* Fails where there is a file already, at the same moment; a link where the file system cannot
 * rename so. */
static int
put_on_nothing(const char *temp, const char *path)
{
    int code = renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE);
    if (code == 0 || (errno != EINVAL && errno != ENOSYS))
        return code;
    code = link(temp, path);
    if (code == 0)
        g_unlink(temp);
    return code;
}

static gboolean
put(OutFile *file, gboolean replace, GError **error)
{
    int code = replace ? rename(file->temp, file->path) : put_on_nothing(file->temp, file->path);
    if (code == 0)
        return TRUE;
    if (replace || errno != EEXIST)
        return fail("write", file->path, error);
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFLICT, "%s is there already", file->path);
    return FALSE;
}

gboolean
outfile_done(OutFile *file, gboolean replace, GError **error)
{
    gboolean flushed = fflush(file->stream) == 0 && fsync(fileno(file->stream)) == 0;
    if (!flushed)
        return fail("write", file->path, error);
    failpoint("file:written");
    if (!put(file, replace, error))
        return FALSE;
    failpoint("file:named");
    g_clear_pointer(&file->temp, g_free);
    sync_folder(file->path);
    return TRUE;
}

void
outfile_free(OutFile *file)
{
    if (!file)
        return;
    if (file->stream)
        fclose(file->stream);
    if (file->temp)
        g_unlink(file->temp);
    explicit_bzero(file->buffer, sizeof file->buffer);
    g_free(file->temp);
    g_free(file->path);
    g_free(file);
}
