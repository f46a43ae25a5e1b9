/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and names of system calls, by architecture and ABI. */
#ifndef HF_FACTS_SYSCALLS_H
#define HF_FACTS_SYSCALLS_H

#include <holdfast/seccomp.h>

#include "base/base.h"
#include "facts/seccomp-code.h"

typedef struct hf_call_abi_form {
	const char *name; /* "x86-64", "i386", "x32"; NULL: this machine has none */
	const char *word; /* in a profile's "architectures": "SCMP_ARCH_X86" */
	uint32_t library; /* libseccomp's token */
	uint32_t arch;	  /* what a filter sees in seccomp_data.arch */
	uint32_t base;	  /* number of its first call */
} hf_call_abi_form;

typedef struct hf_call_machine {
	const char *machine; /* uname -m */
	const char *go;	     /* "amd64": in the "arches" of engines' profiles */
	hf_call_abi_form abis[HF_CALL_ABI_COUNT];
} hf_call_machine;

/* NULL: not one whose numbers are known here. */
const hf_call_machine *hf_call_machine_find(const char *machine);

/* Where @name has its place on an ABI; -1: it has no such call. */
int32_t hf_call_place(const hf_call_abi_form *abi, const char *name);

/* Whether any ABI of any machine has a call of this name. */
bool hf_call_is_known(const char *name);

/* The name of the call at @place; "number N" where it has none. NULL without memory. */
const char *hf_call_name(hf_arena *arena, const hf_call_abi_form *abi, uint32_t place);

/* Whether an ABI has a call at @place. The tables have gaps, which a filter can leave open for what it is worth. */
bool hf_call_exists(const hf_call_abi_form *abi, uint32_t place);

#endif
