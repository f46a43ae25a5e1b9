/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Until when kernels get security fixes: dated data, and nothing but data. */
#ifndef KERNEL_SUPPORT_TABLE_H
#define KERNEL_SUPPORT_TABLE_H

#include <stddef.h>

/* When the dates below were last compared with their publishers: kernel.org/category/releases.html,
 * and each distribution's own life cycle page. One older than support.c allows passes nobody. */
#define KERNEL_SUPPORT_TABLE_DATE "2026-08-22"

/* A series of kernel.org. */
typedef struct kernel_series {
	unsigned major;
	unsigned minor;
	const char *end;  /* last day with fixes */
	const char *sure; /* @end is projected: until then there are fixes for sure; else NULL */
} kernel_series;

/* Newest first. A series that is not listed and older than the first one has ended; a newer one is
 * beyond this table. One that is no longterm series gets fixes until two weeks or so after the next
 * release, which comes every nine or ten weeks; none since 6.13 was kept up for four months. */
static const kernel_series kernel_series_table[] = {
	{7, 2, "2026-12-16", "2026-10-18"},
	{7, 1, "2026-10-14", "2026-08-22"},
	{7, 0, "2026-06-27", NULL},
	{6, 19, "2026-04-22", NULL},
	{6, 18, "2028-12-31", NULL},
	{6, 17, "2025-12-18", NULL},
	{6, 16, "2025-10-12", NULL},
	{6, 15, "2025-08-20", NULL},
	{6, 14, "2025-06-10", NULL},
	{6, 13, "2025-04-20", NULL},
	{6, 12, "2028-12-31", NULL},
	{6, 6, "2027-12-31", NULL},
	{6, 1, "2027-12-31", NULL},
	{5, 15, "2026-12-31", NULL},
	{5, 10, "2026-12-31", NULL},
	{5, 4, "2025-12-03", NULL},
	{4, 19, "2024-12-05", NULL},
	{4, 14, "2024-01-10", NULL},
};

/* A release of a distribution that keeps its own kernels. */
typedef struct kernel_release {
	const char *id;	      /* ID of os-release(5) */
	const char *version;  /* VERSION_ID, whole or its first parts */
	const char *end;      /* last day with fixes for everybody; NULL: none announced */
	const char *paid_end; /* last day of the programme below; NULL: there is none */
	const char *programme;
} kernel_release;

static const kernel_release kernel_release_table[] = {
	/* the end of LTS, which is open to everybody */
	{"debian", "10", "2024-06-30", "2029-06-30", "Freexian ELTS"},
	{"debian", "11", "2026-08-31", "2031-06-30", "Freexian ELTS"},
	{"debian", "12", "2028-06-30", NULL, NULL},
	{"debian", "13", "2030-06-30", NULL, NULL},
	/* by the Debian release below it: Proxmox VE 7, 8 and 9 */
	{"proxmox", "11", "2024-07-31", NULL, NULL},
	{"proxmox", "12", "2026-08-31", NULL, NULL},
	{"proxmox", "13", NULL, NULL, NULL},
	{"ubuntu", "18.04", "2023-05-31", "2028-04-26", "Ubuntu Pro (ESM)"},
	{"ubuntu", "20.04", "2025-05-29", "2030-04-23", "Ubuntu Pro (ESM)"},
	{"ubuntu", "22.04", "2027-06-01", NULL, NULL},
	{"ubuntu", "24.04", "2029-05-31", NULL, NULL},
	{"ubuntu", "24.10", "2025-07-10", NULL, NULL},
	{"ubuntu", "25.04", "2026-01-15", NULL, NULL},
	{"ubuntu", "25.10", "2026-07-09", NULL, NULL},
	{"ubuntu", "26.04", "2031-05-29", NULL, NULL},
	{"ubuntu", "26.10", "2027-07-15", NULL, NULL},
	{"rhel", "7", "2024-06-30", "2029-05-31", "Red Hat ELS"},
	{"rhel", "8", "2029-05-31", NULL, NULL},
	{"rhel", "9", "2032-05-31", NULL, NULL},
	{"rhel", "10", "2035-05-31", NULL, NULL},
	{"centos", "7", "2024-06-30", NULL, NULL},
	{"centos", "8", "2024-05-31", NULL, NULL},
	{"centos", "9", "2027-05-31", NULL, NULL},
	{"centos", "10", "2030-05-31", NULL, NULL},
	{"ol", "7", "2024-12-31", "2028-06-30", "Oracle Extended Support"},
	{"ol", "8", "2029-07-31", NULL, NULL},
	{"ol", "9", "2032-06-30", NULL, NULL},
	{"ol", "10", NULL, NULL, NULL},
	{"fedora", "41", "2025-12-15", NULL, NULL},
	{"fedora", "42", "2026-05-27", NULL, NULL},
	{"fedora", "43", "2026-12-09", NULL, NULL},
	{"fedora", "44", "2027-06-02", NULL, NULL},
	{"amzn", "1", "2023-12-31", NULL, NULL},
	{"amzn", "2", "2026-06-30", NULL, NULL},
	{"amzn", "2023", "2029-06-30", NULL, NULL},
	{"azurelinux", "2", "2025-07-31", NULL, NULL},
	{"azurelinux", "3", NULL, NULL, NULL},
	{"photon", "3", "2025-10-02", NULL, NULL},
	{"photon", "4", "2027-10-11", NULL, NULL},
	{"photon", "5", NULL, NULL, NULL},
	{"sles", "12.5", "2024-10-31", "2027-10-31", "SUSE LTSS"},
	{"sles", "15.4", "2023-12-31", "2026-12-31", "SUSE LTSS"},
	{"sles", "15.5", "2024-12-31", "2027-12-31", "SUSE LTSS"},
	{"sles", "15.6", "2025-12-31", "2028-12-31", "SUSE LTSS"},
	{"sles", "15.7", "2031-07-31", "2034-07-31", "SUSE LTSS"},
	{"sles", "16.0", "2027-11-30", "2030-11-30", "SUSE LTS"},
	{"sl-micro", "6.0", "2028-06-30", NULL, NULL},
	{"sl-micro", "6.1", "2028-11-30", NULL, NULL},
	{"sl-micro", "6.2", "2029-11-30", NULL, NULL},
	{"sle-micro", "5.3", "2026-10-30", NULL, NULL},
	{"sle-micro", "5.4", "2027-04-30", NULL, NULL},
	{"sle-micro", "5.5", "2027-10-31", NULL, NULL},
	{"opensuse-leap", "15.5", "2024-12-31", NULL, NULL},
	{"opensuse-leap", "15.6", "2026-04-30", NULL, NULL},
	{"opensuse-leap", "16.0", "2027-10-31", NULL, NULL},
	{"cos", "109", "2025-09-24", NULL, NULL},
	{"cos", "113", "2026-05-12", NULL, NULL},
	{"cos", "117", "2026-09-01", NULL, NULL},
	{"cos", "121", "2027-03-01", NULL, NULL},
	{"cos", "125", "2027-09-01", NULL, NULL},
	{"cos", "129", "2028-03-01", NULL, NULL},
	{"alpine", "3.20", "2026-04-01", NULL, NULL},
	{"alpine", "3.21", "2026-11-01", NULL, NULL},
	{"alpine", "3.22", "2027-05-01", NULL, NULL},
	{"alpine", "3.23", "2027-11-01", NULL, NULL},
	{"alpine", "3.24", "2028-06-01", NULL, NULL},
};

/* How a kernel says who built it. The kernel is asked, not the userland: in a container, or below a
 * foreign root, the two are of different houses. */
typedef struct kernel_vendor {
	const char *ids;    /* os-release IDs that ship it, by blanks; the first is the default */
	const char *tag;    /* in the release, followed by the distribution's version: ".el" 9 */
	const char *suffix; /* at the end of the release */
	const char *in_build;	/* in uname -v */
	const char *in_version; /* in /proc/version: the builder */
	const char *needs_id;	/* nothing in the kernel names its house: os-release has to */
	const char *release_of; /* os-release ID whose VERSION_ID counts, where it is another's */
} kernel_vendor;

static const kernel_vendor kernel_vendor_table[] = {
	{.ids = "rhel almalinux rocky centos ol eurolinux rhcos", .tag = ".el"},
	{.ids = "fedora", .tag = ".fc"},
	{.ids = "amzn", .tag = ".amzn"},
	{.ids = "azurelinux mariner", .tag = ".azl"},
	{.ids = "azurelinux mariner", .tag = ".cm"},
	{.ids = "photon", .tag = ".ph"},
	{.ids = "proxmox", .suffix = "-pve", .release_of = "debian"},
	{.ids = "ubuntu", .in_build = "-Ubuntu"},
	{.ids = "debian raspbian", .in_build = " Debian "},
	{.ids = "sles sle-micro sl-micro sles_sap opensuse-leap opensuse-tumbleweed",
	 .in_version = "(geeko@"},
	{.ids = "flatcar", .suffix = "-flatcar"},
	{.ids = "talos", .suffix = "-talos"},
	{.ids = "alpine", .suffix = "-lts", .needs_id = "alpine"},
	{.ids = "alpine", .suffix = "-virt", .needs_id = "alpine"},
	{.ids = "cos", .suffix = "+", .needs_id = "cos"},
	{.ids = "bottlerocket", .needs_id = "bottlerocket"},
};

/* Distributions without releases: their kernels are kernel.org's series, brought with each image or
 * update, so the series' own dates hold. */
#define KERNEL_ROLLING_IDS "flatcar talos bottlerocket opensuse-tumbleweed"

#endif
