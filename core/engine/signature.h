/* signature.h: approvals that come as a detached signature of ssh-keygen -Y sign, so that the
 * second person needs no login on this host.
 *
 * Source: ssh-keygen(1), "-Y find-principals", "-Y verify" and ALLOWED SIGNERS; OpenSSH's
 * PROTOCOL.sshsig. Keys of every kind that ssh-keygen knows, and certificates (cert-authority). */
#ifndef ENGINE_SIGNATURE_H
#define ENGINE_SIGNATURE_H

#include <glib.h>
#include "base/config.h"
#include "store/model.h"

#define SIGNATURE_NAMESPACE "creditbot"
#define SIGNATURE_MAX       65536 /* bytes of an armored signature */

/* The exact text that is signed, one "name=value" a line (docs/architecture.md): what the approval
 * is for, the digest of the run's evidence, and how many approvals of the request are void by now,
 * so that a signature of an approval that was taken back never counts again. The customer's name
 * and whatever else came from outside is printable ASCII in it, the rest as \xNN. run: done, with
 * its digest. approvals: Approval *, all of the request. Caller frees. */
char *signature_text(const Request *request, const Run *run, const GPtrArray *approvals);
/* The same with the number of void approvals given: what an approval of long ago was given to. */
char *signature_text_voided(const Request *request, const Run *run, guint voided);

/* Who signed text: *principal (caller frees) is one name of [approval] allowed_signers, printable,
 * without blanks, patterns or controls; of a key with several names one that [approval] signers
 * knows, else the first. at: when it has to be valid, microseconds; 0: now. Runs
 * ssh-keygen without a shell and may take seconds (10 at most a run), so it must not be called in a
 * transaction: make the text and check it before, and compare the text made anew inside.
 * ERR_CONFIG: no [approval] allowed_signers, a file that is missing, or that others may write (with
 * the chmod to run), or no ssh-keygen. ERR_INPUT: not a signature, too large, of another namespace.
 * ERR_ILLEGAL: a signature, but of another text, or of nobody who is allowed now. ERR_TIMEOUT. */
gboolean signature_check(const Config *config, const char *text, const char *armored, gint64 at,
                         char **principal, GError **error);

/* Whether signatures could be checked here: the file of signers can be read and nobody else can
 * write it, and there is an ssh-keygen. *words (caller frees): how many lines of signers it has.
 * ERR_CONFIG as signature_check(). */
gboolean signature_ready(const Config *config, char **words, GError **error);

/* The armored signature in a file, "-" for standard input; at most SIGNATURE_MAX. ERR_USAGE when it
 * can't be read, ERR_INPUT when it is no signature. Caller frees. */
char *signature_read(const char *path, GError **error);

#endif
