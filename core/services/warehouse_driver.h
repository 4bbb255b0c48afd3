/* warehouse_driver.h: what each kind of warehouse implements behind warehouse.h. */
#ifndef SERVICES_WAREHOUSE_DRIVER_H
#define SERVICES_WAREHOUSE_DRIVER_H

#include <glib.h>
#include "services/warehouse.h"

/* One statement on its way. */
typedef struct {
    const char *sql; /* has passed the guard; no trailing ';' */
    gint64 timeout;  /* microseconds; 0: none */
    gint64 max_rows; /* 0: any number */
    const WarehouseSink *sink;
    char **query_id; /* may be NULL */
    Cancel *stop;    /* fires when the caller cancels, and when the time is up */
    gint64 started;  /* g_get_monotonic_time() */
    gint64 rows;     /* delivered so far */
} WarehouseRun;

typedef struct {
    const char *name; /* the value of [warehouse] driver */
    /* *label: what warehouse_name() shows; caller frees. NULL with error. */
    void *(*open)(Http *http, const Config *config, Log *log, char **label, GError **error);
    void (*close)(void *driver);
    /* Ends with ERR_CANCELLED when run->stop has fired; the front tells a time-out from a cancel.
     */
    gboolean (*run)(void *driver, WarehouseRun *run, GError **error);
    /* NULL: the front asks with a statement. */
    char **(*columns)(void *driver, WarehouseRun *run, GError **error);
    /* What the engine says of itself; NULL when it does not. Caller frees. */
    char *(*version)(void *driver, Cancel *cancel);
} WarehouseDriver;

extern const WarehouseDriver warehouse_trino, warehouse_presto, warehouse_sqlite;

/* Hands what was read to the sink: all drivers call these, none calls the sink itself. */
gboolean warehouse_put_columns(WarehouseRun *run, const char *const *names,
                               const char *const *types, GError **error);
/* Counts, and refuses the row beyond max_rows. */
gboolean warehouse_put_row(WarehouseRun *run, const char *const *cells, gsize n, GError **error);
void warehouse_put_progress(const WarehouseRun *run, WarehouseProgress *progress);

#endif
