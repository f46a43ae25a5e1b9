/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of swarm mode share: whether there is a swarm, and whose word counts. */
#ifndef SWARM_JUDGE_H
#define SWARM_JUDGE_H

#include <holdfast/holdfast.h>

#include <string.h>

extern const hf_check_set swarm_keys, swarm_members, swarm_network, swarm_services, swarm_state;

/* False after marking @run: notapplicable, the daemon is in no swarm by its own word, or by its state on disk where it cannot be
 * asked; else unknown. */
bool swarm_is_on(hf_check_run *run);

/* The same, and for what only a manager knows: notapplicable on a worker. */
bool swarm_is_managed(hf_check_run *run);

/* A number of /info; false after marking @run unknown. */
bool swarm_number(hf_check_run *run, const char *path, int64_t *ret_value);

/* "2026-11-22T05:40:00.123Z" as seconds since the epoch; false: it is none. */
bool swarm_parse_time(const char *text, int64_t *ret_seconds);
/* When the node was read; false after marking @run unknown. */
bool swarm_now(hf_check_run *run, int64_t *ret_seconds);
/* "2026-11-22" */
const char *swarm_date(hf_check_run *run, int64_t seconds);

/* @list with @item behind a comma; long ones end there. */
const char *swarm_join(hf_check_run *run, const char *list, const char *item);

#endif
