/* export.h: what a list shows, as a file: CSV (RFC 4180) or JSON Lines. */
#ifndef TUI_EXPORT_H
#define TUI_EXPORT_H

#include "tui/console_private.h"

typedef enum { EXPORT_CSV, EXPORT_JSONL } ExportFormat;

/* By the end of the name; ERR_USAGE names the two there are. */
gboolean export_format(const char *path, ExportFormat *format, GError **error);
/* "~/x" is in the home, anything else that is relative in the present folder. Caller frees. */
char *export_path(const char *name);
/* The first line of a CSV file; nothing for JSON Lines. */
void export_add_header(const ListOps *ops, ExportFormat format, GString *out);
/* One row: amounts as decimals, times in ISO 8601, texts safe against formulas. */
void export_add_row(const ListOps *ops, const void *context, const void *row, ExportFormat format,
                    GString *out);
/* Stops the exports that run; FALSE: none does. */
gboolean export_cancel(Console *console);

#endif
