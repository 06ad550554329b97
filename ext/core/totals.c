/* One pass in order of creation copies the tree without hidden functions (a path through one continues at its caller's
 * node) and finds each path's edge; one pass backwards sums cumulative times, since a child's number is larger than its
 * parent's; one walk down the paths, with a depth for each function and each edge, tells recursive calls from others. */
#include "totals.h"

#include <string.h>

#include "base/index_map.h"

#define NONE FUNCTION_NONE

/* The walk's own view of a path. */
struct walk_path {
    uint32_t first_child;
    uint32_t next_sibling;
    uint32_t edge; /* NONE: the path begins here, or edges are not wanted */
    bool wants_edges;
    int64_t measured;   /* own ticks in completed calls, as the clock had them */
    int64_t overhead;   /* of these, what tracing added */
    int64_t running;    /* ticks of completed callees in calls that have not completed in the tree */
    int64_t callees;    /* cumulative ticks of the paths below, less overhead */
    int64_t measured_callees;
    int64_t cumulative;
};

struct walk {
    const struct tracer *tracer;
    struct totals *totals;
    struct index_map edges_by_pair;
    struct index_map paths_by_pair;
    uint32_t *path_of_node;
    struct walk_path *paths;
    int64_t *function_depth;
    int64_t *edge_depth;
};

static bool edge_matches(const void *array, uint32_t position, const void *key)
{
    const struct edge_total *edge = (const struct edge_total *)array + position;
    const struct edge_total *wanted = key;
    return edge->caller == wanted->caller && edge->callee == wanted->callee;
}

static bool path_matches(const void *array, uint32_t position, const void *key)
{
    const struct path_total *path = (const struct path_total *)array + position;
    const struct path_total *wanted = key;
    return path->parent == wanted->parent && path->function == wanted->function;
}

static uint32_t pair_hash(uint32_t a, uint32_t b)
{
    return hash_mix((uint64_t)a << 32 | b);
}

/* The edge's number, added when it is new. */
static int find_edge(struct walk *walk, uint32_t caller, uint32_t callee, uint32_t *number)
{
    struct totals *totals = walk->totals;
    struct edge_total wanted = {.caller = caller, .callee = callee};
    uint32_t hash = pair_hash(caller, callee);
    *number = index_map_find(&walk->edges_by_pair, hash, edge_matches, totals->edges, &wanted);
    if (*number != INDEX_MAP_NONE)
        return 0;
    if (allocator_reserve(totals->allocator, &totals->edges, &totals->edge_capacity, totals->edge_count + 1,
                          sizeof wanted) < 0 ||
        index_map_add(&walk->edges_by_pair, hash, (uint32_t)totals->edge_count) < 0)
        return -1;
    *number = (uint32_t)totals->edge_count;
    totals->edges[totals->edge_count++] = wanted;
    return 0;
}

/* The path's number, added when it is new; `parent` may be one of the tree's roots for now.  Only with hidden functions can
 * two nodes share one path. */
static int find_path(struct walk *walk, uint32_t parent, uint32_t function, uint32_t *number)
{
    struct totals *totals = walk->totals;
    struct path_total wanted = {.parent = parent, .function = function};
    if (walk->tracer->functions.any_hidden) {
        uint32_t hash = pair_hash(parent, function);
        *number = index_map_find(&walk->paths_by_pair, hash, path_matches, totals->paths, &wanted);
        if (*number != INDEX_MAP_NONE)
            return 0;
        if (index_map_add(&walk->paths_by_pair, hash, (uint32_t)totals->path_count) < 0)
            return -1;
    }
    *number = (uint32_t)totals->path_count;
    totals->paths[totals->path_count++] = wanted;
    walk->paths[*number] = (struct walk_path){.first_child = NONE, .next_sibling = NONE, .edge = NONE};
    return 0;
}

static bool is_root(uint32_t path)
{
    return path >= CALL_TREE_ROOT_NO_EDGES;
}

/* `number` is the function's; `parent` is a path or one of the tree's roots. */
static int copy_path(struct walk *walk, const struct call_node *node, uint32_t number, uint32_t parent, uint32_t *path)
{
    struct totals *totals = walk->totals;
    size_t known = totals->path_count;
    if (find_path(walk, parent, number, path) < 0)
        return -1;
    totals->paths[*path].calls += node->calls;
    if (*path < known)
        return 0;
    struct walk_path *own = &walk->paths[*path];
    own->wants_edges = is_root(parent) ? parent == CALL_TREE_ROOT : walk->paths[parent].wants_edges;
    if (is_root(parent) || !own->wants_edges)
        return 0;
    return find_edge(walk, totals->paths[parent].function, number, &own->edge);
}

/* A hidden call's is all its caller's, `path` being the caller's then. */
static void charge_overhead(struct walk *walk, const struct call_node *node, const struct traced_function *function,
                            uint32_t path)
{
    const struct overhead *overhead = &walk->tracer->overhead;
    uint32_t caller = is_root(path) || function->hidden ? path : walk->totals->paths[path].parent;
    if (!is_root(path))
        walk->paths[path].overhead += node->calls * overhead->inside[function->kind];
    if (!is_root(caller))
        walk->paths[caller].overhead += node->calls * overhead->outside[function->kind];
}

static int copy_node(struct walk *walk, uint32_t number)
{
    const struct call_node *node = call_tree_node(&walk->tracer->tree, number);
    uint32_t function_number = function_table_find(&walk->tracer->functions, node->key);
    const struct traced_function *function = &walk->tracer->functions.functions[function_number];
    uint32_t path = is_root(node->parent) ? node->parent : walk->path_of_node[node->parent];
    if (!function->hidden && copy_path(walk, node, function_number, path, &path) < 0)
        return -1;
    walk->path_of_node[number] = path;
    if (!is_root(path))
        walk->paths[path].measured += node->self;
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

/* What completed below a running call stands in the tree, but not yet in that call's own time. */
static void deduct(struct walk *walk, uint32_t node, int64_t callees)
{
    uint32_t path = walk->path_of_node[node];
    if (!is_root(path))
        walk->paths[path].running += callees;
}

static void deduct_running(struct walk *walk)
{
    const struct tracer *tracer = walk->tracer;
    for (const struct frame *frame = tracer->top; frame != tracer->frames; frame--)
        deduct(walk, frame->node->number, frame->callees);
    for (size_t i = 0; i < tracer->open_count; i++)
        deduct(walk, tracer->open[i].node, tracer->open[i].callees);
}

/* Never below zero, unless a timer went backwards and nothing is taken off. */
static int64_t take_off(int64_t measured, int64_t overhead)
{
    return overhead == 0 || measured > overhead ? measured - overhead : 0;
}

/* What `running` comes to without overhead, if that is spread evenly over the callees. */
static int64_t running_without_overhead(const struct walk_path *path)
{
    if (path->callees == path->measured_callees)
        return path->running;
    return (int64_t)((double)path->running * (double)path->callees / (double)path->measured_callees);
}

static void link_and_accumulate(struct walk *walk)
{
    for (uint32_t i = (uint32_t)walk->totals->path_count; i-- > 0;) {
        struct walk_path *own = &walk->paths[i];
        struct path_total *total = &walk->totals->paths[i];
        total->self = take_off(own->measured, own->overhead);
        own->cumulative = total->self + own->callees - running_without_overhead(own);
        if (is_root(total->parent)) {
            total->parent = NONE;
            continue;
        }
        struct walk_path *parent = &walk->paths[total->parent];
        own->next_sibling = parent->first_child;
        parent->first_child = i;
        parent->callees += own->cumulative;
        parent->measured_callees += own->measured + own->measured_callees - own->running;
    }
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
    if (own->edge != NONE)
        charge(&walk->totals->edges[own->edge].total, &walk->edge_depth[own->edge], path, own->cumulative);
}

static void walk_leave(struct walk *walk, uint32_t number)
{
    walk->function_depth[walk->totals->paths[number].function]--;
    if (walk->paths[number].edge != NONE)
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

static void settle(struct call_total *total)
{
    if (total->self < 0)
        total->self = 0;
    if (total->cumulative < 0)
        total->cumulative = 0;
}

/* The edge recorder takes overhead off as calls complete, where a sum may pass below zero for a while. */
static void settle_edges(struct walk *walk)
{
    static const struct overhead none;
    struct totals *totals = walk->totals;
    if (memcmp(&walk->tracer->overhead, &none, sizeof none) == 0)
        return;
    for (size_t i = 0; i < totals->function_count; i++)
        settle(&totals->functions[i]);
    for (size_t i = 0; i < totals->edge_count; i++)
        settle(&totals->edges[i].total);
}

static int add_edge_table(struct walk *walk)
{
    const struct edge_table *table = &walk->tracer->edges.table;
    for (size_t i = 0; i < table->count; i++) {
        const struct edge *edge = &table->edges[i];
        struct call_total *function = &walk->totals->functions[edge->callee];
        function->calls += edge->calls;
        function->self += edge->self;
        uint32_t number;
        if (edge->caller == NONE)
            continue;
        if (find_edge(walk, edge->caller, edge->callee, &number) < 0)
            return -1;
        struct call_total *total = &walk->totals->edges[number].total;
        total->calls += edge->calls;
        total->recursive += edge->recursive;
        total->self += edge->self;
        total->cumulative += edge->cumulative;
    }
    for (size_t i = 0; i < table->function_count; i++) {
        walk->totals->functions[i].recursive += table->functions[i].recursive;
        walk->totals->functions[i].cumulative += table->functions[i].cumulative;
    }
    settle_edges(walk);
    return 0;
}

static int walk_init(struct walk *walk, struct totals *totals, const struct tracer *tracer)
{
    const struct allocator *allocator = totals->allocator;
    size_t nodes = tracer->tree.count;
    *walk = (struct walk){.tracer = tracer, .totals = totals};
    index_map_init(&walk->edges_by_pair, allocator);
    index_map_init(&walk->paths_by_pair, allocator);
    walk->path_of_node = allocator_resize(allocator, NULL, nodes + 1, sizeof *walk->path_of_node);
    walk->paths = allocator_resize(allocator, NULL, nodes + 1, sizeof *walk->paths);
    walk->function_depth = allocator_zeroed(allocator, totals->function_count + 1, sizeof *walk->function_depth);
    totals->functions = allocator_zeroed(allocator, totals->function_count + 1, sizeof *totals->functions);
    totals->paths = allocator_resize(allocator, NULL, nodes + 1, sizeof *totals->paths);
    return walk->path_of_node && walk->paths && walk->function_depth && totals->functions && totals->paths ? 0 : -1;
}

static void walk_release(struct walk *walk)
{
    const struct allocator *allocator = walk->totals->allocator;
    index_map_release(&walk->edges_by_pair);
    index_map_release(&walk->paths_by_pair);
    allocator_free(allocator, walk->path_of_node);
    allocator_free(allocator, walk->paths);
    allocator_free(allocator, walk->function_depth);
    allocator_free(allocator, walk->edge_depth);
}

static int walk_all(struct walk *walk)
{
    struct totals *totals = walk->totals;
    if (copy_tree(walk) < 0)
        return -1;
    walk->edge_depth = allocator_zeroed(totals->allocator, totals->edge_count + 1, sizeof *walk->edge_depth);
    if (walk->edge_depth == NULL)
        return -1;
    deduct_running(walk);
    link_and_accumulate(walk);
    for (uint32_t i = 0; i < totals->path_count; i++)
        if (totals->paths[i].parent == NONE)
            walk_down(walk, i);
    return add_edge_table(walk);
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
}
