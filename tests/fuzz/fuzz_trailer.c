/* The bytes are what a trailer holds, before it is compressed and summed: no fuzzer gets a checksum right. */
#include <zlib.h>

#include "compression.h"
#include "fuzz.h"
#include "statfile.h"

static const unsigned char two_functions[] =
    "{"
    "\xa9\3\xfa\4a.pyi\1\0\0\0z\1f"
    ")\5i\1\0\0\0i\1\0\0\0g\0\0\0\0\0\0\0\0g\0\0\0\0\0\0\0\0{0"
    "\xa9\3r\1\0\0\0i\2\0\0\0z\1g"
    ")\5i\1\0\0\0i\1\0\0\0g\0\0\0\0\0\0\0\0g\0\0\0\0\0\0\0\0{r\0\0\0\0i\1\0\0\0000"
    "0";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer file, packed;

    buffer_init(&file, &allocator_libc);
    buffer_init(&packed, &allocator_libc);
    compression_deflate(&packed, data, size);
    buffer_append(&file, two_functions, sizeof two_functions - 1);
    buffer_append_string(&file, STATFILE_MAGIC);
    buffer_append_u32le(&file, STATFILE_TRAILER_VERSION);
    buffer_append_u64le(&file, packed.size);
    buffer_append_u32le(&file, (uint32_t)crc32_z(0, packed.data, packed.size));
    buffer_append(&file, packed.data, packed.size);
    fuzz_file(file.data, file.size);
    buffer_release(&packed);
    buffer_release(&file);
    return 0;
}
