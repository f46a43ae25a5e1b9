/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that are harmless or not by their arguments. */
#include "judge.h"

#include <string.h>

#define ALL_BITS UINT64_MAX
#define LOW_BITS UINT64_C(0xffffffff)

/* ---- seccomp.personality ---- */

#define PERSONALITY(text, number)                                                                  \
	{                                                                                          \
		.name = "personality", .label = (text), .argument = 0, .mask = ALL_BITS,           \
		.value = (number)                                                                  \
	}

static const hf_call_case personalities[] = {
	PERSONALITY("ADDR_NO_RANDOMIZE", 0x0040000),
	PERSONALITY("READ_IMPLIES_EXEC", 0x0400000),
	PERSONALITY("MMAP_PAGE_ZERO", 0x0100000),
	{0},
};

static const hf_call_case ordinary_personalities[] = {
	PERSONALITY("0x0", 0),
	PERSONALITY("0x8", 8),
	PERSONALITY("0x20000", 0x20000),
	PERSONALITY("0x20008", 0x20008),
	PERSONALITY("0xffffffff", LOW_BITS),
	{0},
};

static void check_personality(hf_check_run *run)
{
	const hf_filtering *f = seccomp_begin(run);
	seccomp_abis abis;

	if (!f)
		return;
	abis = seccomp_abis_get(run);
	const hf_call_summary *s = hf_filtering_calls(run, f, personalities, abis.sure);
	const hf_call_summary *usual =
		hf_filtering_calls(run, f, ordinary_personalities, abis.sure);
	const char *open =
		seccomp_join(run, s->allowed, seccomp_join(run, s->logged, s->conditional));
	const char *lost = seccomp_join(run, s->unknown, s->supervised);

	if (usual->allowed)
		hf_note(run, f->fact.source,
			hf_text(run, "personality with %s is allowed", usual->allowed));
	if (open)
		(void)hf_expect(run, f->fact.source,
				hf_text(run, "personality is allowed with %s", open),
				"harmless values alone", false);
	else if (lost)
		hf_unknown(run, f->fact.source,
			   hf_text(run, "what becomes of personality with %s could not be told",
				   lost));
	else
		(void)hf_expect(run, f->fact.source,
				hf_text(run, "personality is refused with %s",
					s->refused ? s->refused : "any value"),
				"harmless values alone", true);
	seccomp_end(run, f);
}

/* ---- seccomp.socket-families ---- */

#define FAMILY(text, number)                                                                       \
	{                                                                                          \
		.name = "socket", .label = (text), .argument = 0, .mask = ALL_BITS,                \
		.value = (number)                                                                  \
	}

/* One case each, for each is judged with what the kernel has. */
static const struct {
	hf_call_case calls[2];
	const char *module;
	const char *protocol; /* in /proc/net/protocols */
} judged_families[] = {
	{{FAMILY("AF_VSOCK", 40), {0}}, "vsock", "AF_VSOCK"},
	{{FAMILY("AF_ALG", 38), {0}}, "af_alg", "ALG"},
};

static const hf_call_case told_families[] = {
	FAMILY("AF_PACKET", 17),
	FAMILY("AF_NETLINK", 16),
	FAMILY("AF_KEY", 15),
	FAMILY("AF_RDS", 21),
	FAMILY("AF_TIPC", 30),
	FAMILY("AF_RXRPC", 33),
	FAMILY("AF_XDP", 44),
	FAMILY("AF_CAN", 29),
	FAMILY("AF_BLUETOOTH", 31),
	FAMILY("AF_NFC", 39),
	FAMILY("AF_KCM", 41),
	FAMILY("AF_SMC", 43),
	{0},
};

typedef enum presence { MISSING, THERE, NOT_KNOWN } presence;

static bool names_protocol(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, length) == 0 &&
		    (line[length] == ' ' || line[length] == '\t'))
			return true;
	}
	return false;
}

/* A family that is there, or that a call of socket() would load. */
static presence has_family(hf_check_run *run, const char *protocol, const char *module,
			   const char **ret_why)
{
	const hf_file *protocols = hf_file_get(run, "/proc/net/protocols");

	if (protocols->fact.state == HF_PRESENT && names_protocol(protocols->data, protocol))
		return THERE;
	const hf_module *m = hf_module_get(run, module);

	switch (m->state) {
	case HF_MODULE_MISSING:
	case HF_MODULE_DENIED:
		if (protocols->fact.state == HF_PRESENT)
			return MISSING;
		*ret_why = protocols->fact.why;
		return NOT_KNOWN;
	case HF_MODULE_LOADABLE:
	case HF_MODULE_LOADED:
	case HF_MODULE_BUILTIN:
		return THERE;
	case HF_MODULE_UNKNOWN:
		*ret_why = m->fact.why;
		return NOT_KNOWN;
	}
	return NOT_KNOWN;
}

static void judge_socket_family(hf_check_run *run, const hf_filtering *f, size_t i,
				const seccomp_abis *abis, size_t *missing)
{
	const hf_call_summary *s = hf_filtering_calls(run, f, judged_families[i].calls, abis->sure);
	const char *name = judged_families[i].calls[0].label, *why = NULL;
	const char *open =
		seccomp_join(run, s->allowed, seccomp_join(run, s->logged, s->conditional));
	presence has =
		has_family(run, judged_families[i].protocol, judged_families[i].module, &why);

	*missing += has == MISSING;
	if (!open && (s->unknown || s->supervised))
		hf_unknown(run, f->fact.source,
			   hf_text(run, "what becomes of socket(%s) could not be told", name));
	else if (!open)
		(void)hf_expect(run, f->fact.source, hf_text(run, "socket(%s) is refused", name),
				"refused", true);
	else if (has == THERE)
		(void)hf_expect(run, f->fact.source,
				hf_text(run, "socket(%s) is allowed, and the kernel has it", open),
				"refused", false);
	else if (has == NOT_KNOWN)
		hf_unknown(run, judged_families[i].protocol,
			   hf_text(run, "socket(%s) is allowed; whether the kernel has it: %s",
				   name, why));
	else
		hf_note(run, f->fact.source,
			hf_text(run, "socket(%s) is allowed; the kernel does not have it", name));
}

static void check_socket_families(hf_check_run *run)
{
	const hf_filtering *f = seccomp_begin(run);
	seccomp_abis abis;
	size_t missing = 0;

	if (!f)
		return;
	abis = seccomp_abis_get(run);
	for (size_t i = 0; i < sizeof judged_families / sizeof *judged_families; i++)
		judge_socket_family(run, f, i, &abis, &missing);
	if (hf_status_so_far(run) == HF_NOTSELECTED) {
		hf_not_applicable(run, "/proc/net/protocols", "neither AF_VSOCK nor AF_ALG",
				  "the kernel has neither family");
		return;
	}
	const hf_call_summary *told =
		hf_filtering_calls(run, f, told_families, 1U << HF_CALL_ABI_NATIVE);

	if (told->allowed)
		hf_note(run, f->fact.source, hf_text(run, "allowed, too: %s", told->allowed));
	seccomp_end(run, f);
}

/* ---- seccomp.socketcall ---- */

static const hf_call_case through_socketcall[] = {
	{.name = "socketcall",
	 .label = "socketcall(SYS_SOCKET)",
	 .argument = 0,
	 .mask = LOW_BITS,
	 .value = 1},
	{0},
};

static void check_socketcall(hf_check_run *run)
{
	const hf_filtering *f = seccomp_begin(run);
	const char *restricted = NULL;
	bool exists;

	if (!f)
		return;
	const hf_fact *runs = hf_call_abi_runs(run, HF_CALL_ABI_I386);
	hf_call_verdict verdict =
		hf_filtering_call(run, f, HF_CALL_ABI_I386, through_socketcall, &exists);

	if (!exists) {
		hf_not_applicable(run, "uname", "no socketcall",
				  "this architecture has no such call");
		return;
	}
	if (runs->state == HF_ABSENT) {
		hf_not_applicable(run, runs->source, runs->why, "no 32-bit program runs here");
		return;
	}
	for (size_t i = 0; i < sizeof judged_families / sizeof *judged_families; i++) {
		const hf_call_case *call = judged_families[i].calls;

		if (hf_filtering_call(run, f, HF_CALL_ABI_NATIVE, call, NULL) == HF_CALL_DENIED)
			restricted = seccomp_join(run, restricted, call->label);
	}
	if (verdict == HF_CALL_DENIED)
		(void)hf_expect(run, f->fact.source, "socketcall is refused", "refused", true);
	else if (verdict == HF_CALL_UNKNOWN || verdict == HF_CALL_SUPERVISED)
		hf_unknown(run, f->fact.source, "what becomes of socketcall could not be told");
	else if (!restricted)
		hf_not_applicable(run, f->fact.source, "socket() is open for both families",
				  "there is no rule to go around: seccomp.socket-families says so");
	else if (runs->state != HF_PRESENT)
		hf_unknown(run, runs->source,
			   hf_text(run, "socketcall is open; whether 32-bit programs run: %s",
				   runs->why));
	else
		(void)hf_expect(
			run, f->fact.source,
			hf_text(run, "socket() refuses %s, socketcall on i386 is open", restricted),
			"refused, or a security module's rule against the families", false);
	seccomp_end(run, f);
}

/* ---- seccomp.tiocsti ---- */

#define REQUEST(text, number)                                                                      \
	{                                                                                          \
		.name = "ioctl", .label = (text), .argument = 1, .mask = LOW_BITS,                 \
		.value = (number)                                                                  \
	}

static const hf_call_case injections[] = {
	REQUEST("TIOCSTI", 0x5412),
	REQUEST("TIOCLINUX", 0x541c),
	{0},
};

/* Character devices: major 4 is the host's consoles and serial lines, 136 to 143 are
 * pseudo-terminals (Documentation/admin-guide/devices.txt); one on another devpts than the host's
 * is the container's own. */
static const char *host_terminal(hf_check_run *run, const hf_opens *opens, const hf_file *devpts)
{
	enum { TYPE = 0170000, CHARACTER = 0020000, CONSOLES = 4, FIRST_PTS = 136, LAST_PTS = 143 };

	for (size_t i = 0; i < opens->count; i++) {
		const hf_open *open = &opens->all[i];

		if ((open->mode & TYPE) != CHARACTER)
			continue;
		bool is_pts = open->rdev_major >= FIRST_PTS && open->rdev_major <= LAST_PTS;
		bool is_hosts =
			is_pts &&
			(devpts->fact.state != HF_PRESENT ||
			 devpts->dev == ((uint64_t)open->dev_major << 32 | open->dev_minor));

		if (open->rdev_major == CONSOLES || is_hosts)
			return hf_text(run, "%s", open->target);
	}
	return NULL;
}

static void look_for_terminals(hf_check_run *run, const char *open)
{
	const hf_container *container = hf_container_of(run);
	const hf_file *devpts = hf_stat_get(run, "/dev/pts");
	const char *why = NULL;

	for (size_t i = 0; i < container->task_count; i++) {
		const hf_task *task = &container->tasks[i];

		if (task->tid != task->pid)
			continue;
		const hf_opens *opens = hf_process_opens(run, task->pid);
		const char *terminal = host_terminal(run, opens, devpts);

		if (terminal) {
			(void)hf_expect(
				run, hf_text(run, "/proc/%d/fd", task->pid),
				hf_text(run, "%s is open, and so is ioctl(%s)", terminal, open),
				"no terminal of the host in the container", false);
			return;
		}
		if (opens->fact.state != HF_PRESENT)
			why = opens->fact.why;
	}
	if (why)
		hf_unknown(run, "descriptors of the container's processes", why);
	else
		(void)hf_expect(run, "descriptors of the container's processes",
				"no terminal of the host",
				"no terminal of the host in the container", true);
}

static void check_tiocsti(hf_check_run *run)
{
	const hf_filtering *f = seccomp_begin(run);
	seccomp_abis abis;

	if (!f)
		return;
	abis = seccomp_abis_get(run);
	const hf_call_summary *s = hf_filtering_calls(run, f, injections, abis.sure | abis.maybe);
	const char *open =
		seccomp_join(run, s->allowed, seccomp_join(run, s->logged, s->conditional));
	const hf_sysctl *legacy = hf_sysctl_get(run, "dev.tty.legacy_tiocsti");

	if (!open && (s->unknown || s->supervised)) {
		hf_unknown(run, f->fact.source, "what becomes of ioctl(TIOCSTI) could not be told");
	} else if (!open) {
		(void)hf_expect(run, f->fact.source,
				hf_text(run, "ioctl is refused with %s", s->refused), "refused",
				true);
	} else if (legacy->fact.state == HF_PRESENT && strcmp(legacy->text, "0") == 0) {
		(void)hf_expect(run, "dev.tty.legacy_tiocsti", legacy->text,
				"0, or refused by the filter", true);
	} else {
		look_for_terminals(run, open);
	}
	seccomp_end(run, f);
}

static const hf_check checks[] = {
	{
		.id = "seccomp.personality",
		.title = "personality() is limited to harmless values",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:693", "ATTACK:T1562"),
		.risk = "A process turns address randomisation off for what it starts, or maps "
			"page zero.",
		.threat = "Both make bugs in the programs that are started dependable to exploit.",
		.remediation = "Allow personality with 0, 8, 0x20000, 0x20008 and 0xffffffff "
			       "alone, as every default "
			       "profile does.",
		.run = check_personality,
	},
	{
		.id = "seccomp.socket-families",
		.title = "Sockets to the hypervisor, the kernel crypto API and rare protocols are "
			 "refused",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:668", "ATTACK:T1611", "ATTACK:T1068", "NIST-800-190:4.4.2"),
		.reads = HF_READS("/proc/net/protocols", "dir:/proc/net"),
		.risk = "AF_VSOCK reaches services of the host or hypervisor past every network "
			"rule; AF_ALG is code of "
			"the kernel that no container needs.",
		.threat = "Connect to an agent that listens on vsock and trusts whoever comes from "
			  "the machine; or use a "
			  "bug of the crypto interface.",
		.remediation = "Update the engine: Docker's default refuses AF_VSOCK from 23.0 on "
			       "and AF_ALG from 29.4.2 "
			       "on; or restrict socket() by its first argument in a profile.",
		.run = check_socket_families,
	},
	{
		.id = "seccomp.socketcall",
		.title = "The 32-bit socketcall multiplexer does not bypass the socket rules",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:C/I:C/A:C"),
		.level = 2,
		.refs = HF_REFS("CWE:693", "CWE:288"),
		.risk = "A 32-bit program reaches the socket families that socket() refuses: a "
			"filter cannot follow the "
			"pointer to socketcall's arguments.",
		.threat = "Bring a small static i386 program into the container and run it.",
		.remediation = "Turn 32-bit programs off on the node (ia32_emulation=0), or let "
			       "the security module refuse "
			       "the families (AppArmor: deny network alg, deny network vsock).",
		.run = check_socketcall,
	},
	{
		.id = "seccomp.tiocsti",
		.title = "Injecting terminal input is refused",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:P/I:P/A:N"),
		.level = 2,
		.refs = HF_REFS("CWE:250", "ATTACK:T1056", "CVE:2016-9016"),
		.reads = HF_READS("sysctl:dev.tty.legacy_tiocsti", "stat:/dev/pts"),
		.risk = "A process in the container types into a terminal of the host, and the "
			"shell there runs it.",
		.threat = "An administrator starts a program in the container from a terminal that "
			  "it inherits; after it "
			  "has ended, what it typed is run as the administrator.",
		.remediation = "Set dev.tty.legacy_tiocsti = 0 (kernel 6.2 and later), or give "
			       "containers terminals of "
			       "their own (-t).",
		.run = check_tiocsti,
	},
};

HF_CHECK_SET(seccomp_arguments, checks);
