/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the validity of X.509 certificates. No library that is linked has a parser for them (libgcrypt has none, GnuTLS
 * would bring nine more libraries), and the two times lie at a fixed place: RFC 5280, 4.1. */
#include "facts/certificate.h"

#include "facts/parts.h"

#include <stdio.h>

enum { CERTIFICATES_MAX = 64, DER_MAX = 64 * 1024 };

/* ---- DER ---- */

enum { TAG_INTEGER = 0x02, TAG_SEQUENCE = 0x30, TAG_VERSION = 0xa0, TAG_UTC_TIME = 0x17, TAG_TIME = 0x18 };

typedef struct der {
	const unsigned char *at;
	const unsigned char *end;
} der;

/* The next element: its tag, and what is in it. X.690, 8.1.3 and 10.1: lengths are definite. */
static bool next(der *in, unsigned *ret_tag, der *ret_content)
{
	size_t length;

	if (in->end - in->at < 2)
		return false;
	*ret_tag = *in->at++;
	length = *in->at++;
	if (length & 0x80) {
		size_t bytes = length & 0x7f;

		if (bytes == 0 || bytes > 3 || (size_t)(in->end - in->at) < bytes)
			return false;
		for (length = 0; bytes > 0; bytes--)
			length = length << 8 | *in->at++;
	}
	if ((size_t)(in->end - in->at) < length)
		return false;
	*ret_content = (der){.at = in->at, .end = in->at + length};
	in->at += length;
	return true;
}

static bool enter(der *in, unsigned tag, der *ret_content)
{
	unsigned found;

	return next(in, &found, ret_content) && found == tag;
}

static bool number(const unsigned char *digits, int count, int *ret_value)
{
	*ret_value = 0;
	for (int i = 0; i < count; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		*ret_value = *ret_value * 10 + digits[i] - '0';
	}
	return true;
}

/* "YYMMDDHHMMSSZ" or "YYYYMMDDHHMMSSZ": RFC 5280, 4.1.2.5. */
static bool read_time(der *in, int64_t *ret_seconds)
{
	unsigned tag;
	der text;
	int year, month, day, hour, minute, second;

	if (!next(in, &tag, &text) || (tag != TAG_UTC_TIME && tag != TAG_TIME))
		return false;
	int digits = tag == TAG_TIME ? 4 : 2;

	if (text.end - text.at != digits + 11 || text.end[-1] != 'Z' ||
	    !number(text.at, digits, &year) || !number(text.at + digits, 2, &month) ||
	    !number(text.at + digits + 2, 2, &day) || !number(text.at + digits + 4, 2, &hour) ||
	    !number(text.at + digits + 6, 2, &minute) || !number(text.at + digits + 8, 2, &second))
		return false;
	if (digits == 2)
		year += year >= 50 ? 1900 : 2000;
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	*ret_seconds = hf_day_number(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}

/* Certificate: tbsCertificate: [version,] serialNumber, signature, issuer, validity. */
static bool read_certificate(der in, hf_certificate *certificate)
{
	der outer, tbs, skipped, validity;
	unsigned tag;

	if (!enter(&in, TAG_SEQUENCE, &outer) || in.at != in.end || !enter(&outer, TAG_SEQUENCE, &tbs) ||
	    !next(&tbs, &tag, &skipped))
		return false;
	if (tag == TAG_VERSION && !next(&tbs, &tag, &skipped))
		return false;
	return tag == TAG_INTEGER && enter(&tbs, TAG_SEQUENCE, &skipped) &&
	       enter(&tbs, TAG_SEQUENCE, &skipped) && enter(&tbs, TAG_SEQUENCE, &validity) &&
	       read_time(&validity, &certificate->not_before) &&
	       read_time(&validity, &certificate->not_after) && validity.at == validity.end;
}

/* ---- PEM: RFC 7468 ---- */

static int digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* The bytes; 0: it is no base64, or too long. */
static size_t decode(const char *text, size_t size, unsigned char *bytes)
{
	uint32_t bits = 0;
	unsigned count = 0;
	size_t length = 0;

	for (size_t i = 0; i < size; i++) {
		int digit = digit_of(text[i]);

		if (text[i] == '=')
			break;
		if (strchr(" \t\r\n", text[i]) && text[i])
			continue;
		if (digit < 0 || length == DER_MAX)
			return 0;
		bits = bits << 6 | (uint32_t)digit;
		count += 6;
		if (count >= 8) {
			count -= 8;
			bytes[length++] = (unsigned char)(bits >> count & 0xff);
		}
	}
	return length;
}

int hf_certificates_parse(hf_arena *arena, const char *text, size_t size,
			  const hf_certificate **ret_all, size_t *ret_count, hf_error *err)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
	hf_certificate *all = hf_arena_calloc(arena, CERTIFICATES_MAX, sizeof *all);
	hf_cleanup(hf_freep) unsigned char *bytes = malloc(DER_MAX);
	const char *at = text, *stop = text + size;
	size_t count = 0;

	if (!all || !bytes)
		return hf_error_set(err, -ENOMEM, "out of memory");
	while ((at = memmem(at, (size_t)(stop - at), begin, strlen(begin)))) {
		at += strlen(begin);
		const char *last = memmem(at, (size_t)(stop - at), end, strlen(end));
		size_t length = last ? decode(at, (size_t)(last - at), bytes) : 0;

		if (count == CERTIFICATES_MAX)
			return hf_error_set(err, -EBADMSG, "has more than %d certificates",
					    CERTIFICATES_MAX);
		if (length == 0 ||
		    !read_certificate((der){.at = bytes, .end = bytes + length}, &all[count++]))
			return hf_error_set(err, -EBADMSG, "has a certificate that is malformed");
		at = last;
	}
	if (count == 0)
		return hf_error_set(err, -EBADMSG, "has no certificate");
	*ret_all = all;
	*ret_count = count;
	return 0;
}

/* ---- the fact ---- */

static const void *compute(hf_facts *facts, const char *path)
{
	hf_arena *arena = hf_facts_arena(facts);
	hf_certificates *certificates = hf_checked(hf_arena_alloc(arena, sizeof *certificates));
	const hf_file *file = hf_facts_file(facts, path);
	hf_error err = {0};

	certificates->fact = file->fact;
	if (file->fact.state != HF_PRESENT)
		return certificates;
	int r = hf_certificates_parse(arena, file->data, file->size, &certificates->all,
				      &certificates->count, &err);

	if (r == -ENOMEM)
		hf_facts_out_of_memory();
	if (r < 0) {
		certificates->fact.state = HF_UNREADABLE;
		certificates->fact.why = hf_checked(hf_arena_strdup(arena, err.text));
	}
	return certificates;
}

static const hf_fact_type type = {.name = "certificates", .compute = compute};

const hf_certificates *hf_facts_certificates(hf_facts *facts, const char *path)
{
	return hf_facts_once(facts, &type, path);
}

const hf_certificates *hf_certificates_get(hf_check_run *run, const char *path)
{
	return hf_facts_certificates(hf_facts_of(run), path);
}
