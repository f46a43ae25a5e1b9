/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sets of checks of the kernel plugin, one per topic. */
#ifndef KERNEL_SETS_H
#define KERNEL_SETS_H

#include <holdfast/check.h>

extern const hf_check_set kernel_boot;
extern const hf_check_set kernel_build;
extern const hf_check_set kernel_cpu;
extern const hf_check_set kernel_devices;
extern const hf_check_set kernel_digest;
extern const hf_check_set kernel_exposure;
extern const hf_check_set kernel_filesystems;
extern const hf_check_set kernel_hardening;
extern const hf_check_set kernel_integrity;
extern const hf_check_set kernel_module_policy;
extern const hf_check_set kernel_modules;
extern const hf_check_set kernel_net;
extern const hf_check_set kernel_node;
extern const hf_check_set kernel_options;
extern const hf_check_set kernel_support;
extern const hf_check_set kernel_sysctl_state;
extern const hf_check_set kernel_usermode;
extern const hf_check_set kernel_userns;
extern const hf_check_set kernel_version;

#endif
