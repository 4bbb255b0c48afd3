/* witness_text.h: whether a message in Slack still says what was posted. */
#ifndef ENGINE_WITNESS_TEXT_H
#define ENGINE_WITNESS_TEXT_H

#include "services/slack.h"
#include "store/model.h"

/* What Slack does to a text that it takes in does not count: bare addresses become links, emoji
 * become their names (protocols of docs.slack.dev, "Formatting text"). Letters, digits and signs
 * do, in the text and in the blocks. */
gboolean witness_text_same(const SlackMessage *message, const Post *post);

#endif
