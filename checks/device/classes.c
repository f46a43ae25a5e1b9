/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which numbers and drivers are of which kind. Fixed numbers:
 * Documentation/admin-guide/devices.txt. */
#include "common.h"

#include <string.h>

typedef struct member {
	device_class class;
	uint32_t major; /* 0: whatever number the driver got */
	uint32_t first; /* minors */
	uint32_t last;
	const char *driver; /* in /proc/devices, or for major 10 in /proc/misc; a '*' at its end
			       stands for anything */
} member;

enum { ANY = 0xffffffff, MISC = 10 };

static const member members[] = {
	{DEVICE_KERNEL_MEMORY, 1, 1, 2, NULL},	      /* mem, kmem */
	{DEVICE_KERNEL_MEMORY, 1, 4, 4, NULL},	      /* port */
	{DEVICE_KERNEL_MEMORY, 90, 0, ANY, NULL},     /* mtd */
	{DEVICE_KERNEL_MEMORY, 202, 0, ANY, NULL},    /* cpu/N/msr */
	{DEVICE_KERNEL_MEMORY, MISC, 144, 144, NULL}, /* nvram */
	{DEVICE_KERNEL_MEMORY, 0, 0, ANY, "cpu/msr"},
	{DEVICE_KERNEL_MEMORY, 0, 0, ANY, "mtd"},

	{DEVICE_STORAGE_CONTROL, 21, 0, ANY, NULL},	/* sg */
	{DEVICE_STORAGE_CONTROL, MISC, 234, 234, NULL}, /* btrfs-control */
	{DEVICE_STORAGE_CONTROL, MISC, 236, 237, NULL}, /* mapper/control, loop-control */
	{DEVICE_STORAGE_CONTROL, 0, 0, ANY, "bsg"},
	{DEVICE_STORAGE_CONTROL, 0, 0, ANY, "nvme*"},
	{DEVICE_STORAGE_CONTROL, 0, 0, ANY, "megaraid*"},

	{DEVICE_VIRTUALIZATION, MISC, 196, 196, NULL}, /* vfio/vfio */
	{DEVICE_VIRTUALIZATION, MISC, 232, 232, NULL}, /* kvm */
	{DEVICE_VIRTUALIZATION, MISC, 238, 238, NULL}, /* vhost-net */
	{DEVICE_VIRTUALIZATION, MISC, 241, 241, NULL}, /* vhost-vsock */
	{DEVICE_VIRTUALIZATION, MISC, 0, ANY, "kvm"},
	{DEVICE_VIRTUALIZATION, MISC, 0, ANY, "vhost-*"},
	{DEVICE_VIRTUALIZATION, MISC, 0, ANY, "vfio*"},
	{DEVICE_VIRTUALIZATION, MISC, 0, ANY, "iommu"},
	{DEVICE_VIRTUALIZATION, MISC, 0, ANY, "sev*"},
	{DEVICE_VIRTUALIZATION, MISC, 0, ANY, "tdx*"},
	{DEVICE_VIRTUALIZATION, MISC, 0, ANY, "nitro_enclaves"},
	{DEVICE_VIRTUALIZATION, MISC, 0, ANY, "xen/*"},
	{DEVICE_VIRTUALIZATION, MISC, 0, ANY, "mshv*"},
	{DEVICE_VIRTUALIZATION, 0, 0, ANY, "vfio*"},

	{DEVICE_FUSE_TUN, MISC, 200, 200, NULL}, /* net/tun */
	{DEVICE_FUSE_TUN, MISC, 203, 203, NULL}, /* cuse */
	{DEVICE_FUSE_TUN, MISC, 229, 229, NULL}, /* fuse */
	{DEVICE_FUSE_TUN, 108, 0, ANY, NULL},	 /* ppp */

	{DEVICE_INPUT_CONSOLE, 1, 11, 11, NULL},      /* kmsg */
	{DEVICE_INPUT_CONSOLE, 4, 0, 63, NULL},	      /* tty0-63 */
	{DEVICE_INPUT_CONSOLE, 5, 1, 1, NULL},	      /* console */
	{DEVICE_INPUT_CONSOLE, 7, 0, ANY, NULL},      /* vcs */
	{DEVICE_INPUT_CONSOLE, 13, 0, ANY, NULL},     /* input */
	{DEVICE_INPUT_CONSOLE, MISC, 223, 223, NULL}, /* uinput */
	{DEVICE_INPUT_CONSOLE, MISC, 0, ANY, "uhid"},
	{DEVICE_INPUT_CONSOLE, 0, 0, ANY, "hidraw"},

	{DEVICE_GPU, 195, 0, ANY, NULL}, /* nvidia */
	{DEVICE_GPU, 226, 0, ANY, NULL}, /* dri */
	{DEVICE_GPU, 261, 0, ANY, NULL}, /* accel */
	{DEVICE_GPU, 0, 0, ANY, "nvidia*"},
	{DEVICE_GPU, 0, 0, ANY, "drm"},
	{DEVICE_GPU, 0, 0, ANY, "kfd"},
	{DEVICE_GPU, 0, 0, ANY, "accel*"},
	{DEVICE_GPU, 0, 0, ANY, "habanalabs*"},

	{DEVICE_HARDWARE, 4, 64, ANY, NULL},	 /* ttyS */
	{DEVICE_HARDWARE, 89, 0, ANY, NULL},	 /* i2c */
	{DEVICE_HARDWARE, 153, 0, ANY, NULL},	 /* spidev */
	{DEVICE_HARDWARE, 166, 0, ANY, NULL},	 /* ttyACM */
	{DEVICE_HARDWARE, 180, 0, ANY, NULL},	 /* other USB */
	{DEVICE_HARDWARE, 188, 0, ANY, NULL},	 /* ttyUSB */
	{DEVICE_HARDWARE, 189, 0, ANY, NULL},	 /* bus/usb */
	{DEVICE_HARDWARE, 204, 0, ANY, NULL},	 /* serial ports of boards */
	{DEVICE_HARDWARE, MISC, 130, 130, NULL}, /* watchdog */
	{DEVICE_HARDWARE, MISC, 135, 135, NULL}, /* rtc */
	{DEVICE_HARDWARE, MISC, 224, 224, NULL}, /* tpm0 */
	{DEVICE_HARDWARE, 0, 0, ANY, "watchdog*"},
	{DEVICE_HARDWARE, 0, 0, ANY, "rtc*"},
	{DEVICE_HARDWARE, 0, 0, ANY, "tpm*"},
	{DEVICE_HARDWARE, 0, 0, ANY, "ipmi*"},
	{DEVICE_HARDWARE, 0, 0, ANY, "gpiochip*"},

	{DEVICE_HELPER, MISC, 0, ANY, "userfaultfd"},
	{DEVICE_HELPER, MISC, 0, ANY, "*binder"},
	{DEVICE_HELPER, MISC, 0, ANY, "ashmem"},
	{DEVICE_HELPER, MISC, 0, ANY, "vsock"},
	{DEVICE_HELPER, MISC, 0, ANY, "vmci"},
	{DEVICE_HELPER, 0, 0, ANY, "binder*"},
};

static bool matches(const char *pattern, const char *name)
{
	size_t length = strlen(pattern);

	if (*pattern == '*') {
		size_t have = strlen(name);

		return have >= length - 1 && strcmp(name + have - (length - 1), pattern + 1) == 0;
	}
	if (pattern[length - 1] == '*')
		return strncmp(pattern, name, length - 1) == 0;
	return strcmp(pattern, name) == 0;
}

static bool has_number(const member *m, uint32_t major, uint32_t minor)
{
	return (m->major == 0 ? major != MISC : m->major == major) && minor >= m->first &&
	       minor <= m->last;
}

bool device_is(hf_check_run *run, device_class wanted, char type, uint32_t major, uint32_t minor,
	       const hf_fact **ret_hole)
{
	const char *driver = NULL;
	const hf_fact *hole = NULL;
	bool asked = false;

	if (type == 'b')
		return wanted == DEVICE_BLOCK;
	for (size_t i = 0; i < DEVICE_COUNT(members); i++) {
		const member *m = &members[i];

		if (m->class != wanted || !has_number(m, major, minor))
			continue;
		if (!m->driver)
			return true;
		if (!asked)
			driver = device_driver(run, type, major, minor, &hole);
		asked = true;
		if (driver && matches(m->driver, driver))
			return true;
	}
	/* the fixed numbers of another kind settle it without a name */
	if (hole)
		*ret_hole = hole;
	return false;
}
