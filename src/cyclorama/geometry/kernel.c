/* Look-ups applied to pictures: what the tables of kernel_tables.c list, read and weighed.

   Plain C with the vector types of Clang and GCC, compiled once for every level of the processor that is worth it. All
   arithmetic of a pixel is the same wherever it lies in a row and whichever thread makes it. */

#include "kernel_shares.h"
#include "kernel_vectors.h"

enum { NEAREST, BILINEAR, BICUBIC };
enum { BLOCK = 16 }; /* output pixels that a kernel makes at once */

typedef struct {
    const int32_t *offset;
    const float *x, *y;         /* fractions, for floats */
    const int16_t *x15, *y15;   /* the same times 2^15, for bytes */
    const int64_t *row_begin;   /* [height + 1]: irregular pixels above each row */
    const int32_t *irregular;
    const int64_t *taps_begin;
    const int32_t *tap;
    const float *weight;
    int64_t mode, any_regular;
    int64_t height, width, pitch; /* pitch: pixels from one source row to the next */
    const uint8_t *source;
    uint8_t *out;
    int64_t images, planes, channels, item_bytes, is_float;
    int64_t source_image, source_plane, out_image, out_plane; /* bytes */
    int64_t rows_at_once, next, finished;
} LookUp;

typedef struct {
    const int32_t *offset;
    const float *x, *y;
    const int16_t *x15, *y15;
} Taps;

/* ---- any number of taps and channels: irregular pixels, and pictures that have no kernel of their own ------------ */

#define MIX(NAME, T, STORE)                                                                                           \
    static void NAME(const T *source, int64_t channels, const int32_t *tap, const float *weight, int64_t n, T *out) { \
        for (int64_t c = 0; c < channels; c += 4) {                                                                   \
            f32x4 sum = {0};                                                                                          \
            const int some = channels - c < 4 ? (int)(channels - c) : 4;                                              \
            for (int64_t k = 0; k < n; k++) {                                                                         \
                const T *p = source + (int64_t)tap[k] * channels + c;                                                 \
                if (some == 4)                                                                                        \
                    sum += (f32x4){p[0], p[1], p[2], p[3]} * weight[k];                                               \
                else                                                                                                  \
                    for (int i = 0; i < some; i++) sum[i] += p[i] * weight[k];                                        \
            }                                                                                                         \
            STORE(out + c, sum, some);                                                                                \
        }                                                                                                             \
    }
MIX(mix_float, float, store_float)
MIX(mix_uint8_t, uint8_t, store_uint8_t)

/* ---- stores of pixels of three or four channels ---------------------------------------------------------------------- */

/* Sixteen pixels of four values each, the fourth of no use if there are three channels. */
INLINE void store_sixteen_uint8_t(uint8_t *out, const u8x16 *four, const int channels) {
    if (channels == 4) {
        memcpy(out, four, 64);
        return;
    }
    u8x16 thirds[3];
    thirds[0] = SHUFFLE(four[0], four[1], 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20);
    thirds[1] = SHUFFLE(four[1], four[2], 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25);
    thirds[2] = SHUFFLE(four[2], four[3], 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25, 26, 28, 29, 30);
    memcpy(out, thirds, 48);
}

INLINE void store_four_float(float *out, const f32x4 *four, const int channels) {
    if (channels == 4) {
        memcpy(out, four, 64);
        return;
    }
    f32x4 thirds[3];
    thirds[0] = SHUFFLE(four[0], four[1], 0, 1, 2, 4);
    thirds[1] = SHUFFLE(four[1], four[2], 1, 2, 4, 5);
    thirds[2] = SHUFFLE(four[2], four[3], 2, 4, 5, 6);
    memcpy(out, thirds, 48);
}

/* ---- bilinear, bytes: fixed point, 2^6 a level, fractions of 15 bits; the error is below 1/25 of a level ------------ */

enum { HALF_LEVEL = (1 << 5) + 1 }; /* and 1 for what the two multiplications round down */

/* a + b t, for t in units of 2^-15, where a and b are pixels: what processors call the high half of a product. */
#define MOVED(NAME, I16, I32)                                                                                         \
    INLINE I16 NAME(I16 a, I16 b, I16 t) { return a + AS(AS((b - a) << 1, I32) * AS(t, I32) >> 16, I16); }
MOVED(moved8, i16x8, i32x8)
MOVED(moved16, i16x16, i32x16)

/* The eight values at `a` and the eight at `b`. */
INLINE i16x16 eight_and_eight(const uint8_t *a, const uint8_t *b) {
    int64_t at_a, at_b;
    memcpy(&at_a, a, 8);
    memcpy(&at_b, b, 8);
    i64x4 all_a = {at_a, at_a, at_a, at_a}, all_b = {at_b, at_b, at_b, at_b};
    KEEP(all_b);
    u8x32 both = (u8x32)SHUFFLE(all_a, all_b, 0, 1, 6, 7);
    return (i16x16)SHUFFLE(both, (u8x32){0}, 0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 16, 48, 17, 49, 18, 50,
                           19, 51, 20, 52, 21, 53, 22, 54, 23, 55);
}

INLINE i16x16 eight_times(const int16_t *two) {
    int32_t pair;
    memcpy(&pair, two, 4);
    i32x8 pairs = {pair, pair, pair, pair, pair, pair, pair, pair};
    KEEP(pairs);
    i16x16 v = (i16x16)pairs;
    return SHUFFLE(v, v, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9);
}

INLINE i16x16 two_pixels(const uint8_t *top, const uint8_t *low, int64_t a, int64_t b, const int16_t *x, const int16_t *y,
                         const int channels) {
    i16x16 t = eight_and_eight(top + a, top + b), l = eight_and_eight(low + a, low + b), right;
    i16x16 left = moved16(t << 6, l << 6, eight_times(y));
    if (channels == 3)
        right = SHUFFLE(left, left, 3, 4, 5, 6, 7, 7, 7, 7, 11, 12, 13, 14, 15, 15, 15, 15);
    else
        right = SHUFFLE(left, left, 4, 5, 6, 7, 7, 7, 7, 7, 12, 13, 14, 15, 15, 15, 15, 15);
    return moved16(left, right, eight_times(x));
}

/* Four pixels of four values each, the fourth of no use if there are three channels. */
INLINE u8x16 four_pixels(const uint8_t *top, const uint8_t *low, const int32_t *offset, const int16_t *x, const int16_t *y,
                         const int channels) {
    const int64_t a = (int64_t)offset[0] * channels, b = (int64_t)offset[1] * channels;
    const int64_t c = (int64_t)offset[2] * channels, d = (int64_t)offset[3] * channels;
    i16x16 ab = two_pixels(top, low, a, b, x, y, channels), cd = two_pixels(top, low, c, d, x + 2, y + 2, channels);
    i16x16 acbd = SHUFFLE(ab, cd, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
    u8x16 bytes = AS((acbd + HALF_LEVEL) >> 6, u8x16);
    return SHUFFLE(bytes, bytes, 0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15);
}

/* Eight pixels of one channel. */
INLINE i16x8 eight_pixels(const uint8_t *source, int64_t row, const int32_t *offset, const int16_t *x,
                          const int16_t *y) {
    uint16_t top[8], low[8]; /* a pixel and the one to its right */
    for (int i = 0; i < 8; i++) {
        memcpy(top + i, source + offset[i], 2);
        memcpy(low + i, source + offset[i] + row, 2);
    }
    u8x16 t, l;
    memcpy(&t, top, 16);
    memcpy(&l, low, 16);
    i16x8 down = load_i16x8(y), left, right;
    left = moved8(AS(SHUFFLE(t, t, 0, 2, 4, 6, 8, 10, 12, 14), i16x8) << 6,
                  AS(SHUFFLE(l, l, 0, 2, 4, 6, 8, 10, 12, 14), i16x8) << 6, down);
    right = moved8(AS(SHUFFLE(t, t, 1, 3, 5, 7, 9, 11, 13, 15), i16x8) << 6,
                   AS(SHUFFLE(l, l, 1, 3, 5, 7, 9, 11, 13, 15), i16x8) << 6, down);
    return moved8(left, right, load_i16x8(x));
}

INLINE void bilinear_uint8_t(const uint8_t *source, int64_t row, const Taps *t, uint8_t *out, const int channels) {
    if (channels == 1) {
        for (int i = 0; i < BLOCK; i += 8) {
            u8x8 bytes = AS((eight_pixels(source, row, t->offset + i, t->x15 + i, t->y15 + i) + HALF_LEVEL) >> 6, u8x8);
            memcpy(out + i, &bytes, 8);
        }
        return;
    }
    u8x16 four[4];
    for (int i = 0; i < 4; i++)
        four[i] = four_pixels(source, source + row, t->offset + 4 * i, t->x15 + 4 * i, t->y15 + 4 * i, channels);
    store_sixteen_uint8_t(out, four, channels);
}

/* ---- bilinear, floats -------------------------------------------------------------------------------------------- */

INLINE void weights_of_four(const float *x, const float *y, float *w) {
    for (int i = 0; i < BLOCK; i++) {
        w[4 * i] = (1 - x[i]) * (1 - y[i]);
        w[4 * i + 1] = x[i] * (1 - y[i]);
        w[4 * i + 2] = (1 - x[i]) * y[i];
        w[4 * i + 3] = x[i] * y[i];
    }
}

INLINE f32x4 sums_of_four(f32x4 a, f32x4 b, f32x4 c, f32x4 d) {
    f32x4 ab = SHUFFLE(a, b, 0, 2, 4, 6) + SHUFFLE(a, b, 1, 3, 5, 7);
    f32x4 cd = SHUFFLE(c, d, 0, 2, 4, 6) + SHUFFLE(c, d, 1, 3, 5, 7);
    return SHUFFLE(ab, cd, 0, 2, 4, 6) + SHUFFLE(ab, cd, 1, 3, 5, 7);
}

INLINE f32x4 square_of_one(const float *p, int64_t row, const float *w) {
    return SHUFFLE(load_f32x2(p), load_f32x2(p + row), 0, 1, 2, 3) * load_f32x4(w);
}

INLINE f32x4 pixel(const float *p, int64_t row, float x, float y, const int channels) {
    f32x8 both = load_f32x8(p) * (1 - y) + load_f32x8(p + row) * y;
    f32x4 left = SHUFFLE(both, both, 0, 1, 2, 3), right;
    if (channels == 3)
        right = SHUFFLE(both, both, 3, 4, 5, 6);
    else
        right = SHUFFLE(both, both, 4, 5, 6, 7);
    return left * (1 - x) + right * x;
}

INLINE void bilinear_float(const float *source, int64_t row, const Taps *t, float *out, const int channels) {
    const int32_t *o = t->offset;
    if (channels == 1) {
    float w[4 * BLOCK];
    weights_of_four(t->x, t->y, w);
        for (int i = 0; i < BLOCK; i += 4) {
            f32x4 a = square_of_one(source + o[i], row, w + 4 * i);
            f32x4 b = square_of_one(source + o[i + 1], row, w + 4 * i + 4);
            f32x4 c = square_of_one(source + o[i + 2], row, w + 4 * i + 8);
            f32x4 d = square_of_one(source + o[i + 3], row, w + 4 * i + 12);
            store_float(out + i, sums_of_four(a, b, c, d), 4);
        }
        return;
    }
    for (int i = 0; i < BLOCK; i += 4) {
        f32x4 four[4];
        for (int k = 0; k < 4; k++) four[k] = pixel(source + (int64_t)o[i + k] * channels, row, t->x[i + k], t->y[i + k], channels);
        store_four_float(out + channels * i, four, channels);
    }
}

/* ---- bicubic: four rows into one, then the four pixels of that ----------------------------------------------------- */

INLINE void weights_of_cubic(const float *fraction, float *w) {
    for (int i = 0; i < BLOCK; i++) {
        const float t = fraction[i];
        w[4 * i] = ((-0.5f * t + 1) * t - 0.5f) * t;
        w[4 * i + 1] = (1.5f * t - 2.5f) * t * t + 1;
        w[4 * i + 2] = ((-1.5f * t + 2) * t + 0.5f) * t;
        w[4 * i + 3] = (0.5f * t - 0.5f) * t * t;
    }
}

#define BICUBIC_BLOCK(T, LOAD4, LOAD8)                                                                                \
    INLINE f32x4 cubic_of_one_##T(const T *p, int64_t row, f32x4 wx, f32x4 wy) {                                      \
        return (LOAD4(p) * wy[0] + LOAD4(p + row) * wy[1] + LOAD4(p + 2 * row) * wy[2] + LOAD4(p + 3 * row) * wy[3]) *\
               wx;                                                                                                    \
    }                                                                                                                 \
    INLINE f32x4 cubic_of_three_##T(const T *p, int64_t row, f32x4 wx, f32x4 wy) {                                    \
        f32x8 a = LOAD8(p) * wy[0] + LOAD8(p + row) * wy[1] + LOAD8(p + 2 * row) * wy[2] + LOAD8(p + 3 * row) * wy[3];\
        p += 8;                                                                                                       \
        f32x4 b = LOAD4(p) * wy[0] + LOAD4(p + row) * wy[1] + LOAD4(p + 2 * row) * wy[2] + LOAD4(p + 3 * row) * wy[3];\
        f32x8 wa = SHUFFLE(wx, wx, 0, 0, 0, 1, 1, 1, 2, 2);                                                           \
        f32x4 wb = SHUFFLE(wx, wx, 2, 3, 3, 3);                                                                       \
        a *= wa;                                                                                                      \
        b *= wb;                                                                                                      \
        f32x8 b8 = SHUFFLE(b, b, 0, 1, 2, 3, 0, 1, 2, 3);                                                             \
        return SHUFFLE(a, a, 0, 1, 2, 0) + SHUFFLE(a, a, 3, 4, 5, 0) + SHUFFLE(a, b8, 6, 7, 8, 0) +                   \
               SHUFFLE(b, b, 1, 2, 3, 0);                                                                             \
    }                                                                                                                 \
    INLINE f32x4 cubic_of_four_##T(const T *p, int64_t row, f32x4 wx, f32x4 wy) {                                     \
        f32x4 sum = {0};                                                                                              \
        for (int k = 0; k < 4; k++, p += 4)                                                                           \
            sum += (LOAD4(p) * wy[0] + LOAD4(p + row) * wy[1] + LOAD4(p + 2 * row) * wy[2] +                          \
                    LOAD4(p + 3 * row) * wy[3]) *                                                                     \
                   wx[k];                                                                                             \
        return sum;                                                                                                   \
    }                                                                                                                 \
    INLINE void bicubic_##T(const T *source, int64_t row, const Taps *t, T *out, const int channels) {                \
        float wx[4 * BLOCK], wy[4 * BLOCK];                                                                           \
        weights_of_cubic(t->x, wx);                                                                                   \
        weights_of_cubic(t->y, wy);                                                                                   \
        f32x4 four[4];                                                                                                \
        for (int i = 0; i < BLOCK; i++) {                                                                             \
            const T *p = source + (int64_t)t->offset[i] * channels;                                                   \
            f32x4 u = load_f32x4(wx + 4 * i), v = load_f32x4(wy + 4 * i);                                             \
            if (channels == 1) {                                                                                      \
                four[i % 4] = cubic_of_one_##T(p, row, u, v);                                                         \
                if (i % 4 == 3) store_##T(out + i - 3, sums_of_four(four[0], four[1], four[2], four[3]), 4);          \
            } else {                                                                                                  \
                f32x4 sum = channels == 3 ? cubic_of_three_##T(p, row, u, v) : cubic_of_four_##T(p, row, u, v);       \
                store_##T(out + channels * i, sum, i < BLOCK - 1 ? 4 : channels);                                     \
            }                                                                                                         \
        }                                                                                                             \
    }
BICUBIC_BLOCK(float, load_f32x4, load_f32x8)
BICUBIC_BLOCK(uint8_t, widen_u8x4, widen_u8x8)

/* ---- kernels: the regular pixels of a run -------------------------------------------------------------------------- */

#define RUN(MODE, T, CHANNELS)                                                                                        \
    static void MODE##_##T##_##CHANNELS(const LookUp *l, const T *source, T *out, int64_t i, int64_t end) {           \
        const int64_t row = l->pitch * CHANNELS;                                                                      \
        for (; i + BLOCK <= end; i += BLOCK, out += BLOCK * CHANNELS) {                                               \
            Taps t = {l->offset + i, l->x + i, l->y + i, l->x15 + i, l->y15 + i};                                     \
            MODE##_##T(source, row, &t, out, CHANNELS);                                                               \
        }                                                                                                             \
        if (i == end) return;                                                                                         \
        int32_t offset[BLOCK] = {0};                                                                                  \
        float x[BLOCK] = {0}, y[BLOCK] = {0};                                                                         \
        int16_t x15[BLOCK] = {0}, y15[BLOCK] = {0};                                                                   \
        T rest[BLOCK * CHANNELS];                                                                                     \
        Taps t = {offset, x, y, x15, y15};                                                                            \
        const int n = (int)(end - i);                                                                                 \
        for (int k = 0; k < n; k++) {                                                                                 \
            offset[k] = l->offset[i + k];                                                                             \
            if (l->is_float || l->mode == BICUBIC)                                                                    \
                x[k] = l->x[i + k], y[k] = l->y[i + k];                                                               \
            else                                                                                                      \
                x15[k] = l->x15[i + k], y15[k] = l->y15[i + k];                                                       \
        }                                                                                                             \
        MODE##_##T(source, row, &t, rest, CHANNELS);                                                                  \
        memcpy(out, rest, n * CHANNELS * sizeof(T));                                                                  \
    }

#define ANY(T)                                                                                                        \
    static void any_##T(const LookUp *l, const T *source, T *out, int64_t i, int64_t end) {                           \
        const int side = l->mode == BILINEAR ? 2 : 4;                                                                 \
        const int64_t channels = l->channels;                                                                         \
        for (; i < end; i++, out += channels) {                                                                       \
            int32_t tap[16];                                                                                          \
            float weight[16], wx[4 * BLOCK], wy[4 * BLOCK], x[BLOCK] = {l->x[i]}, y[BLOCK] = {l->y[i]};               \
            if (side == 2) {                                                                                          \
                wx[0] = 1 - x[0], wx[1] = x[0];                                                                       \
                wy[0] = 1 - y[0], wy[1] = y[0];                                                                       \
            } else {                                                                                                  \
                weights_of_cubic(x, wx);                                                                              \
                weights_of_cubic(y, wy);                                                                              \
            }                                                                                                         \
            for (int k = 0; k < side * side; k++) {                                                                   \
                tap[k] = l->offset[i] + (int32_t)(k / side * l->pitch) + k % side;                                    \
                weight[k] = wy[k / side] * wx[k % side];                                                              \
            }                                                                                                         \
            mix_##T(source, channels, tap, weight, side * side, out);                                                 \
        }                                                                                                             \
    }

#define KERNELS(T)                                                                                                    \
    RUN(bilinear, T, 1)                                                                                               \
    RUN(bilinear, T, 3)                                                                                               \
    RUN(bilinear, T, 4)                                                                                               \
    RUN(bicubic, T, 1)                                                                                                \
    RUN(bicubic, T, 3)                                                                                                \
    RUN(bicubic, T, 4)                                                                                                \
    ANY(T)                                                                                                            \
    static void regular_##T(const LookUp *l, const uint8_t *source, uint8_t *out, int64_t i, int64_t end) {           \
        const int cubic = l->mode == BICUBIC;                                                                         \
        const T *from = (const T *)source;                                                                            \
        T *to = (T *)out;                                                                                             \
        switch (l->channels) {                                                                                        \
            case 1: (cubic ? bicubic_##T##_1 : bilinear_##T##_1)(l, from, to, i, end); break;                         \
            case 3: (cubic ? bicubic_##T##_3 : bilinear_##T##_3)(l, from, to, i, end); break;                         \
            case 4: (cubic ? bicubic_##T##_4 : bilinear_##T##_4)(l, from, to, i, end); break;                         \
            default: any_##T(l, from, to, i, end);                                                                    \
        }                                                                                                             \
    }
KERNELS(uint8_t)
KERNELS(float)

INLINE void copy(const LookUp *l, const uint8_t *source, uint8_t *out, int64_t i, int64_t end, const int64_t bytes) {
    for (; i < end; i++, out += bytes) memcpy(out, source + l->offset[i] * bytes, bytes);
}

static void nearest(const LookUp *l, const uint8_t *source, uint8_t *out, int64_t i, int64_t end) {
    int64_t bytes = l->channels * l->item_bytes;
    switch (bytes) {
        case 1: copy(l, source, out, i, end, 1); break;
        case 3: copy(l, source, out, i, end, 3); break;
        case 4: copy(l, source, out, i, end, 4); break;
        case 12: copy(l, source, out, i, end, 12); break;
        case 16: copy(l, source, out, i, end, 16); break;
        default: copy(l, source, out, i, end, bytes);
    }
}

/* ---- pictures ------------------------------------------------------------------------------------------------------ */

static void irregular(const LookUp *l, const uint8_t *source, uint8_t *out, int64_t row, int64_t end_row) {
    const int64_t bytes = l->channels * l->item_bytes;
    for (int64_t k = l->row_begin[row]; k < l->row_begin[end_row]; k++) {
        const int64_t first = l->taps_begin[k], n = l->taps_begin[k + 1] - first;
        uint8_t *pixel = out + (l->irregular[k] - row * l->width) * bytes;
        if (n == 0)
            memset(pixel, 0, bytes);
        else if (l->is_float)
            mix_float((const float *)source, l->channels, l->tap + first, l->weight + first, n, (float *)pixel);
        else
            mix_uint8_t(source, l->channels, l->tap + first, l->weight + first, n, pixel);
    }
}

static void make_rows(const LookUp *l, int64_t image, int64_t row, int64_t end_row) {
    const int64_t begin = row * l->width, end = end_row * l->width;
    for (int64_t plane = 0; plane < l->planes; plane++) {
        const uint8_t *source = l->source + image * l->source_image + plane * l->source_plane;
        uint8_t *out = l->out + image * l->out_image + plane * l->out_plane + begin * l->channels * l->item_bytes;
        if (l->any_regular) {
            if (l->mode == NEAREST)
                nearest(l, source, out, begin, end);
            else if (l->is_float)
                regular_float(l, source, out, begin, end);
            else
                regular_uint8_t(l, source, out, begin, end);
        }
        irregular(l, source, out, row, end_row);
    }
}

BY_SHARES(EXPORT(look_up), LookUp, job->images, make_rows)
