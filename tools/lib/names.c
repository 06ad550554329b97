/* Every report needs the names again and again: to sort, to match, to measure the columns, to print.  They are
 * therefore made once, for all functions, in one block of memory. */
#include "names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

enum { LINE_SIZE = 24 };

/* pstats recognises C functions by their file and line alone. */
static bool is_builtin(const struct label *label)
{
    return label->line == 0 && label->file->size == 1 && label->file->bytes[0] == '~';
}

static bool is_bracketed(const struct string *name)
{
    return name->size > 0 && name->bytes[0] == '<' && name->bytes[name->size - 1] == '>';
}

static size_t name_room(const struct label *label)
{
    return (size_t)label->file->size + label->name->size + LINE_SIZE + 3;
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

static char *put_located(char *out, const struct label *label)
{
    char line[LINE_SIZE];
    int size = snprintf(line, sizeof line, ":%" PRId64 "(", label->line);
    out = put(out, label->file->bytes, label->file->size);
    out = put(out, line, (size_t)size);
    out = put(out, label->name->bytes, label->name->size);
    *out++ = ')';
    return out;
}

static char *put_name(char *out, const struct label *label)
{
    if (!is_builtin(label))
        return put_located(out, label);
    if (is_bracketed(label->name))
        return put_braced(out, label->name);
    return put(out, label->name->bytes, label->name->size);
}

static void measure(struct name *name)
{
    name->plain = true;
    name->width = 0;
    uint32_t code;
    for (size_t i = 0; i < name->size; name->width++) {
        i += utf8_decode(name->bytes + i, name->size - i, &code);
        if (utf8_is_surrogate(code) || utf8_is_control(code))
            name->plain = false;
    }
}

int names_init(struct names *names, const struct profile *profile, struct error *error)
{
    const struct allocator *allocator = profile->allocator;
    size_t room = 1;
    for (size_t i = 0; i < profile->function_count; i++)
        room += name_room(&profile->functions[i].label) + 1;
    *names = (struct names){.allocator = allocator, .count = profile->function_count};
    names->list = allocator_resize(allocator, NULL, names->count + 1, sizeof *names->list);
    names->text = allocator_resize(allocator, NULL, room, 1);
    if (!names->list || !names->text) {
        names_release(names);
        return error_set_memory(error);
    }
    char *end = names->text;
    for (size_t i = 0; i < names->count; i++) {
        struct name *name = &names->list[i];
        name->bytes = end;
        end = put_name(end, &profile->functions[i].label);
        name->size = (uint32_t)(end - name->bytes);
        *end++ = '\0';
        measure(name);
    }
    return 0;
}

void names_release(struct names *names)
{
    allocator_free(names->allocator, names->list);
    allocator_free(names->allocator, names->text);
    names->list = NULL;
    names->text = NULL;
}
