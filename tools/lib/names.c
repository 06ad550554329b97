/* Reports show a few names and therefore make each when they need it.  An order by name needs all of them again and
 * again: those are made once, in one block of memory. */
#include "names.h"

#include <stdbool.h>
#include <string.h>

enum { LINE_DIGITS = 20 };

/* pstats recognises C functions by their file and line alone. */
static bool is_builtin(const struct label *label)
{
    return label->line == 0 && label->file->size == 1 && label->file->bytes[0] == '~';
}

static bool is_bracketed(const struct string *name)
{
    return name->size > 0 && name->bytes[0] == '<' && name->bytes[name->size - 1] == '>';
}

/* With the NUL. */
static size_t name_room(const struct label *label)
{
    return (size_t)label->file->size + label->name->size + LINE_DIGITS + sizeof ":-()";
}

static char *put(char *out, const char *bytes, size_t size)
{
    memcpy(out, bytes, size);
    return out + size;
}

static char *put_braced(char *out, const struct string *name)
{
    *out++ = '{';
    if (name->size > 2)
        out = put(out, name->bytes + 1, name->size - 2);
    *out++ = '}';
    return out;
}

static char *put_line(char *out, int64_t line)
{
    char digits[LINE_DIGITS];
    uint64_t left = line < 0 ? -(uint64_t)line : (uint64_t)line;
    size_t first = LINE_DIGITS;

    do
        digits[--first] = (char)('0' + left % 10);
    while (left /= 10);
    if (line < 0)
        *out++ = '-';
    return put(out, digits + first, LINE_DIGITS - first);
}

static char *put_located(char *out, const struct label *label, size_t skipped)
{
    out = put(out, label->file->bytes + skipped, label->file->size - skipped);
    *out++ = ':';
    out = put_line(out, label->line);
    *out++ = '(';
    out = put(out, label->name->bytes, label->name->size);
    *out++ = ')';
    return out;
}

/* Fills in the name at `out`, which has room for it, without the first bytes of the file; what it returns is behind the
 * NUL. */
static char *put_name(char *out, const struct label *label, size_t skipped, struct name *name)
{
    name->bytes = out;
    if (!is_builtin(label))
        out = put_located(out, label, skipped);
    else if (is_bracketed(label->name))
        out = put_braced(out, label->name);
    else
        out = put(out, label->name->bytes, label->name->size);
    name->size = (uint32_t)(out - name->bytes);
    *out++ = '\0';
    return out;
}

int name_make(struct name *name, const struct label *label, struct buffer *text)
{
    buffer_clear(text);
    buffer_reserve(text, name_room(label));
    if (text->failed)
        return -1;
    put_name((char *)text->data, label, 0, name);
    return 0;
}

static int names_allocate(struct names *names, const struct profile *profile)
{
    const struct allocator *allocator = profile->allocator;
    size_t room = 1;
    for (size_t i = 0; i < profile->function_count; i++)
        room += name_room(&profile->functions[i].label);
    *names = (struct names){.allocator = allocator, .count = profile->function_count};
    names->list = allocator_resize(allocator, NULL, names->count + 1, sizeof *names->list);
    names->text = allocator_resize(allocator, NULL, room, 1);
    if (names->list && names->text)
        return 0;
    names_release(names);
    return -1;
}

int names_init(struct names *names, const struct profile *profile, struct error *error)
{
    if (names_allocate(names, profile) < 0)
        return error_set_memory(error);
    char *end = names->text;
    for (size_t i = 0; i < names->count; i++)
        end = put_name(end, &profile->functions[i].label, 0, &names->list[i]);
    return 0;
}

static size_t directory_size(const struct string *file)
{
    const char *slash = memrchr(file->bytes, '/', file->size);
    return slash ? (size_t)(slash + 1 - file->bytes) : 0;
}

static bool is_equal_when_short(const void *functions, uint32_t position, const void *key)
{
    const struct label *a = &((const struct function *)functions)[position].label, *b = key;
    size_t a_skipped = directory_size(a->file), b_skipped = directory_size(b->file);
    return a->line == b->line && a->name == b->name && a->file->size - a_skipped == b->file->size - b_skipped &&
           memcmp(a->file->bytes + a_skipped, b->file->bytes + b_skipped, a->file->size - a_skipped) == 0;
}

/* whole[i] becomes whether function i needs its directory. */
static int find_equal_ones(const struct profile *profile, bool *whole)
{
    struct index_map by_name;
    int result = 0;
    index_map_init(&by_name, profile->allocator);
    for (uint32_t i = 0; i < profile->function_count && result == 0; i++) {
        const struct label *label = &profile->functions[i].label;
        size_t skipped = directory_size(label->file);
        uint32_t hash = label_hash_parts(hash_bytes(label->file->bytes + skipped, label->file->size - skipped),
                                         label->line, label->name->hash);
        uint32_t found = index_map_find(&by_name, hash, is_equal_when_short, profile->functions, label);
        if (found == INDEX_MAP_NONE)
            result = index_map_add(&by_name, hash, i);
        else
            whole[i] = whole[found] = true;
    }
    index_map_release(&by_name);
    return result;
}

int names_init_short(struct names *names, const struct profile *profile, struct error *error)
{
    bool *whole = allocator_zeroed(profile->allocator, profile->function_count + 1, sizeof *whole);
    int result = whole && find_equal_ones(profile, whole) == 0 ? names_allocate(names, profile) : -1;
    if (result == 0) {
        char *end = names->text;
        for (size_t i = 0; i < names->count; i++) {
            const struct label *label = &profile->functions[i].label;
            end = put_name(end, label, whole[i] ? 0 : directory_size(label->file), &names->list[i]);
        }
    }
    allocator_free(profile->allocator, whole);
    return result < 0 ? error_set_memory(error) : 0;
}

void names_release(struct names *names)
{
    allocator_free(names->allocator, names->list);
    allocator_free(names->allocator, names->text);
    names->list = NULL;
    names->text = NULL;
}
