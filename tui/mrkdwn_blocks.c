/* mrkdwn_blocks.c: blocks, rich text, attachments and files of a message. */
#include "tui/mrkdwn_private.h"

#include <string.h>

#define DEPTH_MAX 8

typedef struct {
    Doc *doc;
    const MrkdwnNames *names;
    guint depth;
} Writer;

static void write_blocks(Writer *writer, const cJSON *blocks);

/* -- text objects -- */

/* {"type":"mrkdwn"|"plain_text","text":…}, or a plain string in mrkdwn (attachments). */
static void
write_text(Writer *writer, const cJSON *object)
{
    const char *text = cJSON_IsString(object) ? object->valuestring : json_string(object, "text");
    if (!text || !*text)
        return;
    if (g_strcmp0(json_string(object, "type"), "plain_text") == 0)
        doc_line(writer->doc, ROLE_TEXT, text);
    else
        mrkdwn_write(writer->doc, text, writer->names);
}

static const char *
text_of(const cJSON *object)
{
    return cJSON_IsString(object) ? object->valuestring : json_string(object, "text");
}

/* -- rich text -- */

static guint
style_of(const cJSON *element)
{
    const cJSON *style = json_object(element, "style");
    return (json_true(style, "bold") ? STYLE_BOLD : 0) |
           (json_true(style, "italic") ? STYLE_ITALIC : 0) |
           (json_true(style, "strike") ? STYLE_STRIKE : 0) |
           (json_true(style, "code") ? STYLE_CODE : 0);
}

static void
rich_text(Writer *writer, const cJSON *element)
{
    piece_add(writer->doc, style_of(element), json_string(element, "text"), NULL);
}

static void
rich_link(Writer *writer, const cJSON *element)
{
    const char *url = json_string(element, "url");
    if (url)
        piece_link(writer->doc, style_of(element), url, json_string(element, "text"));
}

static void
rich_user(Writer *writer, const cJSON *element)
{
    const char *id = json_string(element, "user_id");
    piece_mention(writer->doc, '@', id ? id : "?", NULL, writer->names);
}

static void
rich_group(Writer *writer, const cJSON *element)
{
    const char *id = json_string(element, "usergroup_id");
    piece_mention(writer->doc, '@', id ? id : "?", NULL, NULL);
}

static void
rich_channel(Writer *writer, const cJSON *element)
{
    const char *id = json_string(element, "channel_id");
    piece_mention(writer->doc, '#', id ? id : "?", NULL, writer->names);
}

static void
rich_broadcast(Writer *writer, const cJSON *element)
{
    const char *range = json_string(element, "range");
    piece_mention(writer->doc, '@', range ? range : "?", NULL, NULL);
}

static void
rich_emoji(Writer *writer, const cJSON *element)
{
    const char *name = json_string(element, "name");
    if (name)
        piece_emoji(writer->doc, style_of(element), name);
}

static void
rich_date(Writer *writer, const cJSON *element)
{
    const char *format = json_string(element, "format"),
               *fallback = json_string(element, "fallback");
    g_autofree char *words =
        mrkdwn_date(json_int(element, "timestamp", 0), format ? format : "{date_num} {time}");
    piece_add(writer->doc, style_of(element), words ? words : fallback,
              json_string(element, "url"));
}

static void
rich_color(Writer *writer, const cJSON *element)
{
    piece_add(writer->doc, STYLE_CODE, json_string(element, "value"), NULL);
}

static const struct {
    const char *type;
    void (*write)(Writer *writer, const cJSON *element);
} inline_kinds[] = {
    {"text", rich_text},       {"link", rich_link},       {"user", rich_user},
    {"usergroup", rich_group}, {"channel", rich_channel}, {"broadcast", rich_broadcast},
    {"emoji", rich_emoji},     {"date", rich_date},       {"color", rich_color},
};

static void
write_inlines(Writer *writer, const cJSON *elements)
{
    const cJSON *element;
    cJSON_ArrayForEach (element, elements) {
        const char *type = json_string(element, "type");
        for (guint i = 0; i < G_N_ELEMENTS(inline_kinds); i++) {
            if (g_strcmp0(type, inline_kinds[i].type) == 0)
                inline_kinds[i].write(writer, element);
        }
    }
}

static void
write_list(Writer *writer, const cJSON *list)
{
    gboolean ordered = g_strcmp0(json_string(list, "style"), "ordered") == 0;
    int level = (int)CLAMP(json_int(list, "indent", 0), 0, 8);
    gint64 number = json_int(list, "offset", 0);
    const cJSON *item;
    cJSON_ArrayForEach (item, json_array(list, "elements")) {
        g_autofree char *sign = ordered ? g_strdup_printf("%" G_GINT64_FORMAT ". ", ++number)
                                        : g_strdup(doc_ascii(writer->doc) ? "- "
                                                   : level % 2            ? "◦ "
                                                                          : "• ");
        Doc *doc = writer->doc;
        int first, others;
        doc_indents(doc, &first, &others);
        doc_indent(doc, first + level * 2, others + level * 2 + (int)g_utf8_strlen(sign, -1));
        doc_add(doc, ROLE_TEXT, sign);
        write_inlines(writer, json_array(item, "elements"));
        doc_end(doc);
        doc_indent(doc, first, others);
    }
}

static void
write_rich_text(Writer *writer, const cJSON *block)
{
    Doc *doc = writer->doc;
    const cJSON *part;
    cJSON_ArrayForEach (part, json_array(block, "elements")) {
        const char *type = json_string(part, "type");
        gboolean quote = g_strcmp0(type, "rich_text_quote") == 0;
        gboolean code = g_strcmp0(type, "rich_text_preformatted") == 0;
        if (g_strcmp0(type, "rich_text_list") == 0) {
            write_list(writer, part);
            continue;
        }
        doc_prefix(doc, quote  ? (doc_ascii(doc) ? "| " : "▎ ")
                        : code ? (doc_ascii(doc) ? ": " : "┊ ")
                               : NULL);
        write_inlines(writer, json_array(part, "elements"));
        doc_end(doc);
        doc_prefix(doc, NULL);
    }
}

/* -- blocks -- */

static void
write_button(Writer *writer, const cJSON *element)
{
    const char *label = text_of(cJSON_GetObjectItemCaseSensitive(element, "text"));
    const char *url = json_string(element, "url");
    if (label) {
        doc_add(writer->doc, ROLE_TEXT, "[ ");
        doc_add(writer->doc, ROLE_STRONG, label);
        doc_add(writer->doc, ROLE_TEXT, " ]");
    }
    if (url) {
        doc_add(writer->doc, ROLE_TEXT, label ? " " : "");
        piece_link(writer->doc, 0, url, NULL);
    }
    if (label || url)
        doc_end(writer->doc);
}

static void
write_section(Writer *writer, const cJSON *block)
{
    const cJSON *field;
    write_text(writer, cJSON_GetObjectItemCaseSensitive(block, "text"));
    cJSON_ArrayForEach (field, json_array(block, "fields"))
        write_text(writer, field);
    if (json_object(block, "accessory"))
        write_button(writer, json_object(block, "accessory"));
}

static void
write_header(Writer *writer, const cJSON *block)
{
    const char *text = text_of(cJSON_GetObjectItemCaseSensitive(block, "text"));
    if (text)
        doc_line(writer->doc, ROLE_TITLE, text);
}

static void
write_image(Writer *writer, const cJSON *block)
{
    const char *title = text_of(cJSON_GetObjectItemCaseSensitive(block, "title"));
    const char *alt = json_string(block, "alt_text"), *url = json_string(block, "image_url");
    doc_addf(writer->doc, ROLE_DIM, "[image: %s] ", title ? title : alt ? alt : "no name");
    if (url)
        piece_link(writer->doc, 0, url, NULL);
    doc_end(writer->doc);
}

static void
write_context(Writer *writer, const cJSON *block)
{
    const cJSON *element;
    cJSON_ArrayForEach (element, json_array(block, "elements")) {
        if (g_strcmp0(json_string(element, "type"), "image") == 0)
            write_image(writer, element);
        else
            write_text(writer, element);
    }
}

static void
write_actions(Writer *writer, const cJSON *block)
{
    const cJSON *element;
    cJSON_ArrayForEach (element, json_array(block, "elements"))
        write_button(writer, element);
}

static void
write_divider(Writer *writer, const cJSON *block)
{
    (void)block;
    doc_line(writer->doc, ROLE_BORDER, doc_ascii(writer->doc) ? "--------" : "────────");
}

static void
write_table(Writer *writer, const cJSON *block)
{
    const cJSON *row, *cell;
    cJSON_ArrayForEach (row, json_array(block, "rows")) {
        gboolean first = TRUE;
        cJSON_ArrayForEach (cell, row) {
            doc_add(writer->doc, ROLE_BORDER, first ? "" : " | ");
            first = FALSE;
            if (json_string(cell, "text"))
                doc_add(writer->doc, ROLE_TEXT, json_string(cell, "text"));
            const cJSON *part;
            cJSON_ArrayForEach (part, json_array(cell, "elements"))
                write_inlines(writer, json_array(part, "elements"));
        }
        doc_end(writer->doc);
    }
}

static const struct {
    const char *type;
    void (*write)(Writer *writer, const cJSON *block);
} block_kinds[] = {
    {"rich_text", write_rich_text}, {"section", write_section}, {"header", write_header},
    {"context", write_context},     {"actions", write_actions}, {"divider", write_divider},
    {"image", write_image},         {"table", write_table},     {"markdown", write_section},
};

static void
write_block(Writer *writer, const cJSON *block)
{
    const char *type = json_string(block, "type");
    for (guint i = 0; i < G_N_ELEMENTS(block_kinds); i++) {
        if (g_strcmp0(type, block_kinds[i].type) == 0) {
            block_kinds[i].write(writer, block);
            return;
        }
    }
    doc_addf(writer->doc, ROLE_DIM, "[a block of the kind '%.40s']", type ? type : "-");
    doc_end(writer->doc);
}

static void
write_blocks(Writer *writer, const cJSON *blocks)
{
    const cJSON *block;
    if (writer->depth >= DEPTH_MAX)
        return;
    writer->depth++;
    cJSON_ArrayForEach (block, blocks) {
        if (doc_has_room(writer->doc))
            write_block(writer, block);
    }
    writer->depth--;
}

gboolean
mrkdwn_blocks(Doc *doc, const cJSON *blocks, const MrkdwnNames *names)
{
    Writer writer = {doc, names, 0};
    if (!cJSON_IsArray(blocks) || cJSON_GetArraySize(blocks) == 0)
        return FALSE;
    write_blocks(&writer, blocks);
    return TRUE;
}

/* -- what hangs on a message -- */

static void
write_field(Writer *writer, const cJSON *field)
{
    const char *title = json_string(field, "title"), *value = json_string(field, "value");
    if (title && *title)
        doc_line(writer->doc, ROLE_STRONG, title);
    if (value && *value)
        mrkdwn_write(writer->doc, value, writer->names);
}

static void
write_attachment(Writer *writer, const cJSON *attachment)
{
    static const char *const texts[] = {"title", "text", "fields", "blocks", "pretext"};
    const char *title = json_string(attachment, "title"),
               *link = json_string(attachment, "title_link"),
               *author = json_string(attachment, "author_name"),
               *footer = json_string(attachment, "footer"), *text = json_string(attachment, "text"),
               *from = json_string(attachment, "from_url");
    const cJSON *field;
    gboolean empty = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        empty = empty && !cJSON_GetObjectItemCaseSensitive(attachment, texts[i]);
    write_text(writer, cJSON_GetObjectItemCaseSensitive(attachment, "pretext"));
    if (author)
        doc_line(writer->doc, ROLE_DIM, author);
    if (title && link) {
        piece_link(writer->doc, STYLE_BOLD, link, title);
        doc_end(writer->doc);
    } else if (title) {
        doc_line(writer->doc, ROLE_STRONG, title);
    }
    if (text)
        mrkdwn_write(writer->doc, text, writer->names);
    cJSON_ArrayForEach (field, json_array(attachment, "fields"))
        write_field(writer, field);
    write_blocks(writer, json_array(attachment, "blocks"));
    if (empty && json_string(attachment, "fallback"))
        mrkdwn_write(writer->doc, json_string(attachment, "fallback"), writer->names);
    if (from && g_strcmp0(from, link) != 0) {
        piece_link(writer->doc, 0, from, NULL);
        doc_end(writer->doc);
    }
    if (footer)
        doc_line(writer->doc, ROLE_DIM, footer);
}

static void
write_file(Writer *writer, const cJSON *file)
{
    const char *name = json_string(file, "title"), *kind = json_string(file, "mimetype"),
               *link = json_string(file, "permalink"), *preview = json_string(file, "preview");
    gint64 size = json_int(file, "size", -1);
    g_autofree char *bytes = size >= 0 ? g_format_size((guint64)size) : g_strdup("size unknown");
    if (!name || !*name)
        name = json_string(file, "name");
    doc_addf(writer->doc, ROLE_STRONG, "[file] %s", name ? name : "without a name");
    doc_addf(writer->doc, ROLE_DIM, "  %s, %s  ", kind ? kind : "-", bytes);
    if (link)
        piece_link(writer->doc, 0, link, NULL);
    doc_end(writer->doc);
    if (preview && *preview) {
        doc_prefix(writer->doc, doc_ascii(writer->doc) ? ": " : "┊ ");
        doc_line(writer->doc, ROLE_CODE, preview);
        doc_prefix(writer->doc, NULL);
    }
}

static void
write_each(Writer *writer, const cJSON *array, void (*write)(Writer *, const cJSON *))
{
    const cJSON *element;
    cJSON_ArrayForEach (element, array) {
        if (!doc_has_room(writer->doc))
            break;
        doc_line(writer->doc, ROLE_TEXT, "");
        write(writer, element);
    }
}

void
mrkdwn_message(Doc *doc, const cJSON *json, const char *fallback, const MrkdwnNames *names)
{
    Writer writer = {doc, names, 0};
    const char *text = json_string(json, "text");
    if (!mrkdwn_blocks(doc, json_array(json, "blocks"), names)) {
        if (!text || !*text)
            text = fallback;
        if (text && *text)
            mrkdwn_write(doc, text, names);
    }
    write_each(&writer, json_array(json, "attachments"), write_attachment);
    write_each(&writer, json_array(json, "files"), write_file);
}
