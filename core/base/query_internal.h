/* query_internal.h: what the files of the filter language share. */
#ifndef BASE_QUERY_INTERNAL_H
#define BASE_QUERY_INTERNAL_H

#include "base/query.h"

/* Its index; -1: none. */
int query_field_named(const QueryField *fields, const char *name, gsize len);
/* Bytes of the name where p begins with "name:"; 0: it does not. */
gsize query_field_prefix(const char *p);
/* ">500", "100..500", "2h", "none" → min, max and none. ERR_USAGE. */
gboolean query_range(const QueryField *field, const char *text, gint64 now, QueryValue *value,
                     GError **error);
/* How values of a kind are written: ">500, 100..500". Static. */
const char *query_kind_example(QueryKind kind);

#endif
