/* One pass in order of creation copies the tree without hidden functions (a path through one continues at its caller's
 * node); the paths of each function in turn give the edges to it; one pass backwards sums cumulative times, since a
 * child's number is larger than its parent's; one walk down the paths, with a depth for each function and each edge,
 * tells recursive calls from others. */
#include "totals.h"

#include <string.h>

#include "base/index_map.h"

#define NONE FUNCTION_NONE
/* In place of an edge: for neither this path nor those below are edges wanted. */
#define UNWANTED (UINT32_MAX - 1)

/* The walk's own view of a path. */
struct walk_path {
    int64_t cumulative; /* before the path's turn comes, that of the paths below */
    int64_t running;    /* ticks of completed callees in calls that have not completed in the tree */
    uint32_t edge;      /* NONE: the path begins here */
    uint32_t first_child;
    uint32_t next_sibling;
    uint32_t next_of_function; /* the next path of the same function that is to have an edge */
};

/* What tracing added to a path: needed only where it is taken off. */
struct walk_overhead {
    int64_t added;            /* to the path's own ticks in completed calls */
    int64_t measured_callees; /* cumulative ticks of the paths below as the clock had them */
};

struct walk {
    const struct tracer *tracer;
    struct totals *totals;
    struct index_map paths_by_pair;
    uint32_t *path_of_node;
    struct walk_path *paths;
    struct walk_overhead *overheads; /* by path; NULL: nothing is taken off */
    uint32_t *first_of_function;     /* heads of the lists through next_of_function */
    uint32_t *edge_from;             /* by caller: the edge found last that begins there */
    uint32_t *first_recorded;        /* heads of the lists of the edge recorder's edges, by callee */
    uint32_t *next_recorded;         /* by number in the edge recorder's table */
    int64_t *function_depth;
    int64_t *edge_depth;
};

static bool path_matches(const void *array, uint32_t position, const void *key)
{
    const struct path_total *path = (const struct path_total *)array + position;
    const struct path_total *wanted = key;
    return path->parent == wanted->parent && path->function == wanted->function;
}

static bool is_root(uint32_t path)
{
    return path >= CALL_TREE_ROOT_NO_EDGES;
}

static uint32_t edge_of_new_path(const struct walk *walk, uint32_t parent)
{
    if (is_root(parent))
        return parent == CALL_TREE_ROOT ? NONE : UNWANTED;
    return walk->paths[parent].edge == UNWANTED ? UNWANTED : NONE;
}

/* The path's number, added when it is new; `parent` may be one of the tree's roots for now.  Only with hidden functions
 * can two nodes share one path. */
static int find_path(struct walk *walk, uint32_t parent, uint32_t function, uint32_t *number)
{
    struct totals *totals = walk->totals;
    if (walk->tracer->functions.any_hidden) {
        struct path_total wanted = {.parent = parent, .function = function};
        uint32_t hash = hash_mix((uint64_t)parent << 32 | function);
        *number = index_map_find(&walk->paths_by_pair, hash, path_matches, totals->paths, &wanted);
        if (*number != INDEX_MAP_NONE)
            return 0;
        if (index_map_add(&walk->paths_by_pair, hash, (uint32_t)totals->path_count) < 0)
            return -1;
    }
    *number = (uint32_t)totals->path_count;
    totals->paths[totals->path_count++] = (struct path_total){.parent = parent, .function = function};
    walk->paths[*number] =
        (struct walk_path){.first_child = NONE, .next_sibling = NONE, .edge = edge_of_new_path(walk, parent)};
    return 0;
}

/* A hidden call's is all its caller's, `path` being the caller's then. */
static void charge_overhead(struct walk *walk, const struct call_node *node, const struct traced_function *function,
                            uint32_t path)
{
    const struct overhead *overhead = &walk->tracer->overhead;
    uint32_t caller = is_root(path) || function->hidden ? path : walk->totals->paths[path].parent;
    if (!is_root(path))
        walk->overheads[path].added += node->calls * overhead->inside[function->kind];
    if (!is_root(caller))
        walk->overheads[caller].added += node->calls * overhead->outside[function->kind];
}

static void add_waits(struct wait_total *total, struct wait_total more)
{
    total->resumes += more.resumes;
    total->awaited += more.awaited;
}

static int copy_node(struct walk *walk, uint32_t number)
{
    const struct call_node *node = call_tree_node(&walk->tracer->tree, number);
    uint32_t function_number = function_table_find(&walk->tracer->functions, node->key);
    const struct traced_function *function = &walk->tracer->functions.functions[function_number];
    uint32_t path = is_root(node->parent) ? node->parent : walk->path_of_node[node->parent];
    if (!function->hidden) {
        if (find_path(walk, path, function_number, &path) < 0)
            return -1;
        walk->totals->paths[path].calls += node->calls;
    }
    walk->path_of_node[number] = path;
    if (!is_root(path))
        walk->totals->paths[path].self += node->self;
    if (walk->totals->waits != NULL && !function->hidden)
        add_waits(&walk->totals->waits[path], waits_of(&walk->tracer->waits, number));
    if (walk->overheads != NULL)
        charge_overhead(walk, node, function, path);
    return 0;
}

static int copy_tree(struct walk *walk)
{
    for (uint32_t i = 0; i < walk->tracer->tree.count; i++)
        if (copy_node(walk, i) < 0)
            return -1;
    return 0;
}

/* ---- edges ---- */

static void list_paths(struct walk *walk)
{
    for (uint32_t i = (uint32_t)walk->totals->path_count; i-- > 0;) {
        const struct path_total *path = &walk->totals->paths[i];
        if (is_root(path->parent) || walk->paths[i].edge == UNWANTED)
            continue;
        walk->paths[i].next_of_function = walk->first_of_function[path->function];
        walk->first_of_function[path->function] = i;
    }
}

/* The edge's number, added when it is new; all edges to one callee are asked for one after the other. */
static int find_edge(struct walk *walk, uint32_t caller, uint32_t callee, uint32_t *number)
{
    struct totals *totals = walk->totals;
    *number = walk->edge_from[caller];
    if (*number != NONE && totals->edges[*number].callee == callee)
        return 0;
    if (totals->edge_count == totals->edge_capacity &&
        allocator_reserve(totals->allocator, &totals->edges, &totals->edge_capacity, totals->edge_count + 1,
                          sizeof *totals->edges) < 0)
        return -1;
    *number = (uint32_t)totals->edge_count++;
    walk->edge_from[caller] = *number;
    totals->edges[*number] = (struct edge_total){.caller = caller, .callee = callee};
    return 0;
}

static void list_recorded(struct walk *walk)
{
    const struct edge_table *table = &walk->tracer->edges.table;
    for (uint32_t i = (uint32_t)table->count; i-- > 0;) {
        walk->next_recorded[i] = walk->first_recorded[table->edges[i].callee];
        walk->first_recorded[table->edges[i].callee] = i;
    }
}

static int add_recorded(struct walk *walk, const struct edge *edge)
{
    uint32_t number;
    if (edge->caller == NONE)
        return 0;
    if (find_edge(walk, edge->caller, edge->callee, &number) < 0)
        return -1;
    struct call_total *total = &walk->totals->edges[number].total;
    total->calls += edge->calls;
    total->recursive += edge->recursive;
    total->self += edge->self;
    total->cumulative += edge->cumulative;
    return 0;
}

static int add_edges_to(struct walk *walk, uint32_t callee)
{
    const struct path_total *paths = walk->totals->paths;
    const struct edge *recorded = walk->tracer->edges.table.edges;
    for (uint32_t i = walk->first_of_function[callee]; i != NONE; i = walk->paths[i].next_of_function)
        if (find_edge(walk, paths[paths[i].parent].function, callee, &walk->paths[i].edge) < 0)
            return -1;
    for (uint32_t i = walk->first_recorded[callee]; i != NONE; i = walk->next_recorded[i])
        if (add_recorded(walk, &recorded[i]) < 0)
            return -1;
    return 0;
}

/* A function has a few callers; in a small profile, as many as it has paths at the most. */
static int reserve_edges(struct totals *totals, size_t recorded)
{
    enum { USUAL_CALLERS = 4 };
    size_t most = totals->path_count + recorded, usual = totals->function_count * USUAL_CALLERS;
    return allocator_reserve(totals->allocator, &totals->edges, &totals->edge_capacity, most < usual ? most : usual,
                             sizeof *totals->edges);
}

static int add_edges(struct walk *walk)
{
    if (reserve_edges(walk->totals, walk->tracer->edges.table.count) < 0)
        return -1;
    list_paths(walk);
    list_recorded(walk);
    for (uint32_t i = 0; i < walk->totals->function_count; i++)
        if (add_edges_to(walk, i) < 0)
            return -1;
    return 0;
}

/* ---- times ---- */

/* What completed below a running call stands in the tree, but not yet in that call's own time. */
static void deduct(struct walk *walk, uint32_t node, int64_t callees)
{
    uint32_t path = walk->path_of_node[node];
    if (!is_root(path))
        walk->paths[path].running += callees;
}

static void deduct_stack(struct walk *walk, const struct frame *frames, const struct frame *top)
{
    for (const struct frame *frame = top; frame != frames; frame--)
        deduct(walk, frame->node->number, frame->callees);
}

static void deduct_running(struct walk *walk)
{
    const struct tracer *tracer = walk->tracer;
    deduct_stack(walk, tracer->frames, tracer->top);
    for (size_t i = 0; i < tracer->strands.count; i++)
        deduct_stack(walk, tracer->strands.stacks[i].frames, tracer->strands.stacks[i].top);
    for (size_t i = 0; i < tracer->open_count; i++)
        deduct(walk, tracer->open[i].node, tracer->open[i].callees);
}

/* Never below zero, unless a timer went backwards and nothing is taken off. */
static int64_t take_off(const struct walk *walk, uint32_t function, int64_t measured, int64_t added)
{
    const struct traced_function *traced = &walk->tracer->functions.functions[function];
    int64_t left = overhead_take_off(&walk->tracer->overhead, traced->kind, measured, added);
    return added == 0 || left > 0 ? left : 0;
}

/* What `running` comes to without overhead, if that is spread evenly over the callees. */
static int64_t running_without_overhead(int64_t running, int64_t callees, int64_t measured_callees)
{
    if (callees == measured_callees)
        return running;
    return (int64_t)((double)running * (double)callees / (double)measured_callees);
}

/* Takes overhead off the path, and hands on to its parent what was measured. */
static void compensate(struct walk *walk, uint32_t number)
{
    struct path_total *total = &walk->totals->paths[number];
    struct walk_path *own = &walk->paths[number];
    const struct walk_overhead *overhead = &walk->overheads[number];
    if (!is_root(total->parent))
        walk->overheads[total->parent].measured_callees += total->self + overhead->measured_callees - own->running;
    total->self = take_off(walk, total->function, total->self, overhead->added);
    own->running = running_without_overhead(own->running, own->cumulative, overhead->measured_callees);
}

static void link_and_accumulate(struct walk *walk)
{
    for (uint32_t i = (uint32_t)walk->totals->path_count; i-- > 0;) {
        struct walk_path *own = &walk->paths[i];
        struct path_total *total = &walk->totals->paths[i];
        if (walk->overheads != NULL)
            compensate(walk, i);
        own->cumulative += total->self - own->running;
        if (is_root(total->parent)) {
            total->parent = NONE;
            continue;
        }
        struct walk_path *parent = &walk->paths[total->parent];
        own->next_sibling = parent->first_child;
        parent->first_child = i;
        parent->cumulative += own->cumulative;
    }
}

static bool has_edge(const struct walk_path *path)
{
    return path->edge < UNWANTED;
}

static void charge(struct call_total *total, int64_t *depth, const struct path_total *path, int64_t cumulative)
{
    total->calls += path->calls;
    total->self += path->self;
    if ((*depth)++ == 0)
        total->cumulative += cumulative;
    else
        total->recursive += path->calls;
}

static void walk_enter(struct walk *walk, uint32_t number)
{
    const struct path_total *path = &walk->totals->paths[number];
    const struct walk_path *own = &walk->paths[number];
    charge(&walk->totals->functions[path->function], &walk->function_depth[path->function], path, own->cumulative);
    if (has_edge(own))
        charge(&walk->totals->edges[own->edge].total, &walk->edge_depth[own->edge], path, own->cumulative);
}

static void walk_leave(struct walk *walk, uint32_t number)
{
    walk->function_depth[walk->totals->paths[number].function]--;
    if (has_edge(&walk->paths[number]))
        walk->edge_depth[walk->paths[number].edge]--;
}

/* Down to the first child, else on to the next sibling of the nearest path that has one. */
static void walk_down(struct walk *walk, uint32_t root)
{
    uint32_t at = root;
    walk_enter(walk, at);
    for (;;) {
        uint32_t next = walk->paths[at].first_child;
        while (next == NONE) {
            walk_leave(walk, at);
            if (at == root)
                return;
            next = walk->paths[at].next_sibling;
            if (next == NONE)
                at = walk->totals->paths[at].parent;
        }
        at = next;
        walk_enter(walk, at);
    }
}

/* The edge recorder takes overhead off as calls complete, where a sum may pass below zero for a while. */
static void settle(struct call_total *total)
{
    if (total->self < 0)
        total->self = 0;
    if (total->cumulative < 0)
        total->cumulative = 0;
}

static void settle_all(struct totals *totals)
{
    for (size_t i = 0; i < totals->function_count; i++)
        settle(&totals->functions[i]);
    for (size_t i = 0; i < totals->edge_count; i++)
        settle(&totals->edges[i].total);
}

static void add_recorded_functions(struct walk *walk)
{
    const struct edge_table *table = &walk->tracer->edges.table;
    for (size_t i = 0; i < table->count; i++) {
        struct call_total *function = &walk->totals->functions[table->edges[i].callee];
        function->calls += table->edges[i].calls;
        function->self += table->edges[i].self;
    }
    for (size_t i = 0; i < table->function_count; i++) {
        walk->totals->functions[i].recursive += table->functions[i].recursive;
        walk->totals->functions[i].cumulative += table->functions[i].cumulative;
    }
}

/* ---- all of it ---- */

static bool takes_off(const struct tracer *tracer)
{
    static const struct overhead none;
    return memcmp(&tracer->overhead, &none, sizeof none) != 0;
}

static uint32_t *new_heads(const struct walk *walk)
{
    size_t count = walk->totals->function_count + 1;
    uint32_t *heads = allocator_resize(walk->totals->allocator, NULL, count, sizeof *heads);
    if (heads != NULL)
        memset(heads, 0xff, count * sizeof *heads);
    return heads;
}

static int walk_init(struct walk *walk, struct totals *totals, const struct tracer *tracer)
{
    const struct allocator *allocator = totals->allocator;
    size_t nodes = tracer->tree.count, recorded = tracer->edges.table.count;
    *walk = (struct walk){.tracer = tracer, .totals = totals};
    index_map_init(&walk->paths_by_pair, allocator);
    walk->path_of_node = allocator_resize(allocator, NULL, nodes + 1, sizeof *walk->path_of_node);
    walk->paths = allocator_resize(allocator, NULL, nodes + 1, sizeof *walk->paths);
    walk->first_of_function = new_heads(walk);
    walk->edge_from = new_heads(walk);
    walk->first_recorded = new_heads(walk);
    walk->next_recorded = allocator_resize(allocator, NULL, recorded + 1, sizeof *walk->next_recorded);
    walk->function_depth = allocator_zeroed(allocator, totals->function_count + 1, sizeof *walk->function_depth);
    totals->functions = allocator_zeroed(allocator, totals->function_count + 1, sizeof *totals->functions);
    totals->paths = allocator_resize(allocator, NULL, nodes + 1, sizeof *totals->paths);
    if (tracer->waits.count > 0 &&
        (totals->waits = allocator_zeroed(allocator, nodes + 1, sizeof *totals->waits)) == NULL)
        return -1;
    if (takes_off(tracer) &&
        (walk->overheads = allocator_zeroed(allocator, nodes + 1, sizeof *walk->overheads)) == NULL)
        return -1;
    return walk->path_of_node && walk->paths && walk->first_of_function && walk->edge_from && walk->first_recorded &&
                   walk->next_recorded && walk->function_depth && totals->functions && totals->paths
               ? 0
               : -1;
}

static void walk_release(struct walk *walk)
{
    const struct allocator *allocator = walk->totals->allocator;
    index_map_release(&walk->paths_by_pair);
    allocator_free(allocator, walk->path_of_node);
    allocator_free(allocator, walk->paths);
    allocator_free(allocator, walk->overheads);
    allocator_free(allocator, walk->first_of_function);
    allocator_free(allocator, walk->edge_from);
    allocator_free(allocator, walk->first_recorded);
    allocator_free(allocator, walk->next_recorded);
    allocator_free(allocator, walk->function_depth);
    allocator_free(allocator, walk->edge_depth);
}

static int walk_all(struct walk *walk)
{
    struct totals *totals = walk->totals;
    if (copy_tree(walk) < 0 || add_edges(walk) < 0)
        return -1;
    walk->edge_depth = allocator_zeroed(totals->allocator, totals->edge_count + 1, sizeof *walk->edge_depth);
    if (walk->edge_depth == NULL)
        return -1;
    deduct_running(walk);
    link_and_accumulate(walk);
    for (uint32_t i = 0; i < totals->path_count; i++)
        if (totals->paths[i].parent == NONE)
            walk_down(walk, i);
    add_recorded_functions(walk);
    if (takes_off(walk->tracer))
        settle_all(totals);
    return 0;
}

int totals_init(struct totals *totals, const struct tracer *tracer)
{
    struct walk walk;
    *totals = (struct totals){.allocator = tracer->allocator, .function_count = tracer->functions.count};
    int result = walk_init(&walk, totals, tracer);
    if (result == 0)
        result = walk_all(&walk);
    walk_release(&walk);
    return result;
}

void totals_release(struct totals *totals)
{
    allocator_free(totals->allocator, totals->functions);
    allocator_free(totals->allocator, totals->edges);
    allocator_free(totals->allocator, totals->paths);
    allocator_free(totals->allocator, totals->waits);
}
