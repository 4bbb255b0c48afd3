/* backup.h: whole copies of a state file, inside core/store. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/sql.h"

/* SQLite's online backup into PATH, by a temporary file beside it, fsync and rename. */
gboolean backup_write(Store *store, const char *path, GError **error);

#endif
