/* A double is read from every decimal number of an interval, from half the distance to the double below it to half
 * the distance to the one above.  Scaled by a power of ten to 17 digits, the interval is one or two dozen integers
 * wide, and the number that ends in the most zeros is the shortest.  With m * 2**e * 10**k as m * 5**k * 2**(e + k)
 * the scaled bounds are exact in 128 bits where k is between 0 and 30: from 1e-13 to 1e15, where times lie.  Others
 * take a detour through the C library. */
#include "decimal.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANTISSA_BITS = 53, MOST_DIGITS = 17, SAFE_DIGITS = 15 };

static const double SMALLEST = 1e-13, LARGEST = 1e15;

__extension__ typedef unsigned __int128 wide;

static struct decimal without_zeros(uint64_t digits, int exponent)
{
    while (digits > 0 && digits % 10 == 0) {
        digits /= 10;
        exponent++;
    }
    return (struct decimal){digits, exponent};
}

/* Numbers of up to 15 digits all survive being made a double, but for the smallest, so that with 15 digits what is read
 * back has no shorter form. */
static struct decimal by_trial(double value)
{
    char text[40];
    for (int digits = value < DBL_MIN ? 1 : SAFE_DIGITS; digits <= MOST_DIGITS; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (digits == MOST_DIGITS || strtod(text, NULL) == value)
            break;
    }
    char *exponent = strchr(text, 'e');
    size_t decimals = exponent - text > 1 ? (size_t)(exponent - text) - 2 : 0;
    int power = atoi(exponent + 1);
    memmove(text + 1, text + 2, decimals); /* the point, whatever the locale's is */
    text[1 + decimals] = '\0';
    return without_zeros(strtoull(text, NULL, 10), power - (int)decimals);
}

static wide power_of_five(int exponent)
{
    wide power = 1;
    while (exponent-- > 0)
        power *= 5;
    return power;
}

/* The value scaled: `twice` / 2**(shift + 1), of which `low` to `high` are read as the value. */
struct scaled {
    wide twice;
    int shift;
    uint64_t low;
    uint64_t high;
};

static struct scaled scale(uint64_t mantissa, int exponent, int power)
{
    wide five = power_of_five(power), unit;
    struct scaled scaled = {.twice = 2 * (wide)mantissa * five, .shift = -(exponent + power)};
    bool inclusive = mantissa % 2 == 0; /* halfway cases are read as the even one */
    unit = (wide)1 << (scaled.shift + 1);
    wide low = scaled.twice - five + (inclusive ? unit - 1 : unit), high = scaled.twice + five - (inclusive ? 0 : 1);
    scaled.low = (uint64_t)(low >> (scaled.shift + 1));
    scaled.high = (uint64_t)(high >> (scaled.shift + 1));
    return scaled;
}

static uint64_t nearest(const struct scaled *scaled, uint64_t ten, uint64_t low, uint64_t high)
{
    wide unit = (wide)ten << (scaled->shift + 1);
    uint64_t floor = (uint64_t)(scaled->twice / unit);
    wide rest = scaled->twice - floor * unit;
    uint64_t digits = floor + (rest > unit / 2 || (rest == unit / 2 && floor % 2 == 1));
    return digits < low ? low : digits > high ? high : digits;
}

static struct decimal shortest(const struct scaled *scaled, int power)
{
    uint64_t low = scaled->low, high = scaled->high, ten = 1;
    int zeros = 0;
    while ((low + 9) / 10 <= high / 10) {
        low = (low + 9) / 10;
        high /= 10;
        ten *= 10;
        zeros++;
    }
    return without_zeros(nearest(scaled, ten, low, high), zeros - power);
}

struct decimal decimal_shortest(double value)
{
    int exponent;
    if (value < SMALLEST || value >= LARGEST)
        return by_trial(value);
    uint64_t mantissa = (uint64_t)ldexp(frexp(value, &exponent), MANTISSA_BITS);
    exponent -= MANTISSA_BITS;
    if (mantissa == (uint64_t)1 << (MANTISSA_BITS - 1))
        return by_trial(value); /* the double below is nearer than the one above */
    /* One digit too many or too few does no harm. */
    int power = MOST_DIGITS - 1 - (int)floor(log10(value));
    struct scaled scaled = scale(mantissa, exponent, power);
    return shortest(&scaled, power);
}
