/* The decoder once more, with the short ways closed. */
#define MARSHAL_QUICK       0
#define statfile_decode     general_decode
#define tuple_read          general_tuple_read
#define tuple_take          general_tuple_take
#define label_decode_fields general_label_decode_fields
#define label_count_text    general_label_count_text

#include "../../tools/lib/statfile_decode.c"
#include "../../tools/lib/statfile_label.c"
