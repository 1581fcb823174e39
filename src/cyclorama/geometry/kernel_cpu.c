/* The level of the x86-64 instruction set that processor and system support: 2, or 3 with AVX2 and FMA. */

#include <cpuid.h>

enum { FMA = 1 << 12, MOVBE = 1 << 22, OSXSAVE = 1 << 27, F16C = 1 << 29 }; /* leaf 1, ecx */
enum { BMI1 = 1 << 3, AVX2 = 1 << 5, BMI2 = 1 << 8 };                       /* leaf 7, ebx */
enum { LZCNT = 1 << 5 };                                                    /* leaf 0x80000001, ecx */
enum { YMM = 0x6 };                                                         /* registers that the system keeps */

static int has(unsigned have, unsigned want) { return (have & want) == want; }

int processor_level(void) {
    unsigned a, b, c, d, low, high, extended, features;
    if (!__get_cpuid(1, &a, &b, &features, &d) || !has(features, FMA | MOVBE | OSXSAVE | F16C)) return 2;
    if (!__get_cpuid(0x80000001, &a, &b, &extended, &d) || !has(extended, LZCNT)) return 2;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !has(b, BMI1 | AVX2 | BMI2)) return 2;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return has(low, YMM) ? 3 : 2;
}
