#include "statfile.h"

#include "marshal_writer.h"
#include "statfile_parts.h"

/* references[f]: the number of the label of function f plus one, 0 while it is not written. */
static void write_label(struct marshal_writer *writer, const struct profile *profile, uint32_t function,
                        uint32_t *references)
{
    const struct label *label = &profile->functions[function].label;

    if (references[function]) {
        marshal_write_reference(writer, references[function] - 1);
        return;
    }
    references[function] = marshal_write_tuple_once(writer, 3) + 1;
    marshal_write_text(writer, label->file);
    marshal_write_integer(writer, label->line);
    marshal_write_text(writer, label->name);
}

/* The most that a tuple of two counts and two times takes. */
enum { NUMBERS_SIZE = MARSHAL_TUPLE_SIZE + 2 * MARSHAL_INTEGER_SIZE + 2 * MARSHAL_REAL_SIZE };

/* The file has the primitive calls first in a function's entry, and second in a caller's. */
static void write_caller(struct marshal_writer *writer, const struct caller *caller)
{
    unsigned char *at = marshal_room(writer, NUMBERS_SIZE);

    if (!at)
        return;
    if (!caller->plain)
        at = marshal_put_tuple(at, 4);
    at = marshal_put_integer(writer, at, caller->ncalls);
    if (!caller->plain) {
        at = marshal_put_integer(writer, at, caller->primitive);
        at = marshal_put_real(writer, at, caller->tottime);
        at = marshal_put_real(writer, at, caller->cumtime);
    }
    marshal_end(writer, at);
}

static void write_function(struct marshal_writer *writer, const struct profile *profile, uint32_t position,
                           uint32_t *references)
{
    const struct function *function = &profile->functions[position];
    unsigned char *at;

    write_label(writer, profile, position, references);
    at = marshal_room(writer, NUMBERS_SIZE);
    if (!at)
        return;
    at = marshal_put_tuple(at, 5);
    at = marshal_put_integer(writer, at, function->primitive);
    at = marshal_put_integer(writer, at, function->ncalls);
    at = marshal_put_real(writer, at, function->tottime);
    marshal_end(writer, marshal_put_real(writer, at, function->cumtime));
    marshal_open_dictionary(writer);
    for (size_t i = 0; i < function->caller_count; i++) {
        write_label(writer, profile, function->callers[i].function, references);
        write_caller(writer, &function->callers[i]);
    }
    marshal_close_dictionary(writer);
}

/* Room for what a file usually takes, so that large ones are not copied as they grow. */
enum { USUAL_FUNCTION_SIZE = 80, USUAL_CALLER_SIZE = 35 };

static void write_statistics(const struct profile *profile, struct buffer *out)
{
    uint32_t *references = allocator_zeroed(out->allocator, profile->function_count + 1, sizeof *references);
    struct marshal_writer writer;
    size_t edges = 0;

    if (!references) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < profile->function_count; i++)
        edges += profile->functions[i].caller_count;
    buffer_reserve(out, profile->function_count * USUAL_FUNCTION_SIZE + edges * USUAL_CALLER_SIZE);
    marshal_writer_init(&writer, out, profile->function_count * 2 + edges);
    marshal_open_dictionary(&writer);
    for (uint32_t i = 0; i < profile->function_count; i++) {
        if (profile->functions[i].listed)
            write_function(&writer, profile, i, references);
    }
    marshal_close_dictionary(&writer);
    marshal_writer_release(&writer);
    allocator_free(out->allocator, references);
}

int statfile_encode(const struct profile *profile, struct buffer *out, struct error *error)
{
    write_statistics(profile, out);
    return out->failed ? error_set_memory(error) : trailer_encode(profile, out, error);
}
