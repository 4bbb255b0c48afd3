/* record_private.h: what the files that read a record share. */
#ifndef LOGS_RECORD_PRIVATE_H
#define LOGS_RECORD_PRIVATE_H

#include "logs/record.h"

/* Seconds with ten digits and perhaps a fraction, milli- or microseconds; FALSE for other numbers.
 */
gboolean log_epoch_read(const char *text, gsize len, gint64 *at, gsize *end);

#endif
