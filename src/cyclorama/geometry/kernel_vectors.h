/* Vectors of the kernels: the vector types of Clang and GCC, loads of any alignment, stores in the picture's type. */

#pragma once

#include <stdint.h>
#include <string.h>

#define VECTOR(NAME, T, BYTES) typedef T NAME __attribute__((vector_size(BYTES)))
VECTOR(u8x4, uint8_t, 4);
VECTOR(u8x8, uint8_t, 8);
VECTOR(u8x32, uint8_t, 32);
VECTOR(i16x32, int16_t, 64);
VECTOR(u8x16, uint8_t, 16);
VECTOR(i16x2, int16_t, 4);
VECTOR(i16x8, int16_t, 16);
VECTOR(i16x16, int16_t, 32);
VECTOR(i32x4, int32_t, 16);
VECTOR(i32x8, int32_t, 32);
VECTOR(i32x16, int32_t, 64);
VECTOR(i64x4, int64_t, 32);
VECTOR(f32x2, float, 8);
VECTOR(f32x4, float, 16);
VECTOR(f32x8, float, 32);

#define SHUFFLE __builtin_shufflevector
#define AS __builtin_convertvector
/* Keeps the compiler from replacing a load that repeats a value by cheaper loads and dearer shuffles. */
#ifdef __AVX2__
#define KEEP(v) __asm__("" : "+x"(v))
#else
#define KEEP(v) (void)0
#endif

#define INLINE static inline __attribute__((always_inline))

#define LOAD(NAME, V, T)                                                                                              \
    INLINE V NAME(const T *p) {                                                                                       \
        V v;                                                                                                          \
        memcpy(&v, p, sizeof v);                                                                                      \
        return v;                                                                                                     \
    }
LOAD(load_u8x4, u8x4, uint8_t)
LOAD(load_u8x8, u8x8, uint8_t)
LOAD(load_i16x2, i16x2, int16_t)
LOAD(load_i16x8, i16x8, int16_t)
LOAD(load_f32x2, f32x2, float)
LOAD(load_f32x4, f32x4, float)
LOAD(load_f32x8, f32x8, float)
INLINE f32x4 widen_u8x4(const uint8_t *p) { return AS(load_u8x4(p), f32x4); }
INLINE f32x8 widen_u8x8(const uint8_t *p) { return AS(load_u8x8(p), f32x8); }

INLINE u8x4 rounded(f32x4 v) {
    for (int i = 0; i < 4; i++) v[i] = v[i] > 0 ? v[i] : 0;
    for (int i = 0; i < 4; i++) v[i] = v[i] < 255 ? v[i] : 255;
    return AS(AS(v + 0.5f, i32x4), u8x4);
}

INLINE void store_float(float *out, f32x4 v, int n) { memcpy(out, &v, n * sizeof(float)); }
INLINE void store_uint8_t(uint8_t *out, f32x4 v, int n) {
    u8x4 bytes = rounded(v);
    memcpy(out, &bytes, n);
}
