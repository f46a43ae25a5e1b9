/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule in words like those of nft(8), for a person who wants to know which one it was.
 *
 * What a register holds is remembered as the words for it, and a comparison writes them. */
#include "facts/filter.h"

/* before the kernel's own headers of the same structures */
#include <netinet/in.h>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdio.h>

enum { TEXT_MAX = 300 };

/* How the bytes of a value are written. */
typedef enum value_form {
	AS_HEX = 0,
	AS_NUMBER,   /* in the host's order */
	AS_PORT,     /* in the network's */
	AS_ADDRESS,
	AS_NAME,
	AS_PROTOCOL,
	AS_FAMILY,
	AS_STATE,
	AS_ADDRESS_TYPE,
} value_form;

typedef struct held {
	const char *words;
	value_form form;
	bool is_masked;
	uint8_t mask[16];
	uint8_t size;
} held;

typedef struct writing {
	hf_buffer *text;
	const hf_filter *filter;
	uint32_t chain;
	held registers[HF_REGISTER_WORDS];
	const uint8_t *values[HF_REGISTER_WORDS]; /* of immediates */
	const char *protocol;			  /* that the rule has asked for, or NULL */
} writing;

/* A name that others chose; the kernel lets any byte be in it. */
static void put_name(hf_buffer *text, const char *name, size_t size)
{
	for (size_t i = 0; i < size && name[i]; i++) {
		const char c = name[i];

		hf_buffer_printf(text, "%c", c > 0x20 && c < 0x7f ? c : '?');
	}
}

/* Words behind a blank; the name of an expression that is not known is among them. */
static void put(writing *w, const char *words)
{
	if (w->text->size > 0 && w->text->data[w->text->size - 1] != ' ')
		hf_buffer_puts(w->text, " ");
	for (; *words; words++)
		hf_buffer_printf(w->text, "%c", *words >= 0x20 && *words < 0x7f ? *words : '?');
}

void hf_filter_chain_write(hf_buffer *text, const hf_filter_chain *chain)
{
	hf_buffer_printf(text, "%s ", chain->family);
	put_name(text, chain->table, 64);
	hf_buffer_puts(text, " ");
	put_name(text, chain->name, 128);
}

/* ---- values ---- */

typedef struct word {
	uint32_t number;
	const char *text;
} word;

static const word protocols[] = {{1, "icmp"},	 {2, "igmp"}, {6, "tcp"},  {17, "udp"},	 {47, "gre"},
				 {50, "esp"},	 {51, "ah"},  {58, "icmpv6"}, {132, "sctp"}};
static const word families[] = {{NFPROTO_IPV4, "ipv4"}, {NFPROTO_IPV6, "ipv6"}};
static const word states[] = {{1, "invalid"}, {2, "established"}, {4, "related"}, {8, "new"}, {64, "untracked"}};
static const word types[] = {{1, "unicast"},   {2, "local"},	 {3, "broadcast"}, {4, "anycast"},
			     {5, "multicast"}, {6, "blackhole"}, {7, "unreachable"}};

static void put_word(hf_buffer *text, const word *words, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++) {
		if (words[i].number == number) {
			hf_buffer_puts(text, words[i].text);
			return;
		}
	}
	hf_buffer_printf(text, "%u", number);
}

static void put_states(hf_buffer *text, uint32_t bits)
{
	bool first = true;

	for (size_t i = 0; i < HF_ARRAY_SIZE(states); i++) {
		if (!(bits & states[i].number))
			continue;
		hf_buffer_printf(text, "%s%s", first ? "" : ",", states[i].text);
		first = false;
	}
	if (first)
		hf_buffer_printf(text, "0x%x", bits);
}

static uint32_t number_of(const uint8_t *bytes, size_t size)
{
	uint32_t number = 0;
	uint16_t half = 0;

	if (size == 1)
		return *bytes;
	if (size == 2) {
		memcpy(&half, bytes, sizeof half);
		return half;
	}
	if (size >= 4)
		memcpy(&number, bytes, sizeof number);
	return number;
}

static void put_value(hf_buffer *text, value_form form, const uint8_t *bytes, size_t size)
{
	char address[INET6_ADDRSTRLEN];

	switch (form) {
	case AS_NUMBER:
		hf_buffer_printf(text, size > 2 ? "0x%x" : "%u", number_of(bytes, size));
		return;
	case AS_PORT:
		if (size == 2)
			hf_buffer_printf(text, "%u", (unsigned)(bytes[0] << 8 | bytes[1]));
		return;
	case AS_ADDRESS:
		if ((size == 4 || size == 16) &&
		    inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, address, sizeof address))
			hf_buffer_puts(text, address);
		return;
	case AS_NAME:
		put_name(text, (const char *)bytes, size);
		return;
	case AS_PROTOCOL:
		put_word(text, protocols, HF_ARRAY_SIZE(protocols), number_of(bytes, size));
		return;
	case AS_FAMILY:
		put_word(text, families, HF_ARRAY_SIZE(families), number_of(bytes, size));
		return;
	case AS_STATE:
		put_states(text, number_of(bytes, size));
		return;
	case AS_ADDRESS_TYPE:
		put_word(text, types, HF_ARRAY_SIZE(types), number_of(bytes, size));
		return;
	case AS_HEX:
		break;
	}
	hf_buffer_puts(text, "0x");
	for (size_t i = 0; i < size; i++)
		hf_buffer_printf(text, "%02x", bytes[i]);
}

/* ---- what is loaded ---- */

static held meta_words(const hf_filter_step *step)
{
	static const held known[] = {
		[NFT_META_LEN] = {"meta length", AS_NUMBER, false, {0}, 0},
		[NFT_META_PROTOCOL] = {"meta protocol", AS_HEX, false, {0}, 0},
		[NFT_META_MARK] = {"meta mark", AS_NUMBER, false, {0}, 0},
		[NFT_META_IIF] = {"iif", AS_NUMBER, false, {0}, 0},
		[NFT_META_OIF] = {"oif", AS_NUMBER, false, {0}, 0},
		[NFT_META_IIFNAME] = {"iifname", AS_NAME, false, {0}, 0},
		[NFT_META_OIFNAME] = {"oifname", AS_NAME, false, {0}, 0},
		[NFT_META_SKUID] = {"meta skuid", AS_NUMBER, false, {0}, 0},
		[NFT_META_SKGID] = {"meta skgid", AS_NUMBER, false, {0}, 0},
		[NFT_META_NFPROTO] = {"meta nfproto", AS_FAMILY, false, {0}, 0},
		[NFT_META_L4PROTO] = {"meta l4proto", AS_PROTOCOL, false, {0}, 0},
		[NFT_META_BRI_IIFNAME] = {"meta ibrname", AS_NAME, false, {0}, 0},
		[NFT_META_BRI_OIFNAME] = {"meta obrname", AS_NAME, false, {0}, 0},
		[NFT_META_PKTTYPE] = {"meta pkttype", AS_NUMBER, false, {0}, 0},
		[NFT_META_IIFGROUP] = {"iifgroup", AS_NUMBER, false, {0}, 0},
		[NFT_META_OIFGROUP] = {"oifgroup", AS_NUMBER, false, {0}, 0},
		[NFT_META_CGROUP] = {"meta cgroup", AS_NUMBER, false, {0}, 0},
		[NFT_META_IIFKIND] = {"meta iifkind", AS_NAME, false, {0}, 0},
		[NFT_META_OIFKIND] = {"meta oifkind", AS_NAME, false, {0}, 0},
	};

	return step->what < HF_ARRAY_SIZE(known) && known[step->what].words
		       ? known[step->what]
		       : (held){.words = "meta ?"};
}

static held payload_words(const hf_filter_step *step)
{
	static const struct {
		uint8_t base, offset, size;
		held words;
	} known[] = {
		{NFT_PAYLOAD_NETWORK_HEADER, 12, 4, {"ip saddr", AS_ADDRESS, false, {0}, 0}},
		{NFT_PAYLOAD_NETWORK_HEADER, 16, 4, {"ip daddr", AS_ADDRESS, false, {0}, 0}},
		{NFT_PAYLOAD_NETWORK_HEADER, 9, 1, {"ip protocol", AS_PROTOCOL, false, {0}, 0}},
		{NFT_PAYLOAD_NETWORK_HEADER, 8, 16, {"ip6 saddr", AS_ADDRESS, false, {0}, 0}},
		{NFT_PAYLOAD_NETWORK_HEADER, 24, 16, {"ip6 daddr", AS_ADDRESS, false, {0}, 0}},
		{NFT_PAYLOAD_NETWORK_HEADER, 6, 1, {"ip6 nexthdr", AS_PROTOCOL, false, {0}, 0}},
		{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, {"th sport", AS_PORT, false, {0}, 0}},
		{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, {"th dport", AS_PORT, false, {0}, 0}},
		{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, {"icmp type", AS_NUMBER, false, {0}, 0}},
		{NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1, {"tcp flags", AS_HEX, false, {0}, 0}},
		{NFT_PAYLOAD_LL_HEADER, 0, 6, {"ether daddr", AS_HEX, false, {0}, 0}},
		{NFT_PAYLOAD_LL_HEADER, 6, 6, {"ether saddr", AS_HEX, false, {0}, 0}},
		{NFT_PAYLOAD_LL_HEADER, 12, 2, {"ether type", AS_HEX, false, {0}, 0}},
	};

	for (size_t i = 0; i < HF_ARRAY_SIZE(known); i++) {
		if (known[i].base == step->what && known[i].offset == step->offset &&
		    known[i].size == step->size)
			return known[i].words;
	}
	/* a prefix of whole bytes is compared by itself */
	for (size_t i = 0; i < HF_ARRAY_SIZE(known); i++) {
		if (known[i].base == step->what && known[i].offset == step->offset &&
		    known[i].words.form == AS_ADDRESS && step->size < known[i].size)
			return known[i].words;
	}
	return (held){.words = "payload"};
}

static held ct_words(const hf_filter_step *step)
{
	switch (step->what) {
	case NFT_CT_STATE:
		return (held){.words = "ct state", .form = AS_STATE};
	case NFT_CT_STATUS:
		return (held){.words = "ct status", .form = AS_NUMBER};
	case NFT_CT_MARK:
		return (held){.words = "ct mark", .form = AS_NUMBER};
	case NFT_CT_DIRECTION:
		return (held){.words = "ct direction", .form = AS_NUMBER};
	case NFT_CT_PROTO_DST:
		return (held){.words = "ct original proto-dst", .form = AS_PORT};
	case NFT_CT_DST:
	case NFT_CT_DST_IP:
		return (held){.words = "ct original daddr", .form = AS_ADDRESS};
	default:
		return (held){.words = "ct ?"};
	}
}

static held fib_words(const hf_filter_step *step)
{
	bool is_source = step->offset & NFTA_FIB_F_SADDR;

	if (step->what == NFT_FIB_RESULT_ADDRTYPE)
		return (held){.words = is_source ? "fib saddr type" : "fib daddr type",
			      .form = AS_ADDRESS_TYPE};
	return (held){.words = is_source ? "fib saddr oif" : "fib daddr oif", .form = AS_NUMBER};
}

/* ---- steps ---- */

/* What is loaded, "th dport" of a protocol that is known as "tcp dport". */
static void put_words(writing *w, const held *from)
{
	const char *words = from->words ? from->words : "register";

	if (w->protocol && hf_has_prefix(words, "th ")) {
		put(w, w->protocol);
		words += strlen("th ");
	}
	put(w, words);
}

/* A prefix: of whole bytes, or under a mask. */
static void put_prefix(writing *w, const held *from, const uint8_t *bytes, size_t size)
{
	const size_t whole = hf_has_prefix(from->words, "ip6") ? 16 : 4;
	uint8_t address[16] = {0};
	unsigned bits = 0;
	bool is_prefix = true;

	memcpy(address, bytes, size < whole ? size : whole);
	for (size_t i = 0; i < size && i < whole; i++) {
		const uint8_t mask = from->is_masked ? from->mask[i] : 0xff;

		/* ones, then zeros, and none before this byte */
		is_prefix = is_prefix && !(mask & (uint8_t)~mask >> 1) && (mask == 0 || bits == i * 8);
		bits += (unsigned)__builtin_popcount(mask);
	}
	if (!is_prefix) {
		hf_buffer_puts(w->text, "& ");
		put_value(w->text, AS_ADDRESS, from->mask, whole);
		hf_buffer_puts(w->text, " ");
	}
	put_value(w->text, AS_ADDRESS, address, whole);
	if (is_prefix && bits < whole * 8)
		hf_buffer_printf(w->text, "/%u", bits);
}

static void write_compare(writing *w, const hf_filter_step *step)
{
	static const char *const operators[] = {"", "!= ", "< ", "<= ", "> ", ">= "};
	held *from = &w->registers[step->sreg];
	value_form how = from->form;

	if (from->form == AS_PROTOCOL && step->what == NFT_CMP_EQ &&
	    (*step->data == HF_PROTOCOL_TCP || *step->data == HF_PROTOCOL_UDP))
		w->protocol = *step->data == HF_PROTOCOL_TCP ? "tcp" : "udp";
	put_words(w, from);
	hf_buffer_puts(w->text, " ");
	/* "ct state established": the bits that are asked for are not zero */
	if (from->is_masked && from->form == AS_STATE && step->what == NFT_CMP_NEQ) {
		put_value(w->text, AS_STATE, from->mask, step->size);
		return;
	}
	if (from->form == AS_ADDRESS) {
		hf_buffer_puts(w->text, operators[step->what]);
		put_prefix(w, from, step->data, step->size);
		return;
	}
	if (from->is_masked) {
		hf_buffer_puts(w->text, "& ");
		put_value(w->text, how == AS_STATE ? AS_NUMBER : how, from->mask,
			  step->size > sizeof from->mask ? sizeof from->mask : step->size);
		hf_buffer_puts(w->text, " ");
	}
	hf_buffer_puts(w->text, operators[step->what]);
	/* of a name that is a prefix the end is not compared */
	put_value(w->text, how, step->data, step->size);
	if (how == AS_NAME && (step->size < 16 || step->data[step->size - 1] != 0) &&
	    !memchr(step->data, 0, step->size))
		hf_buffer_puts(w->text, "*");
}

static void write_range(writing *w, const hf_filter_step *step)
{
	const held *from = &w->registers[step->sreg];

	put_words(w, from);
	hf_buffer_puts(w->text, step->is_inverted ? " != " : " ");
	put_value(w->text, from->form, step->data, step->size);
	hf_buffer_puts(w->text, "-");
	put_value(w->text, from->form, step->more, step->size);
}

static void write_lookup(writing *w, const hf_filter_step *step)
{
	enum { SHOWN = 4 };
	const hf_filter_set *set = step->set;
	const held *from = &w->registers[step->sreg];
	bool is_simple = from->words && set->key_size == from->size;

	put_words(w, from);
	hf_buffer_puts(w->text, step->is_inverted ? " != " : set->has_verdicts ? " vmap "
				: step->has_result  ? " map "
						     : " ");
	if (!(set->flags & NFT_SET_ANONYMOUS)) {
		hf_buffer_puts(w->text, "@");
		put_name(w->text, set->name, 64);
		return;
	}
	hf_buffer_puts(w->text, "{");
	if (!is_simple)
		hf_buffer_printf(w->text, "%zu elements", set->count);
	for (size_t i = 0; is_simple && i < set->count && i < SHOWN; i++) {
		const hf_set_element *element = &set->elements[i];
		bool is_range = memcmp(element->key, element->end, set->key_size) != 0;

		hf_buffer_puts(w->text, i ? ", " : "");
		put_value(w->text, from->form, element->key, set->key_size);
		hf_buffer_puts(w->text, is_range ? "-" : "");
		if (is_range)
			put_value(w->text, from->form, element->end, set->key_size);
	}
	if (is_simple && set->count > SHOWN)
		hf_buffer_printf(w->text, ", … %zu elements", set->count);
	hf_buffer_puts(w->text, "}");
}

static void write_ruling(writing *w, const hf_ruling *ruling)
{
	static const char *const words[] = {
		[HF_VERDICT_CONTINUE] = "continue", [HF_VERDICT_BREAK] = "",
		[HF_VERDICT_ACCEPT] = "accept",	    [HF_VERDICT_DROP] = "drop",
		[HF_VERDICT_REJECT] = "reject",	    [HF_VERDICT_JUMP] = "jump",
		[HF_VERDICT_GOTO] = "goto",	    [HF_VERDICT_RETURN] = "return",
		[HF_VERDICT_UNKNOWN] = "queue",
	};

	put(w, words[ruling->verdict]);
	if (ruling->verdict == HF_VERDICT_JUMP || ruling->verdict == HF_VERDICT_GOTO) {
		hf_buffer_puts(w->text, " ");
		put_name(w->text, w->filter->chains[ruling->chain].name, 128);
	}
}

static void write_nat(writing *w, const hf_filter_step *step)
{
	static const char *const words[] = {
		[HF_NAT_SOURCE] = "snat",
		[HF_NAT_DESTINATION] = "dnat",
		[HF_NAT_MASQUERADE] = "masquerade",
		[HF_NAT_REDIRECT] = "redirect",
	};
	const uint8_t *address = w->values[step->nat.from], *port = w->values[step->nat.port_from];

	put(w, words[step->what]);
	if (!step->nat.from && !step->nat.port_from)
		return;
	hf_buffer_puts(w->text, " to ");
	if (step->nat.from && address)
		put_value(w->text, AS_ADDRESS, address, step->nat.family == NFPROTO_IPV6 ? 16 : 4);
	else if (step->nat.from)
		hf_buffer_puts(w->text, "…");
	if (step->nat.port_from && port) {
		hf_buffer_puts(w->text, ":");
		put_value(w->text, AS_PORT, port, 2);
	}
}

/* ---- the head of a legacy rule ---- */

static void write_masked(writing *w, const char *words, const void *address, const void *mask, size_t size,
			 bool is_inverted)
{
	const uint8_t *bytes = mask;
	unsigned bits = 0;

	for (size_t i = 0; i < size; i++)
		bits += (unsigned)__builtin_popcount(bytes[i]);
	if (bits == 0 && !is_inverted)
		return;
	put(w, words);
	hf_buffer_puts(w->text, is_inverted ? " != " : " ");
	put_value(w->text, AS_ADDRESS, address, size);
	if (bits < size * 8)
		hf_buffer_printf(w->text, "/%u", bits);
}

static void write_interface(writing *w, const char *words, const char *name, const unsigned char *mask,
			    bool is_inverted)
{
	size_t length = strnlen(name, IFNAMSIZ);

	if (length == 0)
		return;
	put(w, words);
	hf_buffer_puts(w->text, is_inverted ? " != " : " ");
	put_name(w->text, name, length);
	if (length < IFNAMSIZ && mask[length] == 0)
		hf_buffer_puts(w->text, "*");
}

static void write_protocol(writing *w, uint16_t protocol, bool is_inverted)
{
	if (protocol == 0)
		return;
	put(w, is_inverted ? "meta l4proto !=" : "meta l4proto");
	hf_buffer_puts(w->text, " ");
	put_word(w->text, protocols, HF_ARRAY_SIZE(protocols), protocol);
}

static void write_header(writing *w, const hf_filter_step *step, uint8_t family)
{
	struct ipt_ip ip;
	struct ip6t_ip6 ip6;

	if (family == NFPROTO_IPV6) {
		memcpy(&ip6, step->data, sizeof ip6);
		write_interface(w, "iifname", ip6.iniface, ip6.iniface_mask,
				ip6.invflags & IP6T_INV_VIA_IN);
		write_interface(w, "oifname", ip6.outiface, ip6.outiface_mask,
				ip6.invflags & IP6T_INV_VIA_OUT);
		write_masked(w, "ip6 saddr", &ip6.src, &ip6.smsk, 16, ip6.invflags & IP6T_INV_SRCIP);
		write_masked(w, "ip6 daddr", &ip6.dst, &ip6.dmsk, 16, ip6.invflags & IP6T_INV_DSTIP);
		write_protocol(w, ip6.proto, ip6.invflags & XT_INV_PROTO);
		return;
	}
	memcpy(&ip, step->data, sizeof ip);
	write_interface(w, "iifname", ip.iniface, ip.iniface_mask, ip.invflags & IPT_INV_VIA_IN);
	write_interface(w, "oifname", ip.outiface, ip.outiface_mask, ip.invflags & IPT_INV_VIA_OUT);
	write_masked(w, "ip saddr", &ip.src, &ip.smsk, 4, ip.invflags & IPT_INV_SRCIP);
	write_masked(w, "ip daddr", &ip.dst, &ip.dmsk, 4, ip.invflags & IPT_INV_DSTIP);
	write_protocol(w, ip.proto, ip.invflags & XT_INV_PROTO);
}

static void hold(writing *w, const hf_filter_step *step, held what)
{
	what.size = step->size;
	w->registers[step->dreg] = what;
	w->values[step->dreg] = NULL;
}

static void write_mask(writing *w, const hf_filter_step *step)
{
	held what = w->registers[step->sreg];
	bool is_all = true;

	for (size_t i = 0; i < step->size; i++)
		is_all = is_all && step->data[i] == 0xff;
	if (step->what == HF_BITWISE_MASK_XOR && !is_all) {
		what.is_masked = true;
		memcpy(what.mask, step->data, step->size > sizeof what.mask ? sizeof what.mask : step->size);
	}
	hold(w, step, what);
}

static void write_set(writing *w, const char *words, const hf_filter_step *step)
{
	const uint8_t *value = w->values[step->sreg];

	put(w, words);
	if (value) {
		hf_buffer_puts(w->text, " ");
		put_value(w->text, AS_NUMBER, value, step->size > 4 ? 4 : step->size);
	}
}

static void write_step(writing *w, const hf_filter_step *step)
{
	switch ((hf_step_kind)step->kind) {
	case HF_STEP_META:
		hold(w, step, meta_words(step));
		return;
	case HF_STEP_PAYLOAD:
		hold(w, step, payload_words(step));
		return;
	case HF_STEP_CT:
		hold(w, step, ct_words(step));
		return;
	case HF_STEP_FIB:
		hold(w, step, fib_words(step));
		return;
	case HF_STEP_LOAD_UNKNOWN:
		hold(w, step, (held){.words = step->word});
		return;
	case HF_STEP_IMMEDIATE:
		hold(w, step, (held){0});
		w->values[step->dreg] = step->data;
		return;
	case HF_STEP_COMPARE:
		write_compare(w, step);
		return;
	case HF_STEP_RANGE:
		write_range(w, step);
		return;
	case HF_STEP_BITWISE:
		write_mask(w, step);
		return;
	case HF_STEP_BYTEORDER:
		hold(w, step, w->registers[step->sreg]);
		return;
	case HF_STEP_LOOKUP:
		write_lookup(w, step);
		return;
	case HF_STEP_UNCERTAIN:
	case HF_STEP_UNKNOWN:
		put(w, step->word);
		return;
	case HF_STEP_SET_META:
		write_set(w, step->what == NFT_META_MARK ? "meta mark set" : "meta set", step);
		return;
	case HF_STEP_SET_PAYLOAD:
		put(w, "payload set");
		return;
	case HF_STEP_SET_CT:
		write_set(w, step->what == NFT_CT_MARK ? "ct mark set" : "ct set", step);
		return;
	case HF_STEP_FILL:
		put(w, "add @");
		put_name(w->text, step->set->name, 64);
		return;
	case HF_STEP_NOTRACK:
		put(w, "notrack");
		return;
	case HF_STEP_NAT:
		write_nat(w, step);
		return;
	case HF_STEP_VERDICT:
		write_ruling(w, &step->ruling);
		return;
	case HF_STEP_HEADER:
		write_header(w, step, w->filter->bodies[w->chain].xt_family);
		return;
	case HF_STEP_XT_MATCH:
		put(w, "");
		hf_xt_match_text(w->text, step);
		return;
	case HF_STEP_XT_TARGET:
		put(w, "");
		hf_xt_target_text(w->text, step,
				  strcmp(w->filter->chains[w->chain].family, "ip6") == 0 ? 6 : 4);
		return;
	case HF_STEP_NOTHING:
		return;
	}
}

void hf_filter_rule_write(hf_buffer *text, const hf_filter *filter, uint32_t chain, size_t index)
{
	const hf_filter_rule *rule = &filter->bodies[chain].rules[index];
	hf_buffer own = {0};
	writing w = {.text = &own, .filter = filter, .chain = chain};

	for (uint32_t i = 0; i < rule->count && own.size < TEXT_MAX; i++)
		write_step(&w, &rule->steps[i]);
	if (rule->malformed)
		put(&w, rule->malformed);
	while (own.size > 0 && own.data[own.size - 1] == ' ')
		own.data[--own.size] = '\0';
	if (own.size > TEXT_MAX) {
		own.size = TEXT_MAX;
		hf_buffer_puts(&own, "…");
	}
	if (own.failed)
		text->failed = true;
	else
		hf_buffer_add(text, own.data ? own.data : "", own.size);
	hf_buffer_free(&own);
}
