/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Outputs: a report is there whole or not at all. */
#include "cli/cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/* Asked here, in the parent: the judge has no ioctl, to it nothing is a terminal. */
static unsigned terminal_columns(int fd)
{
	struct winsize size;

	if (!isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int hf_output_open(hf_output *output, bool is_private)
{
	struct stat st;
	mode_t mode = is_private ? 0600 : 0644;

	if (!output->path) {
		output->fd = STDOUT_FILENO;
		output->columns = terminal_columns(output->fd);
		return 0;
	}
	/* a device or a FIFO is written in place, it cannot be renamed over */
	if (stat(output->path, &st) == 0 && !S_ISREG(st.st_mode)) {
		output->fd = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		return output->fd < 0 ? -errno : 0;
	}
	if (asprintf(&output->temp, "%s.XXXXXX", output->path) < 0) {
		output->temp = NULL;
		return -ENOMEM;
	}
	output->fd = mkostemp(output->temp, O_CLOEXEC);
	if (output->fd < 0 || fchmod(output->fd, mode) < 0) {
		int r = -errno;

		free(output->temp);
		output->temp = NULL;
		return r;
	}
	return 0;
}

int hf_output_close(hf_output *output, bool is_complete)
{
	int r = 0;

	if (output->fd > STDERR_FILENO) {
		if (is_complete && output->temp && fsync(output->fd) < 0)
			r = -errno;
		(void)close(output->fd);
	}
	if (output->temp) {
		if (is_complete && r == 0 && rename(output->temp, output->path) < 0)
			r = -errno;
		if (!is_complete || r < 0)
			(void)unlink(output->temp);
		free(output->temp);
		output->temp = NULL;
	}
	return r;
}

bool hf_write_output(hf_job *job, size_t index, int (*write)(FILE *out, void *data), void *data)
{
	const hf_output *output = &job->outputs[index];
	const char *name = output->path ? output->path : "standard output";
	FILE *out = fdopen(output->fd, "w");

	if (!out) {
		hf_complain("%s: %s", name, strerror(errno));
		return false;
	}
	errno = 0;
	int r = write(out, data);

	if (r == 0 && (fflush(out) != 0 || ferror(out)))
		r = errno ? -errno : -EIO;
	if (r < 0) {
		hf_complain("%s could not be written: %s", name, strerror(-r));
		return false;
	}
	job->shared->written[index] = 1;
	return true;
}

char *hf_read_input(int fd, size_t max, size_t *ret_size, hf_error *err)
{
	hf_buffer all = {0};
	char block[8192];

	/* a judge that starts again after a check that hung shares the position of the one before */
	(void)lseek(fd, 0, SEEK_SET);
	hf_buffer_add(&all, "", 0);
	for (;;) {
		ssize_t n = read(fd, block, sizeof block);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			(void)hf_error_set(err, -errno, "%s", strerror(errno));
			hf_buffer_free(&all);
			return NULL;
		}
		if (n == 0)
			break;
		hf_buffer_add(&all, block, (size_t)n);
		if (all.failed || all.size > max) {
			(void)hf_error_set(err, -EFBIG, "is larger than %zu bytes", max);
			hf_buffer_free(&all);
			return NULL;
		}
	}
	*ret_size = all.size;
	return all.data;
}
