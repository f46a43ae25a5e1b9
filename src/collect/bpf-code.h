/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a small BPF program: instructions are appended, jumps are filled in once their target is
 * known. Documentation/bpf/standardization/instruction-set.rst has the encoding. */
#ifndef HF_BPF_CODE_H
#define HF_BPF_CODE_H

#include "base/base.h"

#include <linux/bpf.h>

enum { HF_BPF_CODE_MAX = 256, HF_BPF_JUMPS_MAX = 16 };

typedef struct hf_bpf_code {
	struct bpf_insn code[HF_BPF_CODE_MAX];
	uint32_t count;
	bool is_full; /* an instruction or a jump found no room: the program is void */
} hf_bpf_code;

/* Jumps that lead to one place, which is not yet known. */
typedef struct hf_bpf_label {
	uint32_t from[HF_BPF_JUMPS_MAX];
	uint32_t count;
} hf_bpf_label;

static inline void hf_bpf_put(hf_bpf_code *c, uint8_t code, uint8_t to, uint8_t from, int16_t off,
			      int32_t number)
{
	if (c->count == HF_BPF_CODE_MAX) {
		c->is_full = true;
		return;
	}
	struct bpf_insn *insn = &c->code[c->count++];

	insn->code = code;
	insn->dst_reg = to & 0xfU;
	insn->src_reg = from & 0xfU;
	insn->off = off;
	insn->imm = number;
}

/* to = *(size *)(from + off); size is BPF_H, BPF_W or BPF_DW */
static inline void hf_bpf_load(hf_bpf_code *c, uint8_t size, uint8_t to, uint8_t from, uint32_t off)
{
	hf_bpf_put(c, (uint8_t)(BPF_LDX | size | BPF_MEM), to, from, (int16_t)off, 0);
}

/* *(size *)(to + off) = from */
static inline void hf_bpf_store(hf_bpf_code *c, uint8_t size, uint8_t to, int16_t off, uint8_t from)
{
	hf_bpf_put(c, (uint8_t)(BPF_STX | size | BPF_MEM), to, from, off, 0);
}

static inline void hf_bpf_move(hf_bpf_code *c, uint8_t to, uint8_t from)
{
	hf_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}

/* @op: BPF_MOV, BPF_ADD, BPF_MUL, BPF_LSH … with a number */
static inline void hf_bpf_number(hf_bpf_code *c, uint8_t op, uint8_t to, int32_t number)
{
	hf_bpf_put(c, (uint8_t)(BPF_ALU64 | op | BPF_K), to, 0, 0, number);
}

static inline void hf_bpf_add(hf_bpf_code *c, uint8_t to, uint8_t from)
{
	hf_bpf_put(c, BPF_ALU64 | BPF_ADD | BPF_X, to, from, 0, 0);
}

static inline void hf_bpf_call(hf_bpf_code *c, int32_t helper)
{
	hf_bpf_put(c, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

/* A 64-bit constant in two instructions; @kind BPF_PSEUDO_MAP_FD or BPF_PSEUDO_MAP_VALUE make it a
 * map. */
static inline void hf_bpf_map(hf_bpf_code *c, uint8_t to, uint8_t kind, int fd, uint32_t off)
{
	hf_bpf_put(c, BPF_LD | BPF_DW | BPF_IMM, to, kind, 0, fd);
	hf_bpf_put(c, 0, 0, 0, 0, (int32_t)off);
}

/* Jumps to @label when "reg op number" holds; @op 0 (BPF_JA): always. */
static inline void hf_bpf_jump(hf_bpf_code *c, uint8_t op, uint8_t reg, int32_t number,
			       hf_bpf_label *label)
{
	if (label->count == HF_BPF_JUMPS_MAX) {
		c->is_full = true;
		return;
	}
	label->from[label->count++] = c->count;
	hf_bpf_put(c, (uint8_t)(BPF_JMP | op | BPF_K), reg, 0, 0, number);
}

/* The same comparing two registers. */
static inline void hf_bpf_jump_reg(hf_bpf_code *c, uint8_t op, uint8_t reg, uint8_t other,
				   hf_bpf_label *label)
{
	hf_bpf_jump(c, op, reg, 0, label);
	if (c->is_full)
		return;
	c->code[c->count - 1].code |= BPF_X;
	c->code[c->count - 1].src_reg = other & 0xfU;
}

/* A jump back to the instruction at @target. */
static inline void hf_bpf_loop(hf_bpf_code *c, uint8_t op, uint8_t reg, int32_t number,
			       uint32_t target)
{
	hf_bpf_put(c, (uint8_t)(BPF_JMP | op | BPF_K), reg, 0,
		   (int16_t)((int32_t)target - (int32_t)c->count - 1), number);
}

/* The place of @label is here. */
static inline void hf_bpf_here(hf_bpf_code *c, const hf_bpf_label *label)
{
	for (uint32_t i = 0; i < label->count; i++) {
		if (label->from[i] < c->count)
			c->code[label->from[i]].off = (int16_t)(c->count - label->from[i] - 1);
	}
}

#endif
