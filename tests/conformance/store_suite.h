/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The behaviours that every store back end must show, one function each. A back end's test makes a
 * Criterion test of every one (STORE_SUITE) with a factory that opens a store with the suite's own
 * tables in the directory of the test.
 */
#ifndef MN_STORE_SUITE_H
#define MN_STORE_SUITE_H

#include "store/store.h"

typedef struct store_suite_wish {
    bool create;
    bool read_only;
    unsigned busy_ms; /* 0 = the back end's own wait */
} store_suite_wish;

typedef struct store_suite_factory {
    mnsec_status (*open)(const char *directory, const store_suite_wish *wish, mn_error *err,
                         mn_store **out_store);
} store_suite_factory;

#define STORE_SUITE_TABLES 6
extern const mn_store_table store_suite_tables[STORE_SUITE_TABLES];

#define STORE_SUITE(X)                                                                             \
    X(gives_back_every_type_as_it_was_put)                                                         \
    X(keeps_null_apart_from_empty)                                                                 \
    X(keeps_the_ends_of_the_integers)                                                              \
    X(keeps_keys_with_zero_bytes_apart)                                                            \
    X(keeps_a_blob_of_20_megabytes)                                                                \
    X(answers_not_found_for_a_missing_row)                                                         \
    X(insert_refuses_a_taken_key_and_goes_on)                                                      \
    X(insert_refuses_a_taken_unique_value_and_goes_on)                                             \
    X(put_replaces_the_row_of_the_same_key)                                                        \
    X(put_refuses_the_unique_value_of_another_row)                                                 \
    X(put_keeps_the_rows_that_refer_to_it)                                                         \
    X(put_of_a_row_that_is_all_key_can_be_repeated)                                                \
    X(remove_takes_one_row_away)                                                                   \
    X(remove_answers_not_found_for_a_missing_row)                                                  \
    X(refuses_a_reference_to_a_missing_row)                                                        \
    X(refuses_to_remove_a_row_that_another_refers_to)                                              \
    X(scans_integer_keys_as_numbers)                                                               \
    X(scans_text_keys_byte_by_byte)                                                                \
    X(scans_blob_keys_byte_by_byte)                                                                \
    X(scans_keys_of_two_columns_in_their_order)                                                    \
    X(scans_an_index_in_its_order_and_equal_values_in_key_order)                                   \
    X(scans_backwards)                                                                             \
    X(scans_an_index_backwards)                                                                    \
    X(scans_from_a_bound_to_below_another)                                                         \
    X(scans_with_leading_columns_fixed)                                                            \
    X(scans_an_index_with_a_column_fixed_and_a_bound)                                              \
    X(scans_an_index_with_the_key_as_bound)                                                        \
    X(scans_rows_without_a_value)                                                                  \
    X(leaves_rows_without_a_value_out_of_a_bound)                                                  \
    X(stops_at_the_limit)                                                                          \
    X(takes_any_limit)                                                                             \
    X(answers_end_again_and_again)                                                                 \
    X(lets_two_cursors_of_one_range_go_on_apart)                                                   \
    X(lets_go_of_range_values_once_the_scan_is_open)                                               \
    X(ends_a_cursor_with_its_transaction)                                                          \
    X(removes_the_rows_of_a_scan_one_by_one)                                                       \
    X(counts_all_a_range_and_up_to_a_limit)                                                        \
    X(wiping_a_transaction_leaves_nothing_of_it)                                                   \
    X(freeing_a_store_leaves_nothing_of_an_open_transaction)                                       \
    X(shows_a_change_to_its_own_transaction)                                                       \
    X(shows_a_change_to_others_only_once_committed)                                                \
    X(shows_a_reader_the_store_as_it_was_when_it_began)                                            \
    X(answers_busy_to_a_second_writer)                                                             \
    X(lets_the_second_writer_in_after_the_first)                                                   \
    X(lets_a_reader_in_beside_a_writer)                                                            \
    X(keeps_what_was_committed_after_closing)                                                      \
    X(lets_two_threads_write_through_their_own_handles)                                            \
    X(answers_busy_while_another_process_writes)                                                   \
    X(refuses_a_handle_in_a_forked_child)                                                          \
    X(refuses_to_write_when_opened_read_only)                                                      \
    X(refuses_to_write_in_a_read_transaction)                                                      \
    X(refuses_a_transaction_within_another)                                                        \
    X(refuses_an_ended_transaction)                                                                \
    X(answers_absent_where_there_is_no_store)                                                      \
    X(finds_a_used_store_whole)                                                                    \
    X(checks_inside_a_transaction_too)

#define STORE_SUITE_DECLARE(behaviour)                                                             \
    void store_suite_##behaviour(const store_suite_factory *factory);
STORE_SUITE(STORE_SUITE_DECLARE)

#endif
