/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A light reader of BTF: one pass over the types of the kernel, comparing names.
 *
 * libbpf parses and indexes all of them and then every candidate for each relocation; the five
 * structures that are of interest here are found in a fraction of that. */
#include "collect/btf.h"

#include <linux/btf.h>

typedef struct btf {
	const char *types;
	uint32_t types_size;
	const char *strings;
	uint32_t strings_size;
} btf;

static int open_btf(const void *data, size_t size, btf *ret_btf)
{
	struct btf_header head;

	if (size < sizeof head)
		return -EBADMSG;
	memcpy(&head, data, sizeof head);
	if (head.magic != BTF_MAGIC || head.version != BTF_VERSION || head.hdr_len < sizeof head ||
	    head.hdr_len > size)
		return -EBADMSG;
	size -= head.hdr_len;
	if (head.type_off > size || head.type_len > size - head.type_off || head.str_off > size ||
	    head.str_len > size - head.str_off || head.str_len == 0)
		return -EBADMSG;
	const char *body = (const char *)data + head.hdr_len;

	*ret_btf = (btf){
		.types = body + head.type_off,
		.types_size = head.type_len,
		.strings = body + head.str_off,
		.strings_size = head.str_len,
	};
	return ret_btf->strings[head.str_len - 1] == '\0' ? 0 : -EBADMSG;
}

static const char *name_at(const btf *b, uint32_t offset)
{
	return offset < b->strings_size ? b->strings + offset : "";
}

/* Bytes that follow a type's head; UINT32_MAX for a kind that this reader does not know. */
static uint32_t tail_size(uint32_t kind, uint32_t count)
{
	enum { ENUM64 = 19, DECL_TAG = 17, TYPE_TAG = 18 }; /* younger than the headers of some */

	switch (kind) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case DECL_TAG:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return count * (uint32_t)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return count * (uint32_t)sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return count * (uint32_t)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return count * (uint32_t)sizeof(struct btf_var_secinfo);
	case ENUM64:
		return count * 3 * (uint32_t)sizeof(uint32_t);
	default:
		return UINT32_MAX;
	}
}

static size_t take_members(const btf *b, const struct btf_type *type, const char *members,
			   hf_btf_wanted *wanted)
{
	const char *name = name_at(b, type->name_off);
	size_t found = 0;

	for (size_t i = 0; i < wanted->member_count; i++) {
		hf_btf_member *want = &wanted->members[i];

		if (want->is_found || strcmp(want->type, name) != 0)
			continue;
		for (uint32_t m = 0; m < BTF_INFO_VLEN(type->info) && !want->is_found; m++) {
			struct btf_member member;

			memcpy(&member, members + m * sizeof member, sizeof member);
			if (strcmp(name_at(b, member.name_off), want->member) != 0)
				continue;
			uint32_t bits = BTF_INFO_KFLAG(type->info)
						? BTF_MEMBER_BIT_OFFSET(member.offset)
						: member.offset;

			want->offset = bits / 8;
			want->is_found = true;
			found++;
		}
	}
	return found;
}

static bool is_wanted_struct(const btf *b, const struct btf_type *type, const hf_btf_wanted *wanted)
{
	const char *name = name_at(b, type->name_off);

	for (size_t i = 0; i < wanted->member_count; i++) {
		if (name[0] == wanted->members[i].type[0] &&
		    strcmp(name, wanted->members[i].type) == 0)
			return true;
	}
	return false;
}

static int name_missing(const hf_btf_wanted *wanted, const char **ret_missing)
{
	for (size_t i = 0; i < wanted->member_count; i++) {
		if (!wanted->members[i].is_found) {
			*ret_missing = wanted->members[i].member;
			return -ENOENT;
		}
	}
	*ret_missing = wanted->function;
	return wanted->function && !wanted->function_id ? -ENOENT : 0;
}

int hf_btf_find(const void *data, size_t size, hf_btf_wanted *wanted, const char **ret_missing)
{
	size_t open = wanted->member_count + (wanted->function != NULL);
	uint32_t at = 0, id = 1; /* number 0 is void and not in the file */
	btf b = {0};
	int r = open_btf(data, size, &b);

	for (; r == 0 && open > 0 && at < b.types_size; id++) {
		struct btf_type type;

		if (b.types_size - at < sizeof type)
			return -EBADMSG;
		memcpy(&type, b.types + at, sizeof type);
		at += (uint32_t)sizeof type;
		uint32_t kind = BTF_INFO_KIND(type.info);
		uint32_t tail = tail_size(kind, BTF_INFO_VLEN(type.info));

		if (tail > b.types_size - at)
			return -EBADMSG;
		if (kind == BTF_KIND_STRUCT && is_wanted_struct(&b, &type, wanted))
			open -= take_members(&b, &type, b.types + at, wanted);
		if (kind == BTF_KIND_FUNC && wanted->function && !wanted->function_id &&
		    strcmp(name_at(&b, type.name_off), wanted->function) == 0) {
			wanted->function_id = id;
			open--;
		}
		at += tail;
	}
	return r < 0 ? r : name_missing(wanted, ret_missing);
}
