/* More profiles than a command line can name: a folder stands for the *.stat files in it, and --files-from names a file
 * of names. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strings.h"
#include "opt_rows.h"
#include "utf8.h"

static int refuse_system(struct error *error, const char *what)
{
    int number = errno;
    return error_set(error, ERROR_SYSTEM, ERROR_NO_OFFSET, "%.*s: %s", utf8_fitting(what, QUOTED_SIZE), what,
                     strerror(number));
}

int options_add_file(struct options *options, const char *name, struct error *error)
{
    if (allocator_reserve(&allocator_libc, &options->files, &options->file_capacity, options->file_count + 1,
                          sizeof *options->files) < 0)
        return error_set_memory(error);
    options->files[options->file_count++] = name;
    return 0;
}

/* Adds "FOLDER/NAME", or "NAME" where there is no folder, as a text of its own. */
static int add_copy(struct options *options, const char *folder, const char *name, struct error *error)
{
    size_t length = strlen(folder), room = length + strlen(name) + 2;
    bool apart = length > 0 && folder[length - 1] != '/';
    if (allocator_reserve(&allocator_libc, &options->names, &options->name_capacity, options->name_count + 1,
                          sizeof *options->names) < 0)
        return error_set_memory(error);
    char *copy = allocator_resize(&allocator_libc, NULL, room, 1);
    if (!copy)
        return error_set_memory(error);
    snprintf(copy, room, "%s%s%s", folder, apart ? "/" : "", name);
    options->names[options->name_count++] = copy;
    return options_add_file(options, copy, error);
}

/* One a line; empty lines are none. */
static int add_lines(struct options *options, char *text, struct error *error)
{
    char *rest = text, *line;
    int result = 0;
    while (result == 0 && (line = strsep(&rest, "\n")))
        result = *line ? add_copy(options, "", line, error) : 0;
    return result;
}

/* What stands before the first NUL is everything, or, as `find -print0` puts it, the first name. */
static int add_names(struct options *options, FILE *file, struct error *error)
{
    char *text = NULL;
    size_t size = 0;
    int result = 0;
    ssize_t length = getdelim(&text, &size, '\0', file);
    if (length > 0 && text[length - 1] != '\0')
        result = add_lines(options, text, error);
    else
        for (; result == 0 && length > 0; length = getdelim(&text, &size, '\0', file))
            result = *text ? add_copy(options, "", text, error) : 0;
    free(text);
    return result;
}

int apply_files_from(struct options *options, const char *argument, struct error *error)
{
    bool standard = strcmp(argument, "-") == 0;
    size_t before = options->file_count;
    FILE *file = standard ? stdin : fopen(argument, "r");
    if (!file)
        return refuse_system(error, argument);
    int result = add_names(options, file, error);
    if (result == 0 && ferror(file))
        result = refuse_system(error, argument);
    else if (result == 0 && options->file_count == before)
        result = error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "%.*s: names no files",
                           utf8_fitting(argument, QUOTED_SIZE), argument);
    if (!standard)
        fclose(file);
    return result;
}

static int is_profile(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && text_ends_in(entry->d_name, ".stat");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_folder(struct options *options, const char *folder, struct error *error)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_profile, by_name), result = 0;
    if (count < 0)
        return refuse_system(error, folder);
    for (int i = 0; i < count; i++) {
        if (result == 0)
            result = add_copy(options, folder, entries[i]->d_name, error);
        free(entries[i]);
    }
    free(entries);
    return count > 0 ? result : options_add_file(options, folder, error); /* which will not be read as a profile */
}

static bool is_folder(const char *name)
{
    struct stat status;
    return stat(name, &status) == 0 && S_ISDIR(status.st_mode);
}

int options_open_folders(struct options *options, struct error *error)
{
    const char **names = options->files;
    size_t count = options->file_count, folders = 0;
    for (size_t i = 0; i < count; i++)
        folders += is_folder(names[i]);
    if (folders == 0)
        return 0;
    options->files = NULL;
    options->file_count = options->file_capacity = 0;
    int result = 0;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = is_folder(names[i]) ? add_folder(options, names[i], error)
                                     : options_add_file(options, names[i], error);
    allocator_free(&allocator_libc, names);
    return result;
}

void options_release_files(struct options *options)
{
    for (size_t i = 0; i < options->name_count; i++)
        allocator_free(&allocator_libc, options->names[i]);
    allocator_free(&allocator_libc, options->names);
    allocator_free(&allocator_libc, options->files);
}
