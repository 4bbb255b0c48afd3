/* table.h: how the structs of model.h lie in the tables: one list of columns each, from which the
 * statements, the binding, the reading, the copying and the freeing are made. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include <glib.h>

typedef enum {
    TYPE_INT,   /* gint64 */
    TYPE_REF,   /* gint64; 0 is NULL in the table */
    TYPE_BOOL,  /* gboolean */
    TYPE_SMALL, /* int */
    TYPE_REAL,  /* double */
    TYPE_TEXT,  /* char *, owned */
    TYPE_STATE, /* RequestState, by its name */
} ColumnType;

/* What a column is for a writer; as bits, to choose columns. */
typedef enum {
    ROLE_KEY = 1,     /* given by SQLite */
    ROLE_FIXED = 2,   /* written once */
    ROLE_STORED = 4,  /* written by every save */
    ROLE_DERIVED = 8, /* read only */
} ColumnRole;

typedef struct {
    const char *name;
    gsize offset;
    ColumnType type;
    ColumnRole role;
    const char *expr; /* read from this instead of the name */
} Column;

typedef struct {
    const char *name;
    const char *alias;
    gsize size;
    const Column *columns; /* ended by a NULL name */
    GDestroyNotify free;
} Table;

extern const Table table_requests;
extern const Table table_request_lines; /* what a line of a list shows of a Request */
extern const Table table_request_texts; /* the bulky part of a Request, in a table of its own */
extern const Table table_runs;
extern const Table table_approvals;
extern const Table table_reviews;
extern const Table table_posts;
extern const Table table_events;
extern const Table table_passes;
extern const Table table_logs;
extern const Table table_progress;
extern const Table table_claims;

/* "r.id, r.version, …" */
void table_add_columns(GString *sql, const Table *table);
int table_width(const Table *table);
char *table_insert_sql(const Table *table);
/* "a = ?N, b = ?N+1" for the stored columns; returns the next free parameter. */
int table_add_assignments(GString *sql, const Table *table, int first);
gpointer table_row_new(const Table *table);
void table_row_clear(const Table *table, void *row); /* frees the texts */
void table_row_copy(const Table *table, const void *from, void *to);

#endif
