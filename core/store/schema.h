/* schema.h: the tables, and how an older file becomes the present one. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/sql.h"

#define STORE_APPLICATION_ID 0x43726274 /* "Crbt" */

/* Scripts that lead from version to version; [i] makes version i + 1. */
extern const char *const schema_steps[];
extern const int schema_version;

/* Runs the steps that the file lacks, in one transaction. */
gboolean schema_migrate(Store *store, const char *const *steps, int version, GError **error);
/* Checks that the file is ours and not newer; migrates an older one (with a copy FILE.vN.bak kept)
 * unless the store is read-only, which is an error then. */
gboolean schema_check(Store *store, GError **error);

#endif
