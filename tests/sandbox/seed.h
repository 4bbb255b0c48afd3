/* seed.h: what a new folder is filled with. */
#ifndef SANDBOX_SEED_H
#define SANDBOX_SEED_H

#include <cjson/cJSON.h>
#include "db.h"

/* Fills an empty database once; what says "demo", "empty" or names a JSON file. now_us < 0: the
 * system's clock. Does nothing to a folder that was seeded before. */
gboolean seed_apply(Db *db, const char *what, gint64 now_us, GError **error);
/* Empties every table, then seeds as the folder was seeded at first. */
gboolean seed_again(Db *db, const char *what, GError **error);

/* Inside db_begin(): the parts. */
void seed_people(Db *db);
void seed_data(Db *db, gint64 now_us);
void seed_looks(Db *db, gint64 now_us);
void seed_messages(Db *db, gint64 now_us);

/* A message as a JSON object (type, user, text …; ts and thread_ts inside) into the tables. */
void seed_store_message(Db *db, const char *channel, const char *ts, const char *thread_ts,
                        const cJSON *message);

/* The history's days end with the last midnight that is this long ago, so that none of today's
 * messages (up to 9 h old) comes before the end of the last day. */
#define SEED_PAST_US (2 * 3600 * (gint64)G_USEC_PER_SEC)

#define SEED_CHANNEL "C0CREDITS1"
#define SEED_PRIVATE "C0PRIVATE2"

#endif
