/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits that are in force for a container: the minimum over its group and all above, whatever was
 * declared. */
#include "common.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

static void check_memory_limit(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_limit *limit = hf_container_limit(run, container, HF_LIMIT_MEMORY);
	static const char source[] = "memory limit over all levels of its control groups";
	uint64_t total;

	if (cgroup_lacks_controller(run, &limit->fact) || !hf_need(run, &limit->fact))
		return;
	if (!limit->is_limited) {
		hf_expect(run, source, "none at any level", "a number below the node's memory",
			  false);
		return;
	}
	if (!cgroup_memory_total(run, &total))
		return;
	hf_expect(run, source,
		  hf_text(run, "%s, %s", cgroup_bytes(run, limit->value),
			  cgroup_decider(run, container, limit)),
		  "at most the node's memory", limit->value <= total);
	if (!limit->is_own_limited && limit->value <= total)
		hf_message(run, "the limit is shared with every other group below %s", limit->path);
}

static bool has_swap(const hf_file *swaps)
{
	const char *line = strchr(swaps->data, '\n');

	return line && line[1] != '\0';
}

static void check_swap_limit(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_limit *limit = hf_container_limit(run, container, HF_LIMIT_SWAP);
	const hf_limit *memory = hf_container_limit(run, container, HF_LIMIT_MEMORY);
	const hf_file *swaps = hf_file_get(run, "/proc/swaps");
	static const char wanted[] = "no swap, or a number at one level";
	static const char source[] = "swap limit over all levels of its control groups";

	if (swaps->fact.state == HF_ABSENT) {
		hf_expect(run, swaps->fact.source, "this kernel has no swap", wanted, true);
		return;
	}
	if (swaps->fact.state == HF_PRESENT && !has_swap(swaps)) {
		hf_expect(run, swaps->fact.source, "no swap is in use", wanted, true);
		return;
	}
	if (memory->fact.state == HF_ABSENT) {
		(void)cgroup_lacks_controller(run, &memory->fact);
	} else if (limit->fact.state == HF_ABSENT) {
		if (hf_need(run, &swaps->fact))
			hf_expect(run, source, "this kernel does not account swap", wanted, false);
	} else if (hf_need(run, &limit->fact) &&
		   (limit->is_limited || hf_need(run, &swaps->fact))) {
		hf_expect(run, source,
			  limit->is_limited
				  ? hf_text(run, "%s, %s", cgroup_bytes(run, limit->value),
					    cgroup_decider(run, container, limit))
				  : "none at any level",
			  wanted, limit->is_limited);
	}
}

/* ---- processes ---- */

static void check_pids_limit(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_limit *limit = hf_container_limit(run, container, HF_LIMIT_PIDS);
	static const char source[] = "process limit over all levels of its control groups";
	int64_t pid_max, threads_max;

	if (cgroup_lacks_controller(run, &limit->fact) || !hf_need(run, &limit->fact))
		return;
	if (!limit->is_limited) {
		hf_expect(run, source, "none at any level", "a number below half of kernel.pid_max",
			  false);
		return;
	}
	if (!hf_sysctl_number(run, "kernel.pid_max", &pid_max) ||
	    !hf_sysctl_number(run, "kernel.threads-max", &threads_max))
		return;
	int64_t space = pid_max < threads_max ? pid_max : threads_max;

	hf_expect(run, source,
		  hf_text(run, "%" PRIu64 " tasks, %s", limit->value,
			  cgroup_decider(run, container, limit)),
		  hf_text(run, "less than half of what the node can have, %" PRId64, space),
		  space > 0 && limit->value < (uint64_t)space / 2);
}

/* ---- CPU ---- */

/* CPUs in a list as "0-3,8"; 0 where it is none. */
static unsigned count_cpus(const char *list)
{
	unsigned count = 0;

	for (const char *at = list; *at && *at != '\n';) {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = first;

		if (end == at)
			return 0;
		if (*end == '-') {
			at = end + 1;
			last = strtoul(at, &end, 10);
			if (end == at)
				return 0;
		}
		if (last < first || last - first > 65536)
			return 0;
		count += (unsigned)(last - first + 1);
		at = *end == ',' ? end + 1 : end;
		if (*end && *end != ',' && *end != '\n')
			return 0;
	}
	return count;
}

static const hf_cgroup_value *own_level(const hf_cgroup_values *values)
{
	return values->count > 0 ? &values->levels[0] : NULL;
}

/* True when it has decided. */
static bool judge_quota(hf_check_run *run, const hf_container *container, const hf_limit *limit,
			unsigned cpus)
{
	if (!limit->is_limited || limit->value >= (uint64_t)cpus * 1000)
		return false;
	hf_expect(run, "CPU quota over all levels of its control groups",
		  hf_text(run, "%s of %u, %s", cgroup_amount(run, HF_LIMIT_CPU, limit->value), cpus,
			  cgroup_decider(run, container, limit)),
		  "fewer than all CPUs", true);
	return true;
}

static bool judge_cpuset(hf_check_run *run, const hf_container *container, unsigned cpus)
{
	const hf_cgroup_values *values = hf_cgroup_values_get(
		run, container, "cpuset.cpus.effective", "cpuset", "cpuset.effective_cpus");
	const hf_cgroup_value *own = own_level(values);
	unsigned count = own && own->fact.state == HF_PRESENT ? count_cpus(own->text) : 0;

	if (count == 0 || count >= cpus)
		return false;
	hf_expect(run, "CPUs that its group may use", own->text, "fewer than all CPUs", true);
	return true;
}

/* Weights count only while CPUs are short, but then they protect the others. */
static void judge_weight(hf_check_run *run, const hf_container *container)
{
	const hf_cgroup_values *values =
		hf_cgroup_values_get(run, container, "cpu.weight", "cpu", "cpu.shares");
	const hf_cgroup_value *own = own_level(values);
	uint64_t weight, usual = values->is_v1 ? 1024 : 100;
	static const char wanted[] = "a quota, a set of CPUs, or a weight of its own";

	if (!own) {
		/* in the root group: a peer of every service, with neither */
		if (hf_need(run, &values->fact))
			hf_expect(run, values->fact.source, "it is in the root group", wanted,
				  false);
	} else if (own->fact.state == HF_ABSENT) {
		hf_expect(run, "CPU controller of its group", "no quota, all CPUs, no weight",
			  wanted, false);
	} else if (hf_need(run, &own->fact)) {
		if (!cgroup_number(own->text, &weight))
			hf_unknown(run, own->fact.source, "is no number");
		else
			hf_expect(run, values->is_v1 ? "cpu.shares" : "cpu.weight",
				  hf_text(run, "no quota, all CPUs, weight %s", own->text), wanted,
				  weight != usual);
	}
}

static void check_cpu_limit(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_limit *limit = hf_container_limit(run, container, HF_LIMIT_CPU);
	const hf_file *online = hf_file_get(run, "/sys/devices/system/cpu/online");

	/* kernels without CFS_BANDWIDTH have weights alone */
	const hf_cgroup_values *weights =
		hf_cgroup_values_get(run, container, "cpu.weight", "cpu", "cpu.shares");

	if (limit->fact.state == HF_ABSENT && cgroup_lacks_controller(run, &weights->fact))
		return;
	if (!hf_need(run, &online->fact))
		return;
	unsigned cpus = count_cpus(online->data);

	if (cpus == 0) {
		hf_unknown(run, online->fact.source, "is no list of CPUs");
		return;
	}
	if (judge_quota(run, container, limit, cpus) || judge_cpuset(run, container, cpus))
		return;
	if (limit->fact.state == HF_UNREADABLE)
		hf_unknown(run, limit->fact.source, limit->fact.why);
	else
		judge_weight(run, container);
}

/* ---- block devices ---- */

typedef struct io_file {
	const char *v2;
	const char *v1;
	const char *usual; /* the value without a limit, NULL: an empty file */
} io_file;

static const io_file io_files[] = {
	{"io.max", "blkio.throttle.read_bps_device", NULL},
	{NULL, "blkio.throttle.write_bps_device", NULL},
	{NULL, "blkio.throttle.read_iops_device", NULL},
	{NULL, "blkio.throttle.write_iops_device", NULL},
	{"io.latency", NULL, NULL},
	{"io.weight", "blkio.bfq.weight", "100"},
	{NULL, "blkio.weight",
	 "100"}, /* of schedulers that are gone; not asked where BFQ's is there */
};

/* "default 100", "100"; CFQ's weight was 500. */
static bool is_usual(const char *text, const char *usual)
{
	static const char word[] = "default ";

	if (!usual)
		return *text == '\0';
	if (strncmp(text, word, sizeof word - 1) == 0)
		text += sizeof word - 1;
	return strcmp(text, usual) == 0 || strcmp(text, "500") == 0;
}

static void check_io_limit(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_fact *hole = NULL;
	size_t present = 0;
	bool has_weight = false;
	static const char wanted[] = "a limit, or a weight of its own";

	for (size_t i = 0; i < CGROUP_COUNT(io_files); i++) {
		if (i + 1 == CGROUP_COUNT(io_files) && has_weight)
			continue;
		const hf_cgroup_values *values = hf_cgroup_values_get(
			run, container, io_files[i].v2, "blkio", io_files[i].v1);

		if (values->fact.state == HF_UNREADABLE)
			hole = &values->fact;
		present += values->fact.state == HF_PRESENT;
		has_weight = has_weight || (io_files[i].usual && values->fact.state == HF_PRESENT);
		for (size_t k = 0; k < values->count; k++) {
			const hf_cgroup_value *at = &values->levels[k];

			/* weights of ancestors weigh the ancestors */
			if (at->fact.state != HF_PRESENT || (io_files[i].usual && k > 0) ||
			    is_usual(at->text, io_files[i].usual))
				continue;
			hf_expect(run,
				  hf_text(run, "%s of %s",
					  values->is_v1 ? io_files[i].v1 : io_files[i].v2,
					  k ? at->path : "its own group"),
				  at->text, wanted, true);
			hf_message(run,
				   values->is_v1
					   ? "v1 throttles direct and synchronous input and output "
					     "alone"
					   : "a tmpfs or a volume on the network is not covered");
			return;
		}
	}
	if (hole)
		hf_unknown(run, hole->source, hole->why);
	else if (present == 0)
		hf_not_applicable(
			run, "the controller", "neither io nor blkio has files at its group",
			"without the controller there can be no limit; cgroup.controllers tells of "
			"that");
	else
		hf_expect(run, "limits of block devices over all levels of its control groups",
			  "no limit, usual weight", wanted, false);
}

/* ---- v1 alone ---- */

static void check_memory_hierarchical(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_cgroup_values *values =
		hf_cgroup_values_get(run, container, NULL, "memory", "memory.use_hierarchy");
	const hf_cgroup_values *limits = hf_cgroup_values_get(run, container, "memory.max",
							      "memory", "memory.limit_in_bytes");
	const hf_kernel *kernel = hf_kernel_get(run);
	uint64_t value;

	if (limits->fact.state == HF_PRESENT && !limits->is_v1) {
		hf_not_applicable(run, "memory controller", "on cgroup v2",
				  "limits of v2 are hierarchical");
		return;
	}
	if (kernel->fact.state == HF_PRESENT && hf_kernel_compare(kernel, "5.11") >= 0) {
		hf_not_applicable(run, kernel->fact.source, kernel->release,
				  "since 5.11 every limit covers the groups below");
		return;
	}
	if (cgroup_lacks_controller(run, &limits->fact) || !hf_need(run, &values->fact))
		return;
	for (size_t i = 0; i < values->count; i++) {
		const hf_cgroup_value *at = &values->levels[i];
		const hf_cgroup_value *limit = i < limits->count ? &limits->levels[i] : NULL;

		if (strcmp(at->text, "0") != 0)
			continue;
		if (!limit || limit->fact.state != HF_PRESENT ||
		    !cgroup_number(limit->text, &value)) {
			hf_unknown(run, at->fact.source,
				   "is 0, and whether a limit stands there is not known");
		} else if (value < UINT64_C(1) << 59) {
			hf_expect(run, at->fact.source,
				  hf_text(run, "0, and a limit of %s", cgroup_bytes(run, value)),
				  "1 wherever a limit stands", false);
			return;
		}
	}
	hf_expect(run, "memory.use_hierarchy over all levels of its control groups",
		  "1 wherever a limit stands", "1 wherever a limit stands", true);
}

static void check_oom_kill(hf_check_run *run)
{
	const hf_container *container = hf_container_of(run);
	const hf_cgroup_values *values =
		hf_cgroup_values_get(run, container, NULL, "memory", "memory.oom_control");
	const hf_cgroup_value *own = own_level(values);
	const hf_limit *limit = hf_container_limit(run, container, HF_LIMIT_MEMORY);
	static const char word[] = "oom_kill_disable ";

	if (!values->is_v1 && values->fact.state == HF_ABSENT) {
		hf_not_applicable(run, "memory controller", values->fact.why,
				  "only v1 can switch the killer off for a group");
		return;
	}
	if (!own && !hf_need(run, &values->fact))
		return;
	if (!own) {
		hf_expect(run, values->fact.source,
			  "it is in the root group, whose switch cannot be set",
			  "oom_kill_disable 0", true);
		return;
	}
	if (!hf_need(run, &own->fact))
		return;
	const char *at = strstr(own->text, word);

	if (!at) {
		hf_unknown(run, own->fact.source, "has no line oom_kill_disable");
		return;
	}
	bool is_off = at[sizeof word - 1] == '1';

	hf_expect(run, "memory.oom_control of its own group",
		  is_off ? "oom_kill_disable 1" : "oom_kill_disable 0", "oom_kill_disable 0",
		  !is_off);
	if (is_off && limit->fact.state == HF_PRESENT && !limit->is_limited)
		hf_message(run, "high: without a memory limit it is the node that stalls");
}

/* ---- rows ---- */

static const hf_check checks[] = {
	{
		.id = "cgroup.memory-limit",
		.title = "Every container has an effective memory limit",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.11", "DOCKER-BENCH:check_5_11", "CWE:770",
				"CWE:400", "ATTACK:T1499", "ATTACK:T1499.001",
				"MS-K8S-MATRIX:MS-TA9040", "NIST-800-190:4.4.3",
				"OWASP-Docker:D07"),
		.aliases = HF_ALIASES("container.memory-limit"),
		.reads = HF_READS("/proc/meminfo"),
		.risk = "One container can take all memory of the node: the kernel then kills "
			"processes of "
			"others, the runtime's among them.",
		.threat = "A request that leaks or allocates without bounds, sent to one service, "
			  "stops every "
			  "container of the node.",
		.remediation = "docker update --memory 512m --memory-swap 512m CONTAINER (--memory "
			       "at the next "
			       "docker run; deploy.resources.limits.memory in compose, "
			       "resources.limits.memory in a "
			       "pod), or MemoryMax= on the slice that all containers share.",
		.run = check_memory_limit,
	},
	{
		.id = "cgroup.swap-limit",
		.title = "Every container's swap use is bounded",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:770", "OWASP-Docker:D07"),
		.reads = HF_READS("/proc/swaps"),
		.risk = "A container fills the swap space: the whole node waits for its disk, "
			"though memory "
			"limits are kept.",
		.threat = "A process that touches more memory than its limit keeps on paging and "
			  "slows every "
			  "other container down.",
		.remediation =
			"docker update --memory-swap SIZE CONTAINER (equal to --memory: no swap), "
			"MemorySwapMax= on its slice; on cgroup v1 boot with swapaccount=1.",
		.run = check_swap_limit,
	},
	{
		.id = "cgroup.pids-limit",
		.title = "Every container has an effective process limit",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.29", "DOCKER-BENCH:check_5_29", "CWE:770",
				"CWE:400", "ATTACK:T1499", "ATTACK:T1499.001", "NIST-800-190:4.4.3",
				"OWASP-Docker:D07"),
		.aliases = HF_ALIASES("container.pids-limit"),
		.reads = HF_READS("sysctl:kernel.pid_max", "sysctl:kernel.threads-max"),
		.risk = "One container takes all process numbers: nothing can be started on the "
			"node any more, "
			"no shell and no kill either.",
		.threat = "A fork bomb in a compromised or broken container.",
		.remediation = "docker update --pids-limit 512 CONTAINER (--pids-limit at the next "
			       "docker run; "
			       "podPidsLimit of the kubelet), or TasksMax= on the slice that all "
			       "containers share.",
		.run = check_pids_limit,
	},
	{
		.id = "cgroup.cpu-limit",
		.title = "Every container has a CPU ceiling or weight that protects the others",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.12", "DOCKER-BENCH:check_5_12", "CWE:770",
				"ATTACK:T1496", "MS-K8S-MATRIX:MS-TA9039", "OWASP-Docker:D07"),
		.aliases = HF_ALIASES("container.cpu-limit"),
		.reads = HF_READS("/sys/devices/system/cpu/online"),
		.risk = "One container can keep all CPUs busy; the others answer late or not at "
			"all.",
		.threat = "A miner in a taken-over container, or an input that makes a service "
			  "compute for ever.",
		.remediation = "docker update --cpus 1.5 CONTAINER (a ceiling), --cpuset-cpus, or "
			       "--cpu-shares "
			       "below 1024 (a weight under contention); CPUQuota= or CPUWeight= on "
			       "a slice.",
		.run = check_cpu_limit,
	},
	{
		.id = "cgroup.io-limit",
		.title = "Block I/O of containers is bounded or weighted",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:P"),
		.level = 2,
		.refs = HF_REFS("CWE:770", "OWASP-Docker:D07"),
		.risk = "One container saturates the disk that all containers share.",
		.threat = "Endless writes to a volume or the container's own layer make databases "
			  "beside it time "
			  "out.",
		.remediation = "docker run --device-write-bps /dev/sda:50mb --device-read-bps "
			       "/dev/sda:50mb "
			       "(--blkio-weight where the scheduler is BFQ); IOWriteBandwidthMax= "
			       "or IOWeight= on "
			       "a slice.",
		.run = check_io_limit,
	},
	{
		.id = "cgroup.memory-hierarchical",
		.title = "Memory limits of parents apply to their children (v1)",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CWE:770"),
		.risk = "A limit that is set on a parent group looks like one and holds for nobody "
			"below it.",
		.threat = "A container below a limited slice uses all memory of the node all the "
			  "same.",
		.remediation =
			"Write 1 to memory.use_hierarchy of that group before it has children "
			"(systemd does "
			"so by itself); better, boot with systemd.unified_cgroup_hierarchy=1.",
		.run = check_memory_hierarchical,
	},
	{
		.id = "cgroup.oom-kill",
		.title = "The OOM killer is not disabled for a container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:L/Au:S/C:N/I:N/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:5.11", "CWE:400", "CWE:770", "ATTACK:T1499.001",
				"OWASP-Docker:D07"),
		.aliases = HF_ALIASES("container.oom-protection"),
		.risk = "At its limit the container's tasks hang in the kernel for ever; without a "
			"limit the "
			"node hangs.",
		.threat = "A service is driven to its memory limit and can neither be killed nor "
			  "restarted.",
		.remediation = "Start it again without --oom-kill-disable; at once: echo 0 > "
			       "memory.oom_control of "
			       "its group.",
		.run = check_oom_kill,
	},
};

HF_CHECK_SET(cgroup_limits, checks);
