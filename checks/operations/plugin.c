/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations plugin: what is left lying about. */
#include <holdfast/holdfast.h>

extern const hf_check_set operations_stock;

HF_PLUGIN_SETS("operations", "Operation of container engines", &operations_stock);
