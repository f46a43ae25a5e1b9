/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels and modes of AppArmor. */
#include "label.h"

#include <fnmatch.h>
#include <string.h>
#ifdef HAVE_APPARMOR
#include <sys/apparmor.h>
#endif

const char apparmor_profiles[] = "/sys/kernel/security/apparmor/profiles";

bool apparmor_mode_holds(const char *mode)
{
	return mode && (strcmp(mode, "enforce") == 0 || strcmp(mode, "kill") == 0);
}

/* aa_splitcon() cuts in place. */
static char *split(char *text, char **ret_mode)
{
#ifdef HAVE_APPARMOR
	return aa_splitcon(text, ret_mode);
#else
	(void)text;
	(void)ret_mode;
	return NULL;
#endif
}

bool apparmor_parse(hf_check_run *run, const char *text, apparmor_label *ret_label)
{
	char copy[4096], *mode = NULL;

	if (!text || !*text || strlen(text) >= sizeof copy)
		return false;
	(void)strcpy(copy, text);
	const char *profile = split(copy, &mode);

	if (!profile || !*profile)
		return false;
	*ret_label = (apparmor_label){
		.profile = hf_text(run, "%s", profile),
		.mode = mode ? hf_text(run, "%s", mode) : NULL,
		.is_enforced = apparmor_mode_holds(mode),
	};
	return true;
}

bool apparmor_is_active(hf_check_run *run)
{
	const hf_lsm *lsm = hf_lsm_get(run);

	if (!hf_need(run, &lsm->fact))
		return false;
#ifndef HAVE_APPARMOR
	hf_review(run, lsm->fact.source, "holdfast was built without libapparmor",
		  "every container is confined by an enforcing profile (aa-status)");
	return false;
#endif
	if (hf_lsm_has(lsm, "apparmor"))
		return true;
	hf_not_applicable(run, lsm->fact.source, lsm->list, "AppArmor does not run on this node");
	return false;
}

const char *apparmor_loaded_mode(hf_check_run *run, const hf_file *list, const char *glob)
{
	const char *line = list->data, *end = list->data + list->size, *weakest = NULL;

	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((newline ? newline : end) - line);
		apparmor_label label;

		if (apparmor_parse(run, hf_text(run, "%.*s", (int)length, line), &label) &&
		    fnmatch(glob, label.profile, 0) == 0) {
			const char *mode = label.mode ? label.mode : "unconfined";

			/* of several, the one that holds least counts */
			if (!weakest || apparmor_mode_holds(weakest))
				weakest = mode;
		}
		line += length + 1;
	}
	return weakest;
}
