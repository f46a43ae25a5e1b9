/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is used of libgcrypt, under its own names: see base/late.h. */
#include "base/late.h"

#include <gcrypt.h>

const char *gcry_check_version(const char *req_version)
{
	static const char *(*real)(const char *);

	if (!real)
		real = (__typeof__(real))hf_late_symbol("gcry_check_version");
	return real(req_version);
}

/* Of the commands that we use none has an argument that counts. */
gcry_error_t gcry_control(enum gcry_ctl_cmds cmd, ...)
{
	static gcry_error_t (*real)(enum gcry_ctl_cmds, ...);

	if (!real)
		real = (__typeof__(real))hf_late_symbol("gcry_control");
	return real(cmd, 0);
}

gcry_error_t gcry_mac_open(gcry_mac_hd_t *handle, int algo, unsigned int flags, gcry_ctx_t ctx)
{
	static gcry_error_t (*real)(gcry_mac_hd_t *, int, unsigned int, gcry_ctx_t);

	if (!real)
		real = (__typeof__(real))hf_late_symbol("gcry_mac_open");
	return real(handle, algo, flags, ctx);
}

gcry_error_t gcry_mac_setkey(gcry_mac_hd_t hd, const void *key, size_t keylen)
{
	static gcry_error_t (*real)(gcry_mac_hd_t, const void *, size_t);

	if (!real)
		real = (__typeof__(real))hf_late_symbol("gcry_mac_setkey");
	return real(hd, key, keylen);
}

gcry_error_t gcry_mac_write(gcry_mac_hd_t hd, const void *buffer, size_t length)
{
	static gcry_error_t (*real)(gcry_mac_hd_t, const void *, size_t);

	if (!real)
		real = (__typeof__(real))hf_late_symbol("gcry_mac_write");
	return real(hd, buffer, length);
}

gcry_error_t gcry_mac_read(gcry_mac_hd_t hd, void *buffer, size_t *buflen)
{
	static gcry_error_t (*real)(gcry_mac_hd_t, void *, size_t *);

	if (!real)
		real = (__typeof__(real))hf_late_symbol("gcry_mac_read");
	return real(hd, buffer, buflen);
}

void gcry_mac_close(gcry_mac_hd_t h)
{
	static void (*real)(gcry_mac_hd_t);

	if (!real)
		real = (__typeof__(real))hf_late_symbol("gcry_mac_close");
	real(h);
}
