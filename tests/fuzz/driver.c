/* Runs a fuzz target over the files of the folders that are named: an ordinary test, for any compiler. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static int run_file(const char *folder, const char *name)
{
    static uint8_t bytes[1 << 20];
    char path[4096];
    size_t size;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (!file)
        return -1;
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    /* Should the target abort, this says where. */
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(bytes, size);
    return 0;
}

static int run_folder(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    int count = 0;

    if (!folder)
        return 0;
    while ((entry = readdir(folder)))
        count += entry->d_name[0] != '.' && run_file(path, entry->d_name) == 0;
    closedir(folder);
    return count;
}

int main(int count, char **folders)
{
    for (int i = 1; i < count; i++) {
        if (run_folder(folders[i]) == 0) {
            fprintf(stderr, "%s: no files\n", folders[i]);
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}
