/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes that the other public headers share. */
#ifndef HOLDFAST_API_H
#define HOLDFAST_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define HF_BEGIN_DECLS extern "C" {
#define HF_END_DECLS }
#else
#define HF_BEGIN_DECLS
#define HF_END_DECLS
#endif

#if defined(__GNUC__) || defined(__clang__)
#define HF_PUBLIC __attribute__((visibility("default")))
#define HF_MUST_CHECK __attribute__((warn_unused_result))
#define HF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define HF_PUBLIC
#define HF_MUST_CHECK
#define HF_PRINTF(fmt, args)
#endif

HF_BEGIN_DECLS

/* The check in progress: one check on one subject. Opaque; every getter and every verdict takes it,
 * so that a result knows which answers it rests on. Valid only while the check's function runs. */
typedef struct hf_check_run hf_check_run;

HF_END_DECLS

#endif
