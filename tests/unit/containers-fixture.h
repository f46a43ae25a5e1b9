/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record of processes and their namespaces made by hand, as collector `process` sends it. */
#ifndef HF_TEST_CONTAINERS_FIXTURE_H
#define HF_TEST_CONTAINERS_FIXTURE_H

#include "facts-fixture.h"

#include "facts/containers.h"

#define ID  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

typedef struct actor {
	int pid;
	int parent;
	const char *exe;
	const char *cgroup;
	unsigned space; /* its own namespaces: 1, 2 …; 0: the host's */
	unsigned mnt;	/* where they differ from .space: number + 1 */
	unsigned pid_ns;
	unsigned user;
	unsigned root; /* inode of its root; 0: 2, the host's */
	unsigned start;
	const char *ns_pids; /* NULL: the pid alone */
	char state;
} actor;

static inline void ask_text(fixture *f, const char *kind, int pid, const char *name,
			    const char *text)
{
	char question[96];

	(void)snprintf(question, sizeof question, "%s:/proc/%d/%s", kind, pid, name);
	answer(f, question, text);
}

static inline void put_root(fixture *f, const char *question, unsigned inode)
{
	fixture_put(f, question,
		    (hf_answer){.meta = {.mode = S_IFDIR | 0755, .dev_major = 8, .ino = inode}});
}

static inline void status_text(char *text, size_t size, const actor *a, const char *state,
			       int threads)
{
	(void)snprintf(
		text, size,
		"Name:\tapp\nUmask:\t0022\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n"
		"TracerPid:\t0\nUid:\t0\t1\t2\t3\nGid:\t4\t5\t6\t7\nFDSize:\t64\nGroups:\t10 20 \n"
		"NStgid:\t%d\nNSpid:\t%s\nThreads:\t%d\nCapInh:\t0000000000000001\n"
		"CapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\nCapBnd:\t000001ffffffffff\n"
		"CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n"
		"Speculation_Store_Bypass:\tthread vulnerable\n",
		state, a->pid, a->pid, a->parent, a->pid, a->ns_pids ? a->ns_pids : "812", threads);
}

static inline void put_ns(fixture *f, const actor *a, const char *question)
{
	char text[512];
	unsigned mnt = a->mnt ? a->mnt - 1 : a->space,
		 pid_ns = a->pid_ns ? a->pid_ns - 1 : a->space;
	unsigned user = a->user ? a->user - 1 : 0;

	(void)snprintf(text, sizeof text,
		       "cgroup:[100]\nipc:[2%u0]\nmnt:[3%u0]\nnet:[4%u0]\npid:[5%u0]\npid_for_"
		       "children:[5%u0]\n"
		       "time:[600]\nuser:[7%u0]\nuts:[8%u0]\n",
		       a->space, mnt, a->space, pid_ns, pid_ns, user, a->space);
	answer(f, question, text);
}

/* All that is asked about a process of a container. */
static inline void put_actor(fixture *f, actor a)
{
	char text[1024], question[96];
	unsigned mnt = a.mnt ? a.mnt - 1 : a.space;

	a.state = a.state ? a.state : 'S';
	(void)snprintf(text, sizeof text,
		       "%d (app) %c %d 1 1 0 -1 4194560 0 0 0 0 3 8 1 0 20 0 9 0 %u 0 0\n", a.pid,
		       a.state, a.parent, a.start ? a.start : 100 + (unsigned)a.pid);
	ask_text(f, "file", a.pid, "stat", text);
	ask_text(f, "link", a.pid, "exe", a.exe ? a.exe : "/bin/app");
	ask_text(f, "file", a.pid, "cgroup", a.cgroup);
	(void)snprintf(text, sizeof text, "mnt:[3%u0]", mnt);
	ask_text(f, "link", a.pid, "ns/mnt", text);
	status_text(text, sizeof text, &a, a.state == 'Z' ? "Z (zombie)" : "S (sleeping)", 1);
	ask_text(f, "file", a.pid, "status", text);
	(void)snprintf(question, sizeof question, "call:/proc/%d/ns", a.pid);
	put_ns(f, &a, question);
	(void)snprintf(question, sizeof question, "stat:/proc/%d/root", a.pid);
	put_root(f, question, a.root ? a.root : 2);
	ask_text(f, "file", a.pid, "attr/current", "docker-default (enforce)\n");
}

/* A host of systemd with nothing else; @pids as they are listed. */
static inline fixture *host_new(const char *pids)
{
	static const char *const links[] = {"cgroup:[100]", "ipc:[200]", "mnt:[300]",
					    "net:[400]",    "pid:[500]", "time:[600]",
					    "user:[700]",   "uts:[800]"};
	fixture *f = fixture_new();
	char names[512], question[64];

	(void)snprintf(names, sizeof names, "1 2 %s filesystems self", pids);
	answer_dir(f, "/proc", names);
	put_actor(
		f,
		(actor){.pid = 1, .exe = "/usr/lib/systemd/systemd", .cgroup = "0::/init.scope\n"});
	answer(f, "file:/proc/2/stat",
	       "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0\n");
	answer_error(f, "link:/proc/2/exe", ENOENT, NULL);
	for (unsigned i = 0; i < HF_NS_COUNT; i++) {
		(void)snprintf(question, sizeof question, "link:/proc/2/ns/%s",
			       hf_ns_name((hf_ns_type)i));
		answer(f, question, links[i]);
		(void)snprintf(question, sizeof question, "link:/proc/self/ns/%s",
			       hf_ns_name((hf_ns_type)i));
		answer(f, question, links[i]);
	}
	put_root(f, "stat:/proc/self/root", 2);
	answer(f, "file:/sys/kernel/security/lsm", "lockdown,capability,apparmor");
	answer(f, "file:/etc/passwd",
	       "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n");
	return f;
}

#endif
