#include "export.h"

#include "statfile.h"

int export_stat(const struct report *report, struct out *out, struct error *error)
{
    struct buffer bytes;
    buffer_init(&bytes, report->profile->allocator);
    int result = statfile_encode(report->profile, &bytes, error);
    if (result == 0)
        out_bytes(out, bytes.data, bytes.size);
    buffer_release(&bytes);
    return result;
}
