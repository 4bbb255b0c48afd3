/* slack_error.c: every error code that the methods we use document, what it means and the fix.
 *
 * Source: docs.slack.dev/reference/methods (copies in specs/slack-methods); a test compares. */
#include "services/slack_private.h"

#include <stdlib.h>
#include <string.h>

#define OURS      "this is a fault of this program: report it with the log"
#define REINSTALL "reinstall the app in the workspace and set the new bot token"

/* Sorted by code (strcmp). */
static const SlackErrorCode codes[] = {
    {"access_denied", ERR_AUTH, FALSE,
     "the workspace denies access to this resource: ask a workspace admin to allow the app"},
    {"accesslimited", ERR_AUTH, FALSE,
     "the workspace limits the app's access: ask a workspace admin to allow the app"},
    {"account_inactive", ERR_AUTH, FALSE,
     "the token belongs to a deleted user or a removed workspace: " REINSTALL},
    {"already_reacted", ERR_REFUSED, FALSE,
     "the reaction is there already: nothing has to be done"},
    {"app_access_restricted", ERR_AUTH, FALSE,
     "the user has no permission to use this app: ask a workspace admin to permit the app"},
    {"as_user_not_supported", ERR_REFUSED, FALSE,
     "the argument as_user is not supported for this token: " OURS},
    {"attachment_payload_limit_exceeded", ERR_REFUSED, FALSE,
     "the attachments are too long: " OURS},
    {"cannot_reply_to_message", ERR_REFUSED, FALSE,
     "this kind of message cannot have replies: answer the request by hand"},
    {"channel_is_limited_access", ERR_AUTH, FALSE,
     "the channel is a record channel that the bot may not see: invite the bot there or take the "
     "channel out of [slack] channels"},
    {"channel_not_found", ERR_NOT_FOUND, FALSE,
     "the channel does not exist or the bot cannot see it: check [slack] channels, and for a "
     "private channel /invite the bot there"},
    {"deprecated_endpoint", ERR_REFUSED, FALSE,
     "Slack has retired this method: update this program"},
    {"draft_already_deleted", ERR_REFUSED, FALSE, "the draft was deleted already: " OURS},
    {"draft_already_sent", ERR_REFUSED, FALSE, "the draft was sent already: " OURS},
    {"draft_has_conflict", ERR_REFUSED, FALSE,
     "the draft is older than the one on the server: " OURS},
    {"draft_not_found", ERR_REFUSED, FALSE, "the draft does not exist: " OURS},
    {"duplicate_channel_not_found", ERR_REFUSED, FALSE,
     "the channel of the duplicate message is not valid: " OURS},
    {"duplicate_message_not_found", ERR_REFUSED, FALSE,
     "there is no duplicate of this message: " OURS},
    {"ekm_access_denied", ERR_AUTH, FALSE,
     "the admins have suspended messages in this channel: ask a workspace admin"},
    {"enterprise_is_restricted", ERR_AUTH, FALSE,
     "the method cannot be called from an Enterprise organisation: install the app in the "
     "workspace itself"},
    {"external_channel_migrating", ERR_BUSY, FALSE,
     "the channel is being moved between workspaces: try again later"},
    {"fatal_error", ERR_BUSY, TRUE,
     "Slack failed with a fatal error, and a part may have been done: look whether it happened "
     "before it is tried again"},
    {"internal_error", ERR_BUSY, TRUE,
     "Slack failed inside, and a part may have been done: look whether it happened before it is "
     "tried again"},
    {"invalid_arg_name", ERR_REFUSED, FALSE, "the name of an argument is not valid: " OURS},
    {"invalid_arguments", ERR_REFUSED, FALSE, "the arguments are not valid: " OURS},
    {"invalid_array_arg", ERR_REFUSED, FALSE, "an array was sent as PHP writes it: " OURS},
    {"invalid_auth", ERR_AUTH, FALSE,
     "the token is not valid: set SLACK_BOT_TOKEN to the bot token (xoxb-…) from the app's page "
     "OAuth & Permissions"},
    {"invalid_blocks", ERR_REFUSED, FALSE, "the blocks of the message are not valid: " OURS},
    {"invalid_blocks_format", ERR_REFUSED, FALSE,
     "the blocks are not in Block Kit's format: " OURS},
    {"invalid_charset", ERR_REFUSED, FALSE, "the character set of the request is not valid: " OURS},
    {"invalid_cursor", ERR_REFUSED, FALSE,
     "the cursor of the next page is not valid any more: start the reading again from the first "
     "page"},
    {"invalid_form_data", ERR_REFUSED, FALSE, "the form of the request is malformed: " OURS},
    {"invalid_json", ERR_REFUSED, FALSE, "the JSON of the request is malformed: " OURS},
    {"invalid_limit", ERR_REFUSED, FALSE,
     "the page size is not valid: set [slack] page_size between 1 and 999"},
    {"invalid_metadata_filter_keys", ERR_REFUSED, FALSE,
     "the filter for metadata is not valid: " OURS},
    {"invalid_metadata_format", ERR_REFUSED, FALSE,
     "the metadata of the message is malformed: " OURS},
    {"invalid_metadata_schema", ERR_REFUSED, FALSE,
     "the metadata does not fit the schema in the app's manifest: add the event type "
     "creditbot_post to the manifest or take its schema out"},
    {"invalid_post_type", ERR_REFUSED, FALSE,
     "the content type of the request is not valid: " OURS},
    {"invalid_ts_latest", ERR_REFUSED, FALSE, "the argument latest is not valid: " OURS},
    {"invalid_ts_oldest", ERR_REFUSED, FALSE, "the argument oldest is not valid: " OURS},
    {"invalid_types", ERR_REFUSED, FALSE,
     "the kinds of channels asked for do not fit the token's scopes: add the scopes channels:read "
     "and groups:read and reinstall the app"},
    {"invalid_user_combination", ERR_REFUSED, FALSE,
     "people of other organisations share no channel with the bot: choose an error_user of this "
     "workspace"},
    {"is_archived", ERR_REFUSED, FALSE,
     "the channel is archived: unarchive it or take it out of [slack] channels"},
    {"is_inactive", ERR_REFUSED, FALSE, "the conversation is frozen: ask a workspace admin"},
    {"json_not_object", ERR_REFUSED, FALSE, "the JSON of the request is not an object: " OURS},
    {"limit_required", ERR_REFUSED, FALSE, "a page size must be given: " OURS},
    {"list_record_comment_fetch_failed", ERR_BUSY, FALSE,
     "Slack could not fetch the comments of a list record: try again later"},
    {"markdown_text_conflict", ERR_REFUSED, FALSE,
     "markdown_text was sent together with text or blocks: " OURS},
    {"message_limit_exceeded", ERR_RATE, FALSE,
     "the workspace has sent too many messages for its plan: try again later or ask a workspace "
     "admin about the plan"},
    {"message_not_found", ERR_NOT_FOUND, FALSE,
     "the message does not exist any more: it was probably deleted"},
    {"messages_tab_disabled", ERR_REFUSED, FALSE,
     "the app's Messages tab is switched off: switch it on under App Home in the app's settings"},
    {"metadata_must_be_sent_from_app", ERR_REFUSED, FALSE,
     "only an app's own token may send metadata: use the bot token of the app (xoxb-…)"},
    {"metadata_too_large", ERR_REFUSED, FALSE, "the metadata is too large: " OURS},
    {"method_deprecated", ERR_REFUSED, FALSE, "Slack has retired this method: update this program"},
    {"method_not_supported_for_channel_type", ERR_REFUSED, FALSE,
     "this kind of conversation does not take this method: check [slack] channels and error_user"},
    {"missing_argument", ERR_REFUSED, FALSE, "an argument is missing: " OURS},
    {"missing_file_data", ERR_REFUSED, FALSE, "data for the shared file is missing: " OURS},
    {"missing_post_type", ERR_REFUSED, FALSE, "the request has no content type: " OURS},
    {"missing_scope", ERR_AUTH, FALSE,
     "the token lacks a scope: add the scope under OAuth & Permissions and reinstall the app"},
    {"msg_blocks_too_long", ERR_REFUSED, FALSE, "the blocks of the message are too long: " OURS},
    {"msg_too_long", ERR_REFUSED, FALSE, "the text of the message is too long: " OURS},
    {"no_permission", ERR_AUTH, FALSE,
     "the token has not the permission for this: ask a workspace admin to permit the app, then "
     "reinstall it"},
    {"no_text", ERR_REFUSED, FALSE, "the message has no text: " OURS},
    {"not_allowed_token_type", ERR_AUTH, FALSE,
     "this kind of token cannot call the method: use the bot token of the app (xoxb-…)"},
    {"not_authed", ERR_AUTH, FALSE, "no token was sent: set SLACK_BOT_TOKEN"},
    {"not_enough_users", ERR_REFUSED, FALSE,
     "a conversation needs at least one other user: check [slack] error_user"},
    {"not_in_channel", ERR_REFUSED, FALSE,
     "the bot is not in the channel: /invite the bot in the channel"},
    {"org_login_required", ERR_AUTH, FALSE,
     "the workspace is moving to an Enterprise organisation: try again after the move, perhaps "
     "with a new token"},
    {"rate_limited", ERR_RATE, FALSE, "the app has posted too many messages: try again later"},
    {"ratelimited", ERR_RATE, FALSE, "the app has called too often: try again later"},
    {"request_timeout", ERR_BUSY, FALSE, "the request reached Slack cut or too late: try again"},
    {"restricted_action", ERR_REFUSED, FALSE,
     "a preference of the workspace forbids the bot to post here: ask a workspace admin to permit "
     "it"},
    {"restricted_action_non_threadable_channel", ERR_REFUSED, FALSE,
     "the channel takes no replies in threads: answer the request by hand"},
    {"restricted_action_read_only_channel", ERR_REFUSED, FALSE,
     "the channel is read-only: ask its owner to permit the bot to post"},
    {"restricted_action_thread_locked", ERR_REFUSED, FALSE,
     "the thread was locked by an admin: ask the admin to unlock it"},
    {"restricted_action_thread_only_channel", ERR_REFUSED, FALSE,
     "the channel takes replies in threads only: post the message by hand"},
    {"send_on_behalf_not_allowed", ERR_REFUSED, FALSE, "the bot may not post for that user: " OURS},
    {"service_unavailable", ERR_BUSY, TRUE,
     "Slack is out of service for the moment: try again later"},
    {"slack_connect_blocked_file_type", ERR_REFUSED, FALSE,
     "the kind of file is forbidden in shared channels: " OURS},
    {"slack_connect_canvas_sharing_blocked", ERR_REFUSED, FALSE,
     "an admin forbids canvases in shared channels: " OURS},
    {"slack_connect_file_link_sharing_blocked", ERR_REFUSED, FALSE,
     "an admin forbids links to files in shared channels: " OURS},
    {"slack_connect_lists_sharing_blocked", ERR_REFUSED, FALSE,
     "an admin forbids lists in shared channels: " OURS},
    {"team_access_not_granted", ERR_AUTH, FALSE,
     "the token was not granted access to this workspace: have an organisation admin add the app "
     "to it"},
    {"team_added_to_org", ERR_BUSY, FALSE,
     "the workspace is moving into an Enterprise organisation: try again when the move is over"},
    {"team_not_found", ERR_NOT_FOUND, FALSE,
     "with an organisation's token a channel must be given by its id: write ids (C…) in [slack] "
     "channels"},
    {"thread_not_found", ERR_NOT_FOUND, FALSE,
     "the thread does not exist: its first message was probably deleted"},
    {"token_expired", ERR_AUTH, FALSE, "the token has expired: " REINSTALL},
    {"token_revoked", ERR_AUTH, FALSE, "the token was revoked: " REINSTALL},
    {"too_many_attachments", ERR_REFUSED, FALSE,
     "the message has more than 100 attachments: " OURS},
    {"too_many_contact_cards", ERR_REFUSED, FALSE,
     "the message has more than 10 contact cards: " OURS},
    {"too_many_users", ERR_REFUSED, FALSE,
     "a conversation takes at most 8 users: check [slack] error_user"},
    {"two_factor_setup_required", ERR_AUTH, FALSE,
     "the workspace demands two-factor authentication: have the installing user set it up"},
    {"unknown_method", ERR_REFUSED, FALSE,
     "Slack does not know the method: check [slack] base_url"},
    {"user_disabled", ERR_REFUSED, FALSE,
     "the user is disabled: set [slack] error_user to somebody active"},
    {"user_not_found", ERR_NOT_FOUND, FALSE,
     "the user does not exist: check the user id ([slack] error_user)"},
    {"user_not_visible", ERR_REFUSED, FALSE,
     "the bot may not see this user: choose another [slack] error_user"},
    {"users_list_not_supplied", ERR_REFUSED, FALSE, "no user was named: set [slack] error_user"},
    {"users_not_found", ERR_NOT_FOUND, FALSE, "none of the users exists: check [slack] error_user"},
};

static int
compare_code(const void *key, const void *entry)
{
    return strcmp(key, ((const SlackErrorCode *)entry)->code);
}

const SlackErrorCode *
slack_error_lookup(const char *code)
{
    return bsearch(code, codes, G_N_ELEMENTS(codes), sizeof codes[0], compare_code);
}

char *
slack_error_sentence(const char *code, const char *needed)
{
    const SlackErrorCode *known = slack_error_lookup(code);

    if (known == NULL)
        return g_strdup_printf(
            "Slack says '%.60s', which its documents do not explain: look it up at "
            "docs.slack.dev",
            code);
    if (strcmp(code, "missing_scope") == 0 && needed != NULL && *needed)
        return g_strdup_printf(
            "the token lacks the scope %.200s: add it under OAuth & Permissions and "
            "reinstall the app",
            needed);
    return g_strdup(known->sentence);
}
