/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of devices share: what a number stands for, and who could open it. */
#ifndef DEVICE_COMMON_H
#define DEVICE_COMMON_H

#include <holdfast/holdfast.h>

#define DEVICE_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What every row that names devices reads of the node. */
#define DEVICE_READS "/proc/devices", "/proc/misc", "/proc/partitions", "dir:/sys/dev/block"

typedef enum device_class {
	DEVICE_BLOCK = 0,
	DEVICE_KERNEL_MEMORY,
	DEVICE_STORAGE_CONTROL,
	DEVICE_VIRTUALIZATION,
	DEVICE_FUSE_TUN,
	DEVICE_INPUT_CONSOLE,
	DEVICE_GPU,
	DEVICE_HARDWARE,
	DEVICE_HELPER, /* userfaultfd and its like */
} device_class;

/* Whether the device is of @wanted, by number and, where numbers are given out as drivers come, by
 * what /proc/devices and /proc/misc call it. *ret_hole: the name was needed and could not be read.
 */
bool device_is(hf_check_run *run, device_class wanted, char type, uint32_t major, uint32_t minor,
	       const hf_fact **ret_hole);

/* "8:1 (sda1)", "10:229 (fuse)", "226:0 (drm)": the node's own word for it, where it can be told.
 */
const char *device_name(hf_check_run *run, char type, uint32_t major, uint32_t minor);

/* The name of the driver of a major number, or of a minor of major 10; NULL. */
const char *device_driver(hf_check_run *run, char type, uint32_t major, uint32_t minor,
			  const hf_fact **ret_hole);

/* The rule goes beyond what runtimes grant everybody. The right to make nodes alone is none. */
bool device_is_extra(const hf_device_grant *rule);

/* "b 8:* rw". */
const char *device_show_rule(hf_check_run *run, const hf_device_grant *rule);

#endif
