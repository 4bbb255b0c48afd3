/* schema.h: the tables, and how an older file becomes the present one. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/sql.h"

#define STORE_APPLICATION_ID 0x43726274 /* "Crbt" */

/* Scripts that lead from version to version; [i] makes version i + 1. */
extern const char *const schema_steps[];
extern const int schema_version;
extern const char schema_version_2[]; /* schema_v2.c */
extern const char schema_version_3[]; /* schema_v3.c */

/* Who decided, told from the approvals and the events of a version that did not keep it. */
#define SCHEMA_DECIDED_BY                                                                          \
    "UPDATE requests SET decided_by = (SELECT group_concat(actor, ', ') FROM"                      \
    "  (SELECT actor FROM approvals v WHERE v.run_id = requests.run_id AND v.voided_at = 0"        \
    "   ORDER BY v.id))"                                                                           \
    " WHERE run_id IN (SELECT run_id FROM approvals WHERE voided_at = 0);"                         \
    "UPDATE requests SET decided_by = (SELECT actor FROM events e WHERE e.request_id = "           \
    "requests.id"                                                                                  \
    "  AND e.to_state = requests.state ORDER BY e.id DESC LIMIT 1) WHERE state IN ('rejected', "   \
    "'ignored');"

/* How many approvers were asked for, told from the events of a version that did not keep it, where
 * it may still matter. */
#define SCHEMA_NEED                                                                                \
    "UPDATE approvals SET need = max(need, ifnull((SELECT max(json_extract(e.detail, '$.need'))"   \
    "  FROM events e WHERE e.request_id = approvals.request_id AND e.kind = 'approve'"             \
    "  AND json_valid(e.detail) AND json_extract(e.detail, '$.digest') = approvals.digest"         \
    "  AND json_type(e.detail, '$.need') = 'integer'), 1)) WHERE voided_at = 0 AND request_id IN"  \
    "  (SELECT id FROM requests WHERE state NOT IN ('posted', 'rejected', 'ignored'));"

/* The functions that triggers call; on every connection. */
void schema_register(Store *store);

/* Runs the steps that the file lacks, in one transaction. */
gboolean schema_migrate(Store *store, const char *const *steps, int version, GError **error);
/* Checks that the file is ours and not newer; migrates an older one (with a copy FILE.vN.bak kept)
 * unless the store is read-only, which is an error then. */
gboolean schema_check(Store *store, GError **error);

#endif
