/* Floor 1.  PCRE2's memory from one of our allocators. */
#ifndef PROFSTAT_PCRE2_MEMORY_H
#define PROFSTAT_PCRE2_MEMORY_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"

/* To be freed with pcre2_general_context_free.  NULL when memory is short. */
pcre2_general_context *pcre2_memory(const struct allocator *allocator);

#endif
