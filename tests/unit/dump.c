#include "dump.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void dump_text(struct buffer *out, const struct string *text)
{
    for (uint32_t i = 0; i < text->size; i++) {
        unsigned char byte = (unsigned char)text->bytes[i];

        if (byte > 0x20 && byte < 0x7f && byte != '\\')
            buffer_append_byte(out, byte);
        else
            buffer_append_format(out, "\\x%02x", byte);
    }
}

static void dump_label(struct buffer *out, const struct label *label)
{
    dump_text(out, label->file);
    buffer_append_format(out, ":%" PRId64 "(", label->line);
    dump_text(out, label->name);
    buffer_append_string(out, ")");
}

static void dump_numbers(struct buffer *out, int64_t primitive, int64_t ncalls, double tottime, double cumtime)
{
    buffer_append_format(out, " %" PRId64 "/%" PRId64 " %.17g %.17g\n", ncalls, primitive, tottime, cumtime);
}

static void dump_function(struct buffer *out, const struct profile *profile, const struct function *function)
{
    dump_label(out, &function->label);
    dump_numbers(out, function->primitive, function->ncalls, function->tottime, function->cumtime);
    for (size_t i = 0; i < function->caller_count; i++) {
        const struct caller *caller = &function->callers[i];

        dump_label(out, &function->label);
        buffer_append_string(out, " <- ");
        dump_label(out, &profile->functions[caller->function].label);
        if (caller->plain)
            buffer_append_format(out, " %" PRId64 "\n", caller->ncalls);
        else
            dump_numbers(out, caller->primitive, caller->ncalls, caller->tottime, caller->cumtime);
    }
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of `text`, which ends with a newline or is empty. */
static void append_sorted(struct buffer *out, struct buffer *text)
{
    size_t count = 0, next = 0;
    char **lines;

    for (size_t i = 0; i < text->size; i++)
        count += text->data[i] == '\n';
    lines = allocator_zeroed(out->allocator, count + 1, sizeof *lines);
    for (size_t i = 0, start = 0; lines && i < text->size; i++) {
        if (text->data[i] != '\n')
            continue;
        text->data[i] = '\0';
        lines[next++] = (char *)text->data + start;
        start = i + 1;
    }
    if (lines)
        qsort(lines, count, sizeof *lines, compare_lines);
    for (size_t i = 0; lines && i < count; i++)
        buffer_append_format(out, "%s\n", lines[i]);
    allocator_free(out->allocator, lines);
}

static void dump_fact(struct buffer *out, const struct fact *fact)
{
    buffer_append_string(out, "fact ");
    dump_text(out, fact->name);
    if (fact->kind == FACT_INTEGER)
        buffer_append_format(out, " %" PRId64 "\n", fact->integer);
    if (fact->kind == FACT_REAL)
        buffer_append_format(out, " %.17g\n", fact->real);
    if (fact->kind == FACT_TEXT) {
        buffer_append_string(out, " ");
        dump_text(out, fact->text);
        buffer_append_string(out, "\n");
    }
}

static void dump_tree(struct buffer *out, const struct profile *profile, const struct path_tree *tree)
{
    buffer_append_format(out, "tree %" PRIu32, tree->count);
    if (tree->thread) {
        buffer_append_format(out, " of ");
        dump_text(out, tree->thread);
    }
    buffer_append_format(out, "\n");
    for (uint32_t node = 0; node < tree->count; node++) {
        buffer_append_format(out, "path %" PRIu32, node);
        if (tree->parent[node] != PROFILE_NO_PARENT)
            buffer_append_format(out, " <- %" PRIu32, tree->parent[node]);
        buffer_append_string(out, " ");
        dump_label(out, &profile->functions[tree->function[node]].label);
        for (size_t i = 0; i < tree->column_count; i++) {
            buffer_append_string(out, " ");
            dump_text(out, tree->columns[i].name);
            buffer_append_format(out, "=%" PRId64, tree->columns[i].values[node]);
            dump_text(out, tree->columns[i].unit);
        }
        buffer_append_string(out, "\n");
    }
}

void dump_profile(const struct profile *profile, struct buffer *out)
{
    struct buffer lines;

    buffer_init(&lines, out->allocator);
    for (size_t i = 0; i < profile->function_count; i++) {
        if (profile->functions[i].listed)
            dump_function(&lines, profile, &profile->functions[i]);
    }
    append_sorted(out, &lines);
    buffer_release(&lines);
    for (size_t i = 0; i < profile->fact_count; i++)
        dump_fact(out, &profile->facts[i]);
    for (size_t i = 0; i < profile->tree_count; i++)
        dump_tree(out, profile, &profile->trees[i]);
}
