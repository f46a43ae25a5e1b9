/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of a profile's items. */
#ifndef HF_LIST_ITEMS_H
#define HF_LIST_ITEMS_H

#include "cli/cli.h"

/* Writes the selected items with the checks that answer them: as text, or with @checks (borrowed: the list of the
 * checks themselves) as JSON. 0 or a negative errno. */
int hf_list_items(const hf_profile *profile, const hf_selection *selection,
		  const hf_registry *registry, json_t *checks, FILE *out);

#endif
