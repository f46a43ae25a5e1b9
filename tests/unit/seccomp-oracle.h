/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a filter does to one call with all its data known: the kernel's interpreter in small, to
 * compare with. */
#ifndef HF_TEST_SECCOMP_ORACLE_H
#define HF_TEST_SECCOMP_ORACLE_H

#include "facts/seccomp-code.h"

#include <linux/seccomp.h>

typedef struct oracle {
	uint32_t a, x, memory[BPF_MEMWORDS];
	bool failed; /* no filter that a kernel takes, or it never ends */
} oracle;

static inline uint32_t oracle_alu(oracle *o, uint16_t op, uint32_t b)
{
	switch (op) {
	case BPF_ADD:
		return o->a + b;
	case BPF_SUB:
		return o->a - b;
	case BPF_MUL:
		return o->a * b;
	case BPF_DIV:
		o->failed |= b == 0;
		return b ? o->a / b : 0;
	case BPF_OR:
		return o->a | b;
	case BPF_AND:
		return o->a & b;
	case BPF_LSH:
		o->failed |= b > 31;
		return o->a << (b & 31);
	case BPF_RSH:
		o->failed |= b > 31;
		return o->a >> (b & 31);
	case BPF_XOR:
		return o->a ^ b;
	case BPF_NEG:
		return 0 - o->a;
	default:
		o->failed = true;
		return 0;
	}
}

static inline bool oracle_test(uint16_t op, uint32_t a, uint32_t b)
{
	return op == BPF_JEQ   ? a == b
	       : op == BPF_JGT ? a > b
	       : op == BPF_JGE ? a >= b
			       : (a & b) != 0;
}

/* One of HF_ACT_*; 0 where it cannot be told. @data: struct seccomp_data as words. */
static inline uint8_t oracle_run(const struct sock_filter *code, size_t count,
				 const uint32_t data[HF_DATA_WORDS])
{
	oracle o = {0};

	for (size_t at = 0; at < count && !o.failed;) {
		const struct sock_filter *i = &code[at++];
		uint32_t b = BPF_SRC(i->code) == BPF_X ? o.x : i->k;

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
		case BPF_LDX: {
			uint32_t *to = BPF_CLASS(i->code) == BPF_LD ? &o.a : &o.x;
			uint16_t mode = i->code & 0xe0;

			if (mode == BPF_ABS && to == &o.a && i->k % 4 == 0 &&
			    i->k / 4 < HF_DATA_WORDS)
				*to = data[i->k / 4];
			else if (mode == BPF_IMM)
				*to = i->k;
			else if (mode == BPF_LEN)
				*to = HF_DATA_WORDS * 4;
			else if (mode == BPF_MEM && i->k < BPF_MEMWORDS)
				*to = o.memory[i->k];
			else
				o.failed = true;
			break;
		}
		case BPF_ST:
		case BPF_STX:
			o.failed |= i->k >= BPF_MEMWORDS;
			if (!o.failed)
				o.memory[i->k] = BPF_CLASS(i->code) == BPF_ST ? o.a : o.x;
			break;
		case BPF_ALU:
			o.a = oracle_alu(&o, BPF_OP(i->code), b);
			break;
		case BPF_JMP:
			if (BPF_OP(i->code) == BPF_JA)
				at = i->k < count ? at + i->k : count;
			else
				at += oracle_test(BPF_OP(i->code), o.a, b) ? i->jt : i->jf;
			break;
		case BPF_RET: {
			uint32_t value = BPF_RVAL(i->code) == BPF_A ? o.a : i->k;

			switch (value & SECCOMP_RET_ACTION_FULL) {
			case SECCOMP_RET_TRAP:
				return HF_ACT_TRAP;
			case SECCOMP_RET_ERRNO:
				return HF_ACT_ERRNO;
			case SECCOMP_RET_USER_NOTIF:
				return HF_ACT_NOTIFY;
			case SECCOMP_RET_TRACE:
				return HF_ACT_TRACE;
			case SECCOMP_RET_LOG:
				return HF_ACT_LOG;
			case SECCOMP_RET_ALLOW:
				return HF_ACT_ALLOW;
			default:
				return HF_ACT_KILL;
			}
		}
		default:
			if (i->code == (BPF_MISC | BPF_TAX))
				o.x = o.a;
			else if (i->code == (BPF_MISC | BPF_TXA))
				o.a = o.x;
			else
				o.failed = true;
		}
	}
	return 0;
}

#endif
