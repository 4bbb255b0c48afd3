/* person.h: which human stands behind a login, a Slack id or a signature.
 *
 * A person is named by their unix name. Two names that [approval] slack_users maps to the same
 * Slack id are the same human: the first of them names the person. Names are those of uids, looked
 * up, never of the environment. */
#ifndef ENGINE_PERSON_H
#define ENGINE_PERSON_H

#include <glib.h>
#include "base/config.h"

#define PERSON_UID_AUTO (-1) /* the rule of mode=auto */
#define PERSON_UID_NONE (-2) /* somebody without an account here */

/* The person of a unix name. Caller frees. */
char *person_of_login(const Config *config, const char *name);
/* The person of a principal of [approval] allowed_signers: of the unix name that signers maps it
 * to, else the principal itself. Caller frees. */
char *person_of_principal(const Config *config, const char *principal);
/* How the uids of this process are made of others (user_namespaces(7), uid_map: inside, outside,
 * count): then its uid is what somebody chose. NULL: they are the host's. The caller frees. */
char *person_uid_map(void);
/* TRUE in a user namespace of one single uid: anybody can make one, and choose that uid
 * (unshare --map-user). Whose login it is, the kernel does not say there. */
gboolean person_uid_is_chosen(void);
/* The uid of a unix name on this host; PERSON_UID_NONE without one. */
gint64 person_uid(const char *name);

/* One of the person's Slack ids is that one. */
gboolean person_has_slack(const Config *config, const char *person, const char *slack);
/* The first of their Slack ids; NULL: none is mapped. Borrowed from config. */
const char *person_slack(const Config *config, const char *person);

/* A list of unix names has one of this person. */
gboolean person_in(const Config *config, const char *const *names, const char *person);
gboolean person_in_group(const Config *config, const char *group, const char *person);
/* Groups of [group.NAME] that they are in, ';' between them; NULL: none. Caller frees. */
char *person_groups(const Config *config, const char *person);
/* The members of [group.NAME]; NULL: there is no such group. Borrowed from config. */
const char *const *person_group(const Config *config, const char *group);
/* Distinct persons of a list of unix names: char *, in its order. */
GPtrArray *person_distinct(const Config *config, const char *const *names);
/* "ines", "ines or juri", "ines, juri or mara". Caller frees. */
char *person_words(const GPtrArray *persons);

#endif
