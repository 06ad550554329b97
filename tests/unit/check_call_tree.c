#include "core/call_tree.h"
#include "support.h"

static char keys[1000];

START_TEST(finds_what_was_added)
{
    struct call_tree tree;
    call_tree_init(&tree, &allocator_libc, SIZE_MAX);
    ck_assert_ptr_null(call_tree_find(&tree, &tree.root, &keys[0]));
    struct call_node *a = call_tree_add(&tree, &tree.root, &keys[0]);
    struct call_node *b = call_tree_add(&tree, a, &keys[1]);
    struct call_node *recursive = call_tree_add(&tree, a, &keys[0]);
    ck_assert_ptr_eq(call_tree_find(&tree, &tree.root, &keys[0]), a);
    ck_assert_ptr_eq(call_tree_find(&tree, a, &keys[1]), b);
    ck_assert_ptr_eq(call_tree_find(&tree, a, &keys[0]), recursive);
    ck_assert_ptr_null(call_tree_find(&tree, b, &keys[1]));
    ck_assert_ptr_null(call_tree_find(&tree, &tree.root_no_edges, &keys[0]));
    ck_assert_ptr_null(call_tree_find(&tree, &call_node_none, &keys[0]));
    ck_assert_uint_eq(a->parent, CALL_TREE_ROOT);
    ck_assert_uint_eq(b->parent, a->number);
    ck_assert_ptr_eq(b->first, &call_node_none);
    ck_assert_ptr_eq(b->follower, &call_node_none);
    call_tree_release(&tree);
}
END_TEST

START_TEST(nodes_stay_in_place_while_it_grows)
{
    struct call_tree tree;
    struct call_node *nodes[1000];
    call_tree_init(&tree, &allocator_libc, SIZE_MAX);
    const struct call_node *parent = &tree.root;
    for (int i = 0; i < 1000; i++) {
        nodes[i] = call_tree_add(&tree, parent, &keys[i]);
        parent = nodes[i / 2];
    }
    ck_assert_uint_eq(tree.count, 1000);
    parent = &tree.root;
    for (int i = 0; i < 1000; i++) {
        ck_assert_ptr_eq(call_tree_find(&tree, parent, &keys[i]), nodes[i]);
        ck_assert_ptr_eq(call_tree_node(&tree, (uint32_t)i), nodes[i]);
        parent = nodes[i / 2];
    }
    call_tree_release(&tree);
}
END_TEST

START_TEST(a_node_takes_48_bytes)
{
    ck_assert_uint_eq(sizeof(struct call_node), 48);
}
END_TEST

/* Whatever the limit, what nodes and slots take at any moment does not pass it; the table of chunks comes on top. */
START_TEST(limit_holds_to_the_byte)
{
    for (size_t limit = 0; limit < 120000; limit += 977) {
        struct test_allocator test;
        struct call_tree tree;
        test_allocator_init(&test, 0);
        call_tree_init(&tree, &test.allocator, limit);
        while (call_tree_add(&tree, &tree.root, &keys[tree.count % 1000] + tree.count / 1000) != NULL)
            ;
        size_t index = tree.chunk_capacity * sizeof *tree.chunks;
        ck_assert_uint_le(tree.bytes, limit);
        ck_assert_uint_le(test.peak, limit + index);
        ck_assert_uint_eq(test.bytes, tree.bytes + index);
        call_tree_release(&tree);
        ck_assert_uint_eq(test.live, 0);
    }
}
END_TEST

START_TEST(clear_forgets_and_keeps_the_limit)
{
    struct call_tree tree;
    call_tree_init(&tree, &allocator_libc, 100000);
    call_tree_add(&tree, &tree.root, &keys[0]);
    call_tree_clear(&tree);
    ck_assert_uint_eq(tree.count, 0);
    ck_assert_uint_eq(tree.bytes, 0);
    ck_assert_uint_eq(tree.max_bytes, 100000);
    ck_assert_ptr_null(call_tree_find(&tree, &tree.root, &keys[0]));
    ck_assert_ptr_nonnull(call_tree_add(&tree, &tree.root, &keys[0]));
    call_tree_release(&tree);
}
END_TEST

static int grow(const struct allocator *allocator, void *context)
{
    struct call_tree tree;
    int result = 0;
    call_tree_init(&tree, allocator, SIZE_MAX);
    for (int i = 0; i < 1000 && result == 0; i++)
        if (call_tree_add(&tree, &tree.root, &keys[i]) == NULL)
            result = -1;
    for (uint32_t i = 0; i < tree.count; i++)
        ck_assert_ptr_eq(call_tree_find(&tree, &tree.root, &keys[i]), call_tree_node(&tree, i));
    call_tree_release(&tree);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(grow, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("call_tree");
    TCase *tests = tcase_create("call_tree");
    tcase_add_test(tests, finds_what_was_added);
    tcase_add_test(tests, nodes_stay_in_place_while_it_grows);
    tcase_add_test(tests, a_node_takes_48_bytes);
    tcase_add_test(tests, limit_holds_to_the_byte);
    tcase_add_test(tests, clear_forgets_and_keeps_the_limit);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
