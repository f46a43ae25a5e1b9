/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks that go wrong in every way a check can, beside one that is fine. */
#include <holdfast/holdfast.h>

#include <stdlib.h>
#include <unistd.h>

static void check_segv(hf_check_run *run)
{
	volatile int *volatile nowhere = NULL;

	(void)run;
	*nowhere = 1;
}

static void check_abort(hf_check_run *run)
{
	(void)run;
	abort();
}

static void check_silent(hf_check_run *run)
{
	hf_note(run, "nothing", "a note is no verdict");
}

static void check_loop(hf_check_run *run)
{
	(void)run;
	for (volatile unsigned i = 0;; i++)
		;
}

static void check_exec(hf_check_run *run)
{
	char *const argv[] = {(char[]){"touch"}, (char[]){"/run/holdfast-was-here"}, NULL};

	(void)run;
	(void)execv("/usr/bin/touch", argv);
}

static void check_fine(hf_check_run *run)
{
	hf_expect(run, "here", "fine", "fine", true);
}

#define ROW(name, function)                                                                        \
	{                                                                                          \
		.id = "crashing." name, .title = "Crashing: " name, .subject = HF_SUBJECT_HOST,    \
		.stride = HF_STRIDE_D, .severity = HF_CCSS("AV:L/AC:L/Au:N/C:N/I:N/A:P"),          \
		.level = 1, .risk = "-", .threat = "-", .remediation = "-", .run = function,       \
	}

static const hf_check checks[] = {
	ROW("segv", check_segv), ROW("abort", check_abort), ROW("silent", check_silent),
	ROW("loop", check_loop), ROW("exec", check_exec),   ROW("fine", check_fine),
};

HF_PLUGIN("crashing", "Crashing", checks);
