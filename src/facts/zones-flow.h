/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways between zones that are known. */
#ifndef HF_FACTS_ZONES_FLOW_H
#define HF_FACTS_ZONES_FLOW_H

#include "facts/zones-walk.h"

#define HF_METADATA_ADDRESS "169.254.169.254"

/* Fills the flows, publications and networks of @zones, whose zones are known. */
void hf_zones_add_flows(const hf_zone_walker *w, hf_zones *zones);

#endif
