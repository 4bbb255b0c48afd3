/* seed_messages.c: the demo's two weeks of messages. */
#include "config.h"
#include "seed.h"

void
seed_messages(Db *db, gint64 now_us)
{
    (void)db;
    (void)now_us;
}
