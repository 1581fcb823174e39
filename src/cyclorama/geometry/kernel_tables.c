/* Tables of look-ups, made once from pixel coordinates and read by kernel.c.

   A pixel of the picture to make is regular if the pixels that it reads (its taps: 1 nearest, 2 x 2 bilinear, 4 x 4
   bicubic) lie in the source as they lie on the plane: then the table holds the index of the first tap and two
   fractions. Every other pixel (round the seam, across a pole, beyond a border or a cube's edge) is irregular: `place`
   counts it, `list` writes its taps and their weights out. A coordinate that is not finite has no taps. */

#include "kernel_shares.h"

enum { NEAREST, BILINEAR, BICUBIC };
enum { SPHERE, EDGE, CUBE };
enum { MOST_TAPS = 64 };

typedef struct {
    const void *pixels; /* [height, width, 2] of float, or of double */
    int64_t is_double, height, width, source_height, source_width, mode, wrap;
    double rounding_error;
    int32_t *offset;
    float *x, *y;
    int64_t *row_pixels, *row_taps; /* [height]: what is irregular; for `list` the sums over the rows above */
    int32_t *irregular;
    int64_t *taps_begin;
    int32_t *tap;
    float *weight;
    int64_t rows_at_once, next, finished;
} Build;

typedef struct {
    double left, top;
    float x, y;
    int face, finite;
} Position;

static const double TURNS[6][3][3] = {
    /* right, up and forward of the faces front, right, back, left, up, down */
    {{1, 0, 0}, {0, 1, 0}, {0, 0, -1}}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}},  {{-1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0, 0, -1}, {0, 1, 0}, {-1, 0, 0}}, {{1, 0, 0}, {0, 0, 1}, {0, 1, 0}}, {{1, 0, 0}, {0, 0, -1}, {0, -1, 0}}};

static inline double clamp(double x, double low, double high) { return x > low ? (x < high ? x : high) : low; }

static inline int64_t modulo(double x, int64_t n) {
    return (int64_t)clamp(x - (double)n * __builtin_floor(x / (double)n), 0, (double)(n - 1));
}

static inline double snapped(double x, double rounding_error) {
    double whole = __builtin_rint(x);
    return __builtin_fabs(x - whole) <= rounding_error ? whole : x;
}

static inline double coordinate(const Build *b, int64_t i) {
    double shift = b->mode == NEAREST ? 0 : 0.5;
    double x = b->is_double ? ((const double *)b->pixels)[i] - shift
                            : (double)(((const float *)b->pixels)[i] - (float)shift);
    return b->mode == NEAREST ? x : snapped(x, b->rounding_error);
}

static Position position(const Build *b, int64_t pixel) {
    double x = coordinate(b, 2 * pixel), y = coordinate(b, 2 * pixel + 1);
    Position p = {0};
    p.finite = x - x == 0 && y - y == 0;
    if (!p.finite) return p;
    if (b->wrap == CUBE && b->mode != NEAREST) {
        double size = (double)b->source_width;
        p.face = (int)clamp(__builtin_floor((y + 0.5) / size), 0, 5);
        y -= p.face * size;
        x = clamp(x, -1, size);
        y = clamp(y, -1, size);
    }
    p.left = __builtin_floor(x);
    p.top = __builtin_floor(y);
    p.x = (float)(x - p.left);
    p.y = (float)(y - p.top);
    return p;
}

static int64_t wrapped(const Build *b, double column, double row) {
    int64_t width = b->source_width, height = b->source_height;
    if (b->wrap != SPHERE)
        return (int64_t)clamp(row, 0, (double)(height - 1)) * width + (int64_t)clamp(column, 0, (double)(width - 1));
    int64_t y = modulo(row, 2 * height), x = modulo(column, width);
    if (y < height) return y * width + x;
    return (2 * height - 1 - y) * width + (x + width / 2) % width;
}

/* The weights of two or four taps in a row; Keys, "Cubic convolution interpolation for digital image processing"
   (1981), equation 15 with a = -1/2. */
static int kernel_weights(int64_t mode, float t, float *w) {
    if (mode == BILINEAR) {
        w[0] = 1 - t, w[1] = t;
        return 2;
    }
    w[0] = ((-0.5f * t + 1) * t - 0.5f) * t;
    w[1] = (1.5f * t - 2.5f) * t * t + 1;
    w[2] = ((-1.5f * t + 2) * t + 0.5f) * t;
    w[3] = (0.5f * t - 0.5f) * t * t;
    return 4;
}

static int add_tap(int32_t *tap, float *weight, int n, int64_t index, float w) {
    if (w == 0) return n;
    for (int k = n; k-- > 0 && n - k < 3;) /* a clamped neighbour: the tap before it */
        if (tap[k] == index) return weight[k] += w, n;
    tap[n] = (int32_t)index;
    weight[n] = w;
    return n + 1;
}

/* A pixel of a face's plane beyond the face: up to four pixels of the face that continues it there. */
static int add_cube_taps(const Build *b, int face, double column, double row, float w, int32_t *tap, float *weight,
                         int n) {
    int64_t side = b->source_width;
    double size = (double)side, v[3], most = -1;
    if (column >= 0 && column < size && row >= 0 && row < size)
        return add_tap(tap, weight, n, (face * side + (int64_t)row) * side + (int64_t)column, w);
    double x = 2 * (column + 0.5) / size - 1, y = 1 - 2 * (row + 0.5) / size;
    const double(*from)[3] = TURNS[face];
    for (int k = 0; k < 3; k++) v[k] = x * from[0][k] + y * from[1][k] + from[2][k];
    for (int f = 0; f < 6; f++) {
        double along = v[0] * TURNS[f][2][0] + v[1] * TURNS[f][2][1] + v[2] * TURNS[f][2][2];
        if (along > most) most = along, face = f;
    }
    const double(*to)[3] = TURNS[face];
    x = (v[0] * to[0][0] + v[1] * to[0][1] + v[2] * to[0][2]) / most;
    y = (v[0] * to[1][0] + v[1] * to[1][1] + v[2] * to[1][2]) / most;
    x = snapped(clamp((1 + x) * size / 2 - 0.5, 0, size - 1), b->rounding_error);
    y = snapped(clamp((1 - y) * size / 2 - 0.5, 0, size - 1), b->rounding_error);
    int64_t left = (int64_t)x, top = (int64_t)y, right = left + 1 < side ? left + 1 : left,
            below = top + 1 < side ? top + 1 : top;
    float fx = (float)(x - (double)left), fy = (float)(y - (double)top);
    int64_t first = face * side;
    n = add_tap(tap, weight, n, (first + top) * side + left, w * (1 - fx) * (1 - fy));
    n = add_tap(tap, weight, n, (first + top) * side + right, w * fx * (1 - fy));
    n = add_tap(tap, weight, n, (first + below) * side + left, w * (1 - fx) * fy);
    return add_tap(tap, weight, n, (first + below) * side + right, w * fx * fy);
}

static int list_taps(const Build *b, int64_t pixel, int32_t *tap, float *weight) {
    Position p = position(b, pixel);
    if (!p.finite || b->mode == NEAREST) return 0;
    float wx[4], wy[4];
    int size = kernel_weights(b->mode, p.x, wx), n = 0;
    kernel_weights(b->mode, p.y, wy);
    double left = p.left - (size / 2 - 1), top = p.top - (size / 2 - 1);
    for (int row = 0; row < size; row++)
        for (int column = 0; column < size; column++) {
            float w = wy[row] * wx[column];
            if (b->wrap == CUBE)
                n = add_cube_taps(b, p.face, left + column, top + row, w, tap, weight, n);
            else
                n = add_tap(tap, weight, n, wrapped(b, left + column, top + row), w);
        }
    return n;
}

/* Regular after all: the taps lie side by side once they are wrapped. */
static int place_wrapped(const Build *b, int64_t pixel) {
    Position p = position(b, pixel);
    if (!p.finite) return 0;
    if (b->mode == NEAREST) {
        b->offset[pixel] = (int32_t)wrapped(b, p.left, p.top);
        return 1;
    }
    if (b->wrap != SPHERE) return 0;
    int span = b->mode == BILINEAR ? 1 : 3;
    double left = p.left - span / 2, top = p.top - span / 2;
    int64_t first = wrapped(b, left, top), right = wrapped(b, left + span, top), below = wrapped(b, left, top + span);
    int64_t width = b->source_width, last = first + span * width + span;
    if (right != first + span || below != first + span * width) return 0;
    if (b->mode == BILINEAR && last >= b->source_height * width - 1) return 0;
    b->offset[pixel] = (int32_t)first;
    b->x[pixel] = p.x;
    b->y[pixel] = p.y;
    return 1;
}

/* The pixels of one row that are regular as they stand: no branches, so that the compiler makes vectors of it. The last
   2 x 2 taps of the source count as irregular, because the bilinear kernels read up to one pixel more than they use. */
#define PLACE_ROW(NAME, T, FLOOR, RINT, ABS)                                                                          \
    static void NAME(const Build *b, int64_t row) {                                                                   \
        const T *pixels = (const T *)b->pixels + 2 * row * b->width;                                                  \
        int32_t *offset = b->offset + row * b->width;                                                                 \
        float *out_x = b->x + row * b->width, *out_y = b->y + row * b->width;                                         \
        const int linear = b->mode == BILINEAR, edge = b->wrap == EDGE && linear, cube = b->wrap == CUBE;             \
        const int32_t first = linear ? 0 : 1, columns = (int32_t)b->source_width;                                     \
        const T error = (T)b->rounding_error, low = (T)first, size = (T)columns;                                      \
        const T side = cube ? size : (T)b->source_height, last = linear ? side - 2 : (T)1e30;                         \
        const T right = size - (linear ? 2 : 3), bottom = side - (linear ? 2 : 3), faces = cube ? 5 : 0;              \
        for (int64_t i = 0; i < b->width; i++) {                                                                      \
            T x = pixels[2 * i] - (T)0.5, y = pixels[2 * i + 1] - (T)0.5, below = 0;                                  \
            const int finite = (x - x == 0) & (y - y == 0);                                                           \
            const T whole_x = RINT(x), whole_y = RINT(y);                                                             \
            x = ABS(x - whole_x) <= error ? whole_x : x;                                                              \
            y = ABS(y - whole_y) <= error ? whole_y : y;                                                              \
            if (cube) {                                                                                               \
                below = FLOOR((y + (T)0.5) / side);                                                                   \
                below = below > 0 ? (below < faces ? below : faces) : 0;                                              \
                y -= below * side;                                                                                    \
            }                                                                                                         \
            if (edge) {                                                                                               \
                x = x > 0 ? (x < size - 1 ? x : size - 1) : 0;                                                        \
                y = y > 0 ? (y < side - 1 ? y : side - 1) : 0;                                                        \
            }                                                                                                         \
            T left = FLOOR(x), top = FLOOR(y);                                                                        \
            if (edge) {                                                                                               \
                left = left < right ? left : right;                                                                   \
                top = top < bottom ? top : bottom;                                                                    \
            }                                                                                                         \
            const int good = finite & (left >= low) & (left <= right) & (top >= low) & (top <= bottom) &              \
                             !((left == right) & (top == last) & (below == faces));                                   \
            const int32_t index = ((int32_t)(good ? below * side + top : low) - first) * columns +                    \
                                  (int32_t)(good ? left : low) - first;                                               \
            offset[i] = good ? index : -1;                                                                            \
            out_x[i] = good ? (float)(x - left) : 0;                                                                  \
            out_y[i] = good ? (float)(y - top) : 0;                                                                   \
        }                                                                                                             \
    }

PLACE_ROW(place_row_float, float, __builtin_floorf, __builtin_rintf, __builtin_fabsf)
PLACE_ROW(place_row_double, double, __builtin_floor, __builtin_rint, __builtin_fabs)

static void place_row_nearest(const Build *b, int64_t row) {
    const float *floats = (const float *)b->pixels;
    const double *doubles = (const double *)b->pixels;
    const double width = (double)b->source_width, height = (double)b->source_height;
    for (int64_t i = row * b->width; i < (row + 1) * b->width; i++) {
        double x = b->is_double ? doubles[2 * i] : floats[2 * i];
        double y = b->is_double ? doubles[2 * i + 1] : floats[2 * i + 1];
        int good = (x >= 0) & (x < width) & (y >= 0) & (y < height);
        int32_t index = (int32_t)(good ? y : 0) * (int32_t)width + (int32_t)(good ? x : 0);
        b->offset[i] = good ? index : -1;
    }
}

static void place_row(const Build *b, int64_t row) {
    int32_t tap[MOST_TAPS];
    float weight[MOST_TAPS];
    if (b->mode == NEAREST)
        place_row_nearest(b, row);
    else if (b->is_double)
        place_row_double(b, row);
    else
        place_row_float(b, row);
    int64_t pixels = 0, taps = 0;
    for (int64_t i = row * b->width; i < (row + 1) * b->width; i++)
        if (b->offset[i] < 0 && !place_wrapped(b, i)) pixels++, taps += list_taps(b, i, tap, weight);
    b->row_pixels[row] = pixels;
    b->row_taps[row] = taps;
}

static void list_row(const Build *b, int64_t row) {
    int64_t n = b->row_pixels[row], taps = b->row_taps[row];
    for (int64_t i = row * b->width; i < (row + 1) * b->width; i++) {
        if (b->offset[i] >= 0) continue;
        b->offset[i] = 0;
        b->irregular[n] = (int32_t)i;
        b->taps_begin[n++] = taps;
        taps += list_taps(b, i, b->tap + taps, b->weight + taps);
    }
}

static void place_rows(const Build *b, int64_t image, int64_t row, int64_t end) {
    (void)image;
    for (; row < end; row++) place_row(b, row);
}

static void list_rows(const Build *b, int64_t image, int64_t row, int64_t end) {
    (void)image;
    for (; row < end; row++) list_row(b, row);
}

BY_SHARES(EXPORT(place), Build, 1, place_rows)
BY_SHARES(EXPORT(list), Build, 1, list_rows)
