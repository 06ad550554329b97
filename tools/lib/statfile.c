/* Statistics are decoded in the order of the file, where a caller is often met before its own entry.  So functions get
 * provisional positions as they are met, and are put into the order of the dictionary at the end.
 */
#include "statfile.h"

#include "marshal_writer.h"
#include "statfile_trailer.h"

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

/* The file has the primitive calls first in a function's entry, and second in a caller's. */
static void write_caller(struct marshal_writer *writer, const struct caller *caller)
{
    if (caller->plain) {
        marshal_write_integer(writer, caller->ncalls);
        return;
    }
    marshal_write_tuple(writer, 4);
    marshal_write_integer(writer, caller->ncalls);
    marshal_write_integer(writer, caller->primitive);
    marshal_write_real(writer, caller->tottime);
    marshal_write_real(writer, caller->cumtime);
}

static void write_function(struct marshal_writer *writer, const struct profile *profile, uint32_t position,
                           uint32_t *references)
{
    const struct function *function = &profile->functions[position];

    write_label(writer, profile, position, references);
    marshal_write_tuple(writer, 5);
    marshal_write_integer(writer, function->primitive);
    marshal_write_integer(writer, function->ncalls);
    marshal_write_real(writer, function->tottime);
    marshal_write_real(writer, function->cumtime);
    marshal_open_dictionary(writer);
    for (size_t i = 0; i < function->caller_count; i++) {
        write_label(writer, profile, function->callers[i].function, references);
        write_caller(writer, &function->callers[i]);
    }
    marshal_close_dictionary(writer);
}

static void write_statistics(const struct profile *profile, struct buffer *out)
{
    uint32_t *references = allocator_zeroed(out->allocator, profile->function_count + 1, sizeof *references);
    struct marshal_writer writer;

    if (!references) {
        out->failed = true;
        return;
    }
    marshal_writer_init(&writer, out, profile->function_count * 3);
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
    if (!out->failed && statfile_trailer_encode(profile, out, error))
        return -1;
    return out->failed ? error_set_memory(error) : 0;
}
