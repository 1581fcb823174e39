/* Weighted sums of look-ups in several pictures of one size ("views"), as in stitching.

   Every pixel of the picture to make has its list of contributions, begin[i] to begin[i + 1]: the first of 2 x 2 pixels
   (bicubic: 4 x 4) in the stack of views, a place among them in x and y, and the weight. A view's border repeats: the
   place is then beyond the middle. A nearest look-up is a bilinear one at a whole pixel. */

#include "kernel_shares.h"
#include "kernel_vectors.h"

typedef struct {
    const void *const *pixels;    /* of each view, [height, width, 2] of float, or of double */
    const float *const *weights;  /* of each view, [height, width] */
    int64_t is_double, views, height, width, view_height, view_width, mode;
    double rounding_error;
    int32_t *begin; /* [height * width + 1] */
    int32_t *offset;
    float *x, *y, *weight;
    int64_t rows_at_once, next, finished;
} BuildSum;

typedef struct {
    const int32_t *begin, *offset;
    const float *x, *y, *weight;
    int64_t mode, height, width, pitch;
    const uint8_t *source;
    uint8_t *out;
    int64_t images, planes, channels, item_bytes, is_float;
    int64_t source_image, source_plane, out_image, out_plane; /* bytes */
    int64_t rows_at_once, next, finished;
} Sum;

enum { CHUNK = 64 }; /* contributions whose weights are made at once */

/* ---- tables -------------------------------------------------------------------------------------------------------- */

enum { NEAREST, BILINEAR, BICUBIC };

static inline double coordinate(const BuildSum *b, int64_t view, int64_t i) {
    const double *doubles = (const double *)b->pixels[view];
    const float *floats = (const float *)b->pixels[view];
    if (b->mode == NEAREST) return __builtin_floor(b->is_double ? doubles[i] : floats[i]);
    double x = b->is_double ? doubles[i] - 0.5 : (double)(floats[i] - 0.5f), whole = __builtin_rint(x);
    return __builtin_fabs(x - whole) <= b->rounding_error ? whole : x;
}

static inline int contributes(const BuildSum *b, int64_t view, int64_t i) {
    if (!(b->weights[view][i] > 0)) return 0;
    double x = coordinate(b, view, 2 * i), y = coordinate(b, view, 2 * i + 1);
    return (x - x == 0) & (y - y == 0);
}

static inline double clamp(double x, double low, double high) { return x > low ? (x < high ? x : high) : low; }

/* The first pixel that is read along an axis; x becomes the place among them. */
static inline int64_t first_pixel(const BuildSum *b, double *x, int64_t size) {
    const int cubic = b->mode == BICUBIC;
    *x = clamp(*x, cubic ? -4 : 0, (double)(cubic ? size + 3 : size - 1));
    const double first = clamp(__builtin_floor(*x) - cubic, 0, (double)(size - (cubic ? 4 : 2)));
    *x -= first;
    return (int64_t)first;
}

static void count_rows(const BuildSum *b, int64_t image, int64_t row, int64_t end_row) {
    (void)image;
    for (int64_t i = row * b->width; i < end_row * b->width; i++) {
        int32_t n = 0;
        for (int64_t view = 0; view < b->views; view++) n += contributes(b, view, i);
        b->begin[i + 1] = n;
    }
}

static void gather_rows(const BuildSum *b, int64_t image, int64_t row, int64_t end_row) {
    (void)image;
    for (int64_t i = row * b->width; i < end_row * b->width; i++) {
        int32_t k = b->begin[i];
        for (int64_t view = 0; view < b->views; view++) {
            if (!contributes(b, view, i)) continue;
            double x = coordinate(b, view, 2 * i), y = coordinate(b, view, 2 * i + 1);
            const int64_t left = first_pixel(b, &x, b->view_width), top = first_pixel(b, &y, b->view_height);
            b->offset[k] = (int32_t)((view * b->view_height + top) * b->view_width + left);
            b->x[k] = (float)x;
            b->y[k] = (float)y;
            b->weight[k++] = b->weights[view][i];
        }
    }
}

BY_SHARES(EXPORT(count), BuildSum, 1, count_rows)
BY_SHARES(EXPORT(gather), BuildSum, 1, gather_rows)

/* ---- pictures ------------------------------------------------------------------------------------------------------ */

static void weights_of_four(const Sum *s, int64_t k, int64_t end, float *w) {
    const int n = end - k < CHUNK ? (int)(end - k) : CHUNK;
    for (int i = 0; i < n; i++) {
        const float x = s->x[k + i], y = s->y[k + i], upper = s->weight[k + i] * (1 - y), lower = s->weight[k + i] * y;
        w[4 * i] = upper * (1 - x);
        w[4 * i + 1] = upper * x;
        w[4 * i + 2] = lower * (1 - x);
        w[4 * i + 3] = lower * x;
    }
}

/* The weights of two or four pixels along an axis; taps beyond them are those of the border. */
static int weights_along(int64_t mode, float x, float *w) {
    if (mode != BICUBIC) {
        w[0] = 1 - x, w[1] = x;
        return 2;
    }
    const float left = __builtin_floorf(x), t = x - left;
    const float taps[4] = {((-0.5f * t + 1) * t - 0.5f) * t, (1.5f * t - 2.5f) * t * t + 1,
                           ((-1.5f * t + 2) * t + 0.5f) * t, (0.5f * t - 0.5f) * t * t};
    w[0] = w[1] = w[2] = w[3] = 0;
    for (int k = 0; k < 4; k++) w[(int)clamp(left + (float)(k - 1), 0, 3)] += taps[k];
    return 4;
}

/* Pixels of three channels are read as the values 0 to 3 and 2 to 5 of two neighbours, and so not beyond them. */
#define SUMS(T, LOAD4)                                                                                                \
    INLINE void sum_pixels_##T(const Sum *s, const T *source, T *out, int64_t i, int64_t end, const int channels) {   \
        float w[4 * CHUNK];                                                                                           \
        const int64_t row = s->pitch * channels, all = s->begin[end], next = channels == 3 ? 2 : 4;                   \
        int64_t k = s->begin[i], made = k;                                                                            \
        for (; i < end; i++, out += channels) {                                                                       \
            f32x4 left = {0}, right = {0};                                                                            \
            for (const int64_t last = s->begin[i + 1]; k < last; k++) {                                               \
                if (k == made) weights_of_four(s, k, all, w), made += CHUNK;                                          \
                const T *p = source + s->offset[k] * (int64_t)channels, *q = p + row;                                 \
                const float *of = w + 4 * (k - made + CHUNK);                                                         \
                left += LOAD4(p) * of[0] + LOAD4(q) * of[2];                                                          \
                right += LOAD4(p + next) * of[1] + LOAD4(q + next) * of[3];                                           \
            }                                                                                                         \
            if (channels == 3) right = SHUFFLE(right, right, 1, 2, 3, 0);                                             \
            store_##T(out, left + right, channels);                                                                   \
        }                                                                                                             \
    }                                                                                                                 \
    static void sum_any_##T(const Sum *s, const T *source, T *out, int64_t begin, int64_t end) {                      \
        const int64_t channels = s->channels;                                                                         \
        for (int64_t i = begin; i < end; i++)                                                                         \
            for (int64_t c = 0; c < channels; c++) {                                                                  \
                f32x4 sum = {0};                                                                                      \
                for (int64_t k = s->begin[i]; k < s->begin[i + 1]; k++) {                                             \
                    float wx[4], wy[4];                                                                               \
                    const int side = weights_along(s->mode, s->x[k], wx);                                             \
                    weights_along(s->mode, s->y[k], wy);                                                              \
                    const T *p = source + s->offset[k] * channels + c;                                                \
                    for (int row = 0; row < side; row++, p += s->pitch * channels)                                    \
                        for (int column = 0; column < side; column++)                                                 \
                            sum[0] += s->weight[k] * wy[row] * wx[column] * p[column * channels];                     \
                }                                                                                                     \
                store_##T(out++, sum, 1);                                                                             \
            }                                                                                                         \
    }                                                                                                                 \
    static void sum_run_##T(const Sum *s, const T *source, T *out, int64_t begin, int64_t end) {                      \
        if (s->mode == BICUBIC)                                                                                       \
            sum_any_##T(s, source, out, begin, end);                                                                  \
        else if (s->channels == 3)                                                                                    \
            sum_pixels_##T(s, source, out, begin, end, 3);                                                            \
        else if (s->channels == 4)                                                                                    \
            sum_pixels_##T(s, source, out, begin, end, 4);                                                            \
        else                                                                                                          \
            sum_any_##T(s, source, out, begin, end);                                                                  \
    }
SUMS(float, load_f32x4)
SUMS(uint8_t, widen_u8x4)

static void sum_rows(const Sum *s, int64_t image, int64_t row, int64_t end_row) {
    const int64_t first = row * s->width, last = end_row * s->width;
    for (int64_t plane = 0; plane < s->planes; plane++) {
        const uint8_t *source = s->source + image * s->source_image + plane * s->source_plane;
        uint8_t *out = s->out + image * s->out_image + plane * s->out_plane + first * s->channels * s->item_bytes;
        if (s->is_float)
            sum_run_float(s, (const float *)source, (float *)out, first, last);
        else
            sum_run_uint8_t(s, source, out, first, last);
    }
}

BY_SHARES(EXPORT(sum_up), Sum, job->images, sum_rows)
