/* Everything that a profile holds, as profile.schema.json says. */
#include "export.h"

#include <string.h>

struct json {
    const struct profile *profile;
    struct out *out;
    uint32_t *places; /* of functions in the list, by position in the profile */
    uint32_t *order;  /* the other way round */
};

static void put_text(struct out *out, const struct string *text)
{
    if (text)
        out_json_text(out, text->bytes, text->size);
    else
        out_string(out, "null");
}

/* `before` ends in the key. */
static void put_integer(struct out *out, const char *before, int64_t number)
{
    out_string(out, before);
    out_integer(out, number);
}

static void put_real(struct out *out, const char *before, double number)
{
    out_string(out, before);
    out_real(out, number);
}

static const char *comma(size_t place)
{
    return place ? "," : "";
}

/* Those without statistics stand behind the others. */
static int place_functions(struct json *json)
{
    const struct profile *profile = json->profile;
    size_t room = profile->function_count + 1;
    uint32_t next = 0;
    json->places = allocator_resize(profile->allocator, NULL, room, sizeof *json->places);
    json->order = allocator_resize(profile->allocator, NULL, room, sizeof *json->order);
    if (!json->places || !json->order)
        return -1;
    for (int listed = 1; listed >= 0; listed--) {
        for (uint32_t i = 0; i < profile->function_count; i++) {
            if (profile->functions[i].listed != listed)
                continue;
            json->order[next] = i;
            json->places[i] = next++;
        }
    }
    return 0;
}

static void put_files(const struct report *report, struct out *out)
{
    out_string(out, "\"files\":[");
    for (size_t i = 0; i < report->source_count; i++) {
        out_string(out, comma(i));
        out_json_text(out, report->sources[i].path, strlen(report->sources[i].path));
    }
    out_string(out, "],\n");
}

static void put_fact(struct out *out, const struct fact *fact)
{
    put_text(out, fact->name);
    if (fact->kind == FACT_INTEGER)
        put_integer(out, ":", fact->integer);
    else if (fact->kind == FACT_REAL && fact->real - fact->real == 0)
        put_real(out, ":", fact->real);
    else if (fact->kind == FACT_TEXT)
        out_string(out, ":"), put_text(out, fact->text);
    else
        out_string(out, ":null");
}

static void put_facts(const struct json *json)
{
    out_string(json->out, "\"facts\":{");
    for (size_t i = 0; i < json->profile->fact_count; i++) {
        out_string(json->out, comma(i));
        put_fact(json->out, &json->profile->facts[i]);
    }
    out_string(json->out, "},\n");
}

static void put_total(const struct report *report, struct out *out)
{
    put_integer(out, "\"total\":{\"ncalls\":", report->total.ncalls);
    put_integer(out, ",\"primitive_calls\":", report->total.primitive);
    put_real(out, ",\"tottime\":", report->total.tottime);
    out_string(out, "},\n");
}

static void put_numbers(struct out *out, int64_t ncalls, int64_t primitive, double tottime, double cumtime)
{
    put_integer(out, ",\"ncalls\":", ncalls);
    put_integer(out, ",\"primitive_calls\":", primitive);
    put_real(out, ",\"tottime\":", tottime);
    put_real(out, ",\"cumtime\":", cumtime);
}

/* Of the old profiler there is nothing but a count. */
static void put_caller(const struct json *json, const struct caller *caller)
{
    put_integer(json->out, "{\"function\":", json->places[caller->function]);
    if (caller->plain)
        put_integer(json->out, ",\"ncalls\":", caller->ncalls);
    else
        put_numbers(json->out, caller->ncalls, caller->primitive, caller->tottime, caller->cumtime);
    out_string(json->out, "}");
}

static void put_function(const struct json *json, const struct function *function)
{
    struct out *out = json->out;
    out_string(out, "{\"file\":");
    put_text(out, function->label.file);
    put_integer(out, ",\"line\":", function->label.line);
    out_string(out, ",\"name\":");
    put_text(out, function->label.name);
    if (function->listed) {
        put_numbers(out, function->ncalls, function->primitive, function->tottime, function->cumtime);
        out_string(out, ",\"callers\":[");
        for (size_t i = 0; i < function->caller_count; i++) {
            out_string(out, comma(i));
            put_caller(json, &function->callers[i]);
        }
        out_string(out, "]");
    }
    out_string(out, "}");
}

static void put_functions(const struct json *json)
{
    out_string(json->out, "\"functions\":[");
    for (size_t i = 0; i < json->profile->function_count; i++) {
        out_string(json->out, i ? ",\n" : "\n");
        put_function(json, &json->profile->functions[json->order[i]]);
    }
    out_string(json->out, "],\n");
}

static void put_nodes(const struct json *json, const struct path_tree *tree)
{
    struct out *out = json->out;
    out_string(out, ",\n\"parent\":[");
    for (uint32_t i = 0; i < tree->count; i++) {
        out_string(out, comma(i));
        if (tree->parent[i] == PROFILE_NO_PARENT)
            out_string(out, "null");
        else
            out_integer(out, tree->parent[i]);
    }
    out_string(out, "],\n\"function\":[");
    for (uint32_t i = 0; i < tree->count; i++)
        put_integer(out, comma(i), json->places[tree->function[i]]);
}

static void put_column(struct out *out, const struct path_column *column, uint32_t count)
{
    out_string(out, "{\"name\":");
    put_text(out, column->name);
    out_string(out, ",\"unit\":");
    put_text(out, column->unit);
    out_string(out, ",\"values\":[");
    for (uint32_t i = 0; i < count; i++)
        put_integer(out, comma(i), column->values[i]);
    out_string(out, "]}");
}

static void put_tree(const struct json *json, const struct path_tree *tree)
{
    struct out *out = json->out;
    out_string(out, "{\"thread\":");
    put_text(out, tree->thread);
    put_nodes(json, tree);
    out_string(out, "],\n\"columns\":[");
    for (size_t i = 0; i < tree->column_count; i++) {
        out_string(out, i ? ",\n" : "\n");
        put_column(out, &tree->columns[i], tree->count);
    }
    out_string(out, "]}");
}

static void put_trees(const struct json *json)
{
    out_string(json->out, "\"trees\":[");
    for (size_t i = 0; i < json->profile->tree_count; i++) {
        out_string(json->out, i ? ",\n" : "\n");
        put_tree(json, &json->profile->trees[i]);
    }
    out_string(json->out, "]}\n");
}

int export_json(const struct report *report, struct out *out, struct error *error)
{
    struct json json = {.profile = report->profile, .out = out};
    int result = place_functions(&json) < 0 ? error_set_memory(error) : 0;
    if (result == 0) {
        out_string(out, "{\"format\":\"profstat\",\"version\":1,\n");
        put_files(report, out);
        put_facts(&json);
        put_total(report, out);
        put_functions(&json);
        put_trees(&json);
    }
    allocator_free(report->profile->allocator, json.places);
    allocator_free(report->profile->allocator, json.order);
    return result;
}
