/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A third-party plugin, built against an installed holdfast:
 *
 *   cc -shared -fPIC -o example.so example.c $(pkg-config --cflags --libs holdfast) */
#include <holdfast/holdfast.h>

#include <string.h>

static void check_hostname(hf_check_run *run)
{
	const hf_file *file = hf_file_get(run, "/proc/sys/kernel/hostname");

	if (!hf_need(run, &file->fact))
		return;
	hf_expect(run, file->fact.source, file->data, "not localhost",
		  strncmp(file->data, "localhost\n", 10) != 0);
}

static const hf_check checks[] = {
	{
		.id = "example.hostname",
		.title = "The node has a name of its own",
		.subject = HF_SUBJECT_HOST,
		.stride = HF_STRIDE_R,
		.severity = HF_CCSS("AV:L/AC:H/Au:N/C:N/I:P/A:N"),
		.level = 1,
		.refs = HF_REFS("CWE:778"),
		.reads = HF_READS("/proc/sys/kernel/hostname"),
		.risk = "Log lines of several nodes cannot be told apart.",
		.threat = "Whoever acts on one node hides among the records of the others.",
		.remediation = "hostnamectl set-hostname NAME",
		.run = check_hostname,
	},
};

HF_PLUGIN("example", "Example", checks);
