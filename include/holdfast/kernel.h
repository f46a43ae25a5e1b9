/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about the kernel: the running one first, what is declared for the next boot second. */
#ifndef HOLDFAST_KERNEL_H
#define HOLDFAST_KERNEL_H

#include <holdfast/facts.h>

HF_BEGIN_DECLS

/* Source: uname(2). */
typedef struct hf_kernel {
	hf_fact fact;
	const char *release; /* "6.1.0-28-amd64" */
	const char *build;   /* uname -v */
	const char *machine; /* "x86_64", "aarch64" … as uname says */
	uint32_t major;
	uint32_t minor;
	uint32_t patch; /* 0 where the release names none */
} hf_kernel;

HF_PUBLIC const hf_kernel *hf_kernel_get(hf_check_run *run);

/* <0, 0, >0 as the running kernel is older than, equal to, newer than @version ("6.6", "5.10.102");
 * @kernel must be present. Missing parts of @version count as 0. */
HF_PUBLIC int hf_kernel_compare(const hf_kernel *kernel, const char *version);

/* A running sysctl. Source: /proc/sys, see proc(5) and Documentation/admin-guide/sysctl/. */
typedef struct hf_sysctl {
	hf_fact fact;
	const char *text; /* without the final newline; several fields stay as they are */
	bool is_number;   /* text is one decimal integer that fits */
	int64_t number;
} hf_sysctl;

/* @key: dotted, "kernel.kptr_restrict"; a '/' stands for a dot inside a name ("net.ipv4.conf.eth0/1.x"). */
HF_PUBLIC const hf_sysctl *hf_sysctl_get(hf_check_run *run, const char *key);

/* The same as one integer. Returns false after marking @run: notapplicable when this kernel has no such
 * sysctl, unknown when it cannot be read or is no number. */
HF_PUBLIC HF_MUST_CHECK bool hf_sysctl_number(hf_check_run *run, const char *key,
					      int64_t *ret_value);

/* What sysctl.d would set at the next boot, in systemd-sysctl's precedence (sysctl.d(5)): files sorted
 * by name over /etc, /run, /usr/local/lib, /usr/lib, /lib; one in a former folder masks its namesakes;
 * the last assignment wins; an exact key beats a glob. HF_ABSENT: nothing sets it. */
typedef struct hf_declared {
	hf_fact fact;      /* .source is "file:line" */
	const char *value; /* with surrounding blanks removed */
	const char *loser; /* "file:line = value" of a different value that it overrides, or NULL */
} hf_declared;

HF_PUBLIC const hf_declared *hf_sysctl_declared(hf_check_run *run, const char *key);

/* One line of a sysctl.d file. */
typedef struct hf_declared_line {
	const char *key;    /* as hf_sysctl_get() takes it; may be a glob */
	const char *value;  /* blanks removed; NULL: "-key", which excludes the key from globs */
	const char *source; /* "file:line" */
	const char *overridden_by; /* "file:line = value": a later line for the same key that differs, or NULL */
	const char *masked_by;     /* path of the namesake that hides its file, or NULL: then it counts */
} hf_declared_line;

/* All of them, in the order in which they are read; those of masked files last. HF_UNREADABLE: a folder or
 * a file of them could not be read; what could be is there nevertheless. */
typedef struct hf_declared_lines {
	hf_fact fact;
	const hf_declared_line *all;
	size_t count;
} hf_declared_lines;

HF_PUBLIC const hf_declared_lines *hf_sysctl_declared_lines(hf_check_run *run);

/* The running kernel's build options. Source, first that can be read: /proc/config.gz,
 * /boot/config-RELEASE, /usr/lib/modules/RELEASE/config, /lib/modules/RELEASE/config,
 * /lib/modules/RELEASE/build/.config. */
typedef struct hf_kconfig {
	hf_fact fact;
	const char *header; /* its first comment that names a version, or NULL */
	size_t count;       /* options set */
} hf_kconfig;

HF_PUBLIC const hf_kconfig *hf_kconfig_get(hf_check_run *run);

/* The value ("y", "m", "65536", "\"sha256\"") of @name ("CONFIG_X"), or NULL when it is not set. @config
 * must be present. *ret_named (NULL allowed): a line for it is there, be it "# CONFIG_X is not set". */
HF_PUBLIC const char *hf_kconfig_value(const hf_kconfig *config, const char *name, bool *ret_named);

/* Boot parameters, parsed as the kernel does: '-' equals '_' in names, quotes hold blanks, what follows
 * a lone "--" is init's. */
typedef struct hf_bootline {
	hf_fact fact;
	const char *text;
	size_t count;
} hf_bootline;

/* The running kernel's. Source: /proc/cmdline. */
HF_PUBLIC const hf_bootline *hf_bootline_get(hf_check_run *run);

/* What the boot loader would use next, in the first form that this node has: the BLS entry or menu entry
 * that grubenv or loader.conf selects, /boot/grub*\/grub.cfg, /etc/kernel/cmdline, /etc/default/grub. */
HF_PUBLIC const hf_bootline *hf_bootline_declared(hf_check_run *run);

/* The last value of @name, "" for a bare word, or NULL when it is not there. @line must be present. */
HF_PUBLIC const char *hf_bootline_value(const hf_bootline *line, const char *name);

/* The @index-th parameter (0-based) in order; false past the end. */
HF_PUBLIC bool hf_bootline_at(const hf_bootline *line, size_t index, const char **ret_name,
			      const char **ret_value);

typedef enum hf_module_state {
	HF_MODULE_UNKNOWN = 0, /* could not be told; .fact.why says why */
	HF_MODULE_MISSING,     /* neither built in nor on disk for this kernel, or no module support */
	HF_MODULE_DENIED,      /* on disk, and install /bin/false, module_blacklist= or modules_disabled stop it */
	HF_MODULE_LOADABLE,    /* on disk, nothing stops it (a bare "blacklist" does not) */
	HF_MODULE_LOADED,
	HF_MODULE_BUILTIN
} hf_module_state;

/* Sources: /proc/modules, modules.builtin and modules.dep of the running release, modprobe.d(5), boot line. */
typedef struct hf_module {
	hf_fact fact; /* .source names what decided */
	hf_module_state state;
	const char *denied_by; /* "file:line" or the parameter, or NULL */
	bool is_supported;     /* false: /proc/modules is proven absent, this kernel can load no module */
} hf_module;

HF_PUBLIC const hf_module *hf_module_get(hf_check_run *run, const char *name);

/* The security modules that run. Sources: /sys/kernel/security/lsm, else lsm_list_modules(2). */
typedef struct hf_lsm {
	hf_fact fact;
	const char *list; /* "lockdown,capability,yama,apparmor" */
} hf_lsm;

HF_PUBLIC const hf_lsm *hf_lsm_get(hf_check_run *run);
HF_PUBLIC bool hf_lsm_has(const hf_lsm *lsm, const char *name);

typedef enum hf_lockdown_level {
	HF_LOCKDOWN_NONE = 0,
	HF_LOCKDOWN_INTEGRITY,
	HF_LOCKDOWN_CONFIDENTIALITY
} hf_lockdown_level;

/* Source: /sys/kernel/security/lockdown. HF_ABSENT: lockdown does not run. */
typedef struct hf_lockdown {
	hf_fact fact;
	hf_lockdown_level level;
} hf_lockdown;

HF_PUBLIC const hf_lockdown *hf_lockdown_get(hf_check_run *run);

/* A mount of the host. Source: /proc/1/mountinfo, see proc(5). */
typedef struct hf_mount {
	const char *target;
	const char *root; /* of the file system that is mounted there */
	const char *fs_type;
	const char *source;
	const char *options;       /* per mount: "rw,nosuid" */
	const char *super_options; /* of the file system */
	uint32_t major;
	uint32_t minor;
	uint32_t id;
	uint32_t parent; /* id of the mount that it is mounted on */
	uint32_t shared; /* peer group, 0: none */
	uint32_t master; /* the group it follows, 0: none */
} hf_mount;

typedef struct hf_mounts {
	hf_fact fact;
	const hf_mount *all;
	size_t count;
} hf_mounts;

HF_PUBLIC const hf_mounts *hf_mounts_get(hf_check_run *run);
HF_PUBLIC bool hf_mount_has_option(const hf_mount *mount, const char *option);

HF_END_DECLS

#endif
