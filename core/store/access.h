/* access.h: owners and modes of the state file and its folder. */
#ifndef STORE_ACCESS_H
#define STORE_ACCESS_H

#include <glib.h>

/* Refuses (ERR_CONFIG, with the command that mends it) a file that others can read or write, one of
 * another user, and a folder that everybody can write; group NULL: nobody but the owner.
 * ERR_NOT_FOUND when the file is not there, ERR_STORE when it is empty. */
gboolean access_check(const char *path, const char *group, GError **error);
/* Creates an empty file with the right mode and group; ERR_CONFLICT when it exists. */
gboolean access_create(const char *path, const char *group, GError **error);
/* fsync of the folder that holds path, so that a rename lasts. */
gboolean access_sync_folder(const char *path, GError **error);

#endif
