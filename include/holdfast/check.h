/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a check is (a row and a function) and how a plugin offers its rows.
 *
 * A plugin is a shared object that exports one constant, hf_plugin_v1, made by HF_PLUGIN() or
 * HF_PLUGIN_SETS(). It registers nothing and has no constructor: the table is the plugin.
 *
 * ABI: the loader reads `abi` before any other member, refuses another major number, walks rows by
 * `check_size` and treats members that the plugin did not know as zero. Members are only ever
 * added at the end of a struct. */
#ifndef HOLDFAST_CHECK_H
#define HOLDFAST_CHECK_H

#include <holdfast/api.h>

HF_BEGIN_DECLS

#define HF_ABI_MAJOR 1
#define HF_ABI_MINOR 0
#define HF_ABI ((uint32_t)HF_ABI_MAJOR << 16 | (uint32_t)HF_ABI_MINOR)

/* What a check is asked about. It runs once for each subject of its kind that this node has; a
 * node without any makes it notapplicable (or unknown, where the list could not be read). */
typedef enum hf_subject_kind {
	HF_SUBJECT_HOST = 0, /* the node itself: always exactly one */
	HF_SUBJECT_DAEMON,   /* a container engine's daemon, running or only configured */
	HF_SUBJECT_CONTAINER,
	HF_SUBJECT_IMAGE,
	HF_SUBJECT_NETWORK,
	HF_SUBJECT_FILE,
	HF_SUBJECT_SERVICE,
	HF_SUBJECT_COUNT
} hf_subject_kind;

/* STRIDE categories, the property that a failing check loses. */
#define HF_STRIDE_S (UINT32_C(1) << 0) /* spoofing: authenticity */
#define HF_STRIDE_T (UINT32_C(1) << 1) /* tampering: integrity */
#define HF_STRIDE_R (UINT32_C(1) << 2) /* repudiation: accountability */
#define HF_STRIDE_I (UINT32_C(1) << 3) /* information disclosure: confidentiality */
#define HF_STRIDE_D (UINT32_C(1) << 4) /* denial of service: availability */
#define HF_STRIDE_E (UINT32_C(1) << 5) /* elevation of privilege: authorisation */

/* A CCSS base vector (NIST IR 7502) in full, "AV:L/AC:L/Au:N/C:P/I:P/A:P". The weight and the
 * severity of a check are computed from it and never written by hand. */
#define HF_CCSS(vector) (vector)

/* NULL-terminated lists of strings with static storage, for use in a file-scope table. */
#define HF_REFS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define HF_ALIASES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define HF_READS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A verdict needs a person: the check gathers what to look at and ends in hf_review(). */
#define HF_CHECK_MANUAL (UINT32_C(1) << 0)
/* The check only tells (status informational), it never passes or fails, so it has no weight. */
#define HF_CHECK_INFO (UINT32_C(1) << 1)
/* The check judges what other checks found: it runs after all that are not of this kind, see hf_outcomes_get(). */
#define HF_CHECK_ROLLUP (UINT32_C(1) << 2)

typedef struct hf_check hf_check;

/* Decides one check on one subject. It must end in at least one call of verdict.h; a function that
 * returns without deciding gives the status error. It has no files, no sockets and no privileges. */
typedef void hf_check_fn(hf_check_run *run);

struct hf_check {
	const char *id;    /* "area.name", lower case, [a-z0-9._-]; never reused, never renamed */
	const char *title; /* the wanted state, as a sentence without a full stop */
	uint32_t subject;  /* hf_subject_kind */
	uint32_t stride;   /* HF_STRIDE_*, at least one */
	const char *severity; /* HF_CCSS("…") */
	uint32_t level;       /* 1 sensible everywhere, 2 for stricter sites, 3 for the strictest */
	uint32_t flags;       /* HF_CHECK_* */
	const char *const *refs;    /* HF_REFS: "SOURCE:number", such as "CWE:250"; NULL for none */
	const char *const *aliases; /* HF_ALIASES: ids under which it is found, too; NULL for none */
	/* HF_READS: what the check needs of the host beyond what every scan reads (the list stands in
	 * `holdfast list --reads`): "/path", "/dir/\*.conf" (fnmatch in the last parts), "stat:/path",
	 * "dir:/path", "link:/path", "parents:/path" (stat of it and of every folder above, for
	 * hf_path_writable_why), "follow:/path" (a file, and "parents:" of each absolute path that its
	 * text names), "links:/path" (whether each part of it is a link), "sysctl:net.ipv4.ip_forward", "label:/path" (its SELinux label),
	 * "packages:linux-image-*" (dpkg's packages of that name), "way:/path" (hf_way_get()); any of them after "foreign:" is fetched only where a module from outside of the kernel's tree is loaded; "@release@"
	 * stands for the kernel's release. Fetched by the host collector within its caps, before any check
	 * runs. NULL for none. */
	const char *const *reads;
	const char *risk;        /* what happens to whom */
	const char *threat;      /* the path to it */
	const char *remediation; /* what to change, with the command or file */
	hf_check_fn *run;
	const void *param; /* for rows that share one function: see hf_check_param() */
};

/* The rows of one topic. */
typedef struct hf_check_set {
	const char *name;
	const hf_check *checks;
	uint32_t count;
} hf_check_set;

typedef struct hf_plugin {
	uint32_t abi;         /* HF_ABI as the plugin was compiled */
	uint32_t plugin_size; /* sizeof(hf_plugin), likewise */
	uint32_t check_size;  /* sizeof(hf_check), likewise: the stride of the rows of its sets */
	uint32_t flags;       /* 0 */
	const char *name;     /* [a-z0-9-]+; unique among the loaded plugins */
	const char *title;
	const hf_check_set *const *sets; /* NULL-terminated */
} hf_plugin;

/* Makes the rows of the array @rows the set @ident, for HF_PLUGIN_SETS in another file. */
#define HF_CHECK_SET(ident, rows)                                                                  \
	const hf_check_set ident = {                                                               \
		.name = #ident,                                                                    \
		.checks = (rows),                                                                  \
		.count = (uint32_t)(sizeof(rows) / sizeof((rows)[0])),                             \
	}

#define HF_PLUGIN_SETS(plugin_name, plugin_title, ...)                                             \
	extern HF_PUBLIC const hf_plugin hf_plugin_v1;                                             \
	const hf_plugin hf_plugin_v1 = {                                                           \
		.abi = HF_ABI,                                                                     \
		.plugin_size = (uint32_t)sizeof(hf_plugin),                                        \
		.check_size = (uint32_t)sizeof(hf_check),                                          \
		.flags = 0,                                                                        \
		.name = (plugin_name),                                                             \
		.title = (plugin_title),                                                           \
		.sets = (const hf_check_set *const[]){__VA_ARGS__, NULL},                          \
	}

#define HF_PLUGIN(plugin_name, plugin_title, rows)                                                 \
	static HF_CHECK_SET(hf_plugin_rows_, rows);                                                \
	HF_PLUGIN_SETS(plugin_name, plugin_title, &hf_plugin_rows_)

/* The row's .param, and the row itself, of the check in progress. Borrowed. */
HF_PUBLIC const void *hf_check_param(const hf_check_run *run);
HF_PUBLIC const hf_check *hf_check_row(const hf_check_run *run);

HF_END_DECLS

#endif
