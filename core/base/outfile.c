/* outfile.c: temp file, fsync, rename. */
#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "base/error.h"

struct OutFile {
    char *path, *temp;
    FILE *stream;
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

/* A link fails where there is a file already, at the same moment as it is made. */
static gboolean
put(OutFile *file, gboolean replace, GError **error)
{
    if (replace)
        return rename(file->temp, file->path) == 0 || fail("write", file->path, error);
    if (link(file->temp, file->path) == 0) {
        g_unlink(file->temp);
        return TRUE;
    }
    if (errno != EEXIST)
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
    if (!put(file, replace, error))
        return FALSE;
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
    g_free(file->temp);
    g_free(file->path);
    g_free(file);
}
