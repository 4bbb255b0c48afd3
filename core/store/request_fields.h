/* request_fields.h: the fields of requests that a filter can name (base/query.h), read from a
 * Request; core/store/filter_terms.c makes SQL of the same. */
#ifndef STORE_REQUEST_FIELDS_H
#define STORE_REQUEST_FIELDS_H

#include "base/query.h"
#include "store/model.h"

/* In the order of request_fields. */
typedef enum {
    FIELD_ID,
    FIELD_STATE,
    FIELD_AMOUNT,
    FIELD_CURRENCY,
    FIELD_AGE,
    FIELD_ASKED,
    FIELD_DECIDED,
    FIELD_POSTED,
    FIELD_CUSTOMER,
    FIELD_PRODUCT,
    FIELD_WHO,
    FIELD_DECIDED_BY,
    FIELD_CHANNEL,
    FIELD_LOOK,
    FIELD_TITLE,
    FIELD_NOTE,
    FIELD_ERROR,
    FIELD_TEXT,
    FIELD_SQL,
    FIELD_CORRECTS,
    FIELD_CORRECTED,
    FIELD_COUNT,
} RequestField;
extern const QueryField request_fields[];

/* For QueryReader.field; row: a Request. What a brief row lacks (text, sql) it has not. */
gboolean request_field(const void *row, guint field, GString *text, gint64 *number, gpointer data);

#endif
