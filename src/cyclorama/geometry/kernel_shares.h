/* Work that several threads share: each calls the function with the same job and takes rows until none is left. */

#pragma once

#include <stdint.h>

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() __asm__ volatile("yield")
#endif

enum { PATIENCE = 2000 }; /* pauses, in all some ten microseconds: less than it takes to wake a thread */

/* `int NAME(JOB *, int wait)`: whether all rows are made; the caller who waits sees the last ones of the others end.
   WORK(job, image, row, end_row) makes the rows of one of `images` pictures. */
#define BY_SHARES(NAME, JOB, IMAGES, WORK)                                                                            \
    int NAME(JOB *job, int wait) {                                                                                    \
        const int64_t shares_each = (job->height + job->rows_at_once - 1) / job->rows_at_once;                        \
        const int64_t shares = shares_each * (IMAGES);                                                                \
        for (int64_t share; (share = __atomic_fetch_add(&job->next, 1, __ATOMIC_RELAXED)) < shares;) {                \
            const int64_t row = share % shares_each * job->rows_at_once, end = row + job->rows_at_once;               \
            WORK(job, share / shares_each, row, end < job->height ? end : job->height);                               \
            __atomic_fetch_add(&job->finished, 1, __ATOMIC_RELEASE);                                                  \
        }                                                                                                             \
        for (int i = 0; wait && i < PATIENCE && __atomic_load_n(&job->finished, __ATOMIC_ACQUIRE) < shares; i++)      \
            PAUSE();                                                                                                  \
        return __atomic_load_n(&job->finished, __ATOMIC_ACQUIRE) >= shares;                                           \
    }
