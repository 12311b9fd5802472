#include "morpheus_json.h"

#include <stdlib.h>
#include <string.h>

#include "sha3.h"

#define MAX_PATHS 256 /* of all open levels together */
#define FEW 12 /* members up to which insertion sort is quicker */

enum mode { COLLAPSE, OPEN, PARTIAL };

struct path {
    const uint8_t *text; /* starts with '.' */
    size_t size;
};

struct scan {
    const uint8_t *at, *end;
    uint8_t *arena;
    size_t used, room;
    struct iop_entry *entries;
    size_t entry_used, entry_room;
    struct path paths[MAX_PATHS];
    size_t path_used;
    int depth;
};

static int parse_value(struct scan *s, enum mode mode, int visible, size_t path_first);

/* Output ------------------------------------------------------------- */

static int put(struct scan *s, const uint8_t *data, size_t size)
{
    if (size > s->room - s->used)
        return IOP_UNHANDLED;
    memcpy(s->arena + s->used, data, size);
    s->used += size;
    return IOP_OK;
}

static int put_byte(struct scan *s, uint8_t byte)
{
    if (s->used == s->room)
        return IOP_UNHANDLED;
    s->arena[s->used++] = byte;
    return IOP_OK;
}

static int put_utf8(struct scan *s, uint32_t point)
{
    uint8_t out[4];
    size_t size;
    if (point < 0x800) {
        out[0] = (uint8_t)(0xC0 | point >> 6);
        out[1] = (uint8_t)(0x80 | (point & 0x3F));
        size = 2;
    } else if (point < 0x10000) {
        out[0] = (uint8_t)(0xE0 | point >> 12);
        out[1] = (uint8_t)(0x80 | (point >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (point & 0x3F));
        size = 3;
    } else {
        out[0] = (uint8_t)(0xF0 | point >> 18);
        out[1] = (uint8_t)(0x80 | (point >> 12 & 0x3F));
        out[2] = (uint8_t)(0x80 | (point >> 6 & 0x3F));
        out[3] = (uint8_t)(0x80 | (point & 0x3F));
        size = 4;
    }
    return put(s, out, size);
}

/* One ASCII character of a string in its canonical form (morpheus 6.1): 1, 2 or 6 bytes. */
static size_t escape(uint8_t c, uint8_t out[6])
{
    static const char digits[] = "0123456789abcdef";
    const char *found;
    if (c >= 0x20 && c != '"' && c != '\\') {
        out[0] = c;
        return 1;
    }
    out[0] = '\\';
    found = memchr("\"\\\b\t\n\f\r", c, 7);
    if (found) {
        out[1] = (uint8_t)"\"\\btnfr"[found - "\"\\\b\t\n\f\r"];
        return 2;
    }
    out[1] = 'u';
    out[2] = out[3] = '0';
    out[4] = (uint8_t)digits[c >> 4];
    out[5] = (uint8_t)digits[c & 15];
    return 6;
}

/* Strings ------------------------------------------------------------ */

static int hex4(struct scan *s, uint32_t *value)
{
    uint32_t v = 0;
    if (s->end - s->at < 4)
        return IOP_UNHANDLED;
    for (int i = 0; i < 4; i++) {
        uint8_t c = *s->at++;
        v <<= 4;
        if (c >= '0' && c <= '9')
            v |= (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            v |= (uint32_t)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            v |= (uint32_t)(c - 'A' + 10);
        else
            return IOP_UNHANDLED;
    }
    *value = v;
    return IOP_OK;
}

/* After a backslash: the code point meant. Lone surrogates are not handled. */
static int parse_escape(struct scan *s, uint32_t *point)
{
    uint32_t low;
    if (s->at == s->end)
        return IOP_UNHANDLED;
    switch (*s->at++) {
    case '"': *point = '"'; return IOP_OK;
    case '\\': *point = '\\'; return IOP_OK;
    case '/': *point = '/'; return IOP_OK;
    case 'b': *point = '\b'; return IOP_OK;
    case 'f': *point = '\f'; return IOP_OK;
    case 'n': *point = '\n'; return IOP_OK;
    case 'r': *point = '\r'; return IOP_OK;
    case 't': *point = '\t'; return IOP_OK;
    case 'u': break;
    default: return IOP_UNHANDLED;
    }
    if (hex4(s, point))
        return IOP_UNHANDLED;
    if (*point < 0xD800 || *point > 0xDFFF)
        return IOP_OK;
    if (*point > 0xDBFF || s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u')
        return IOP_UNHANDLED;
    s->at += 2;
    if (hex4(s, &low) || low < 0xDC00 || low > 0xDFFF)
        return IOP_UNHANDLED;
    *point = 0x10000 + ((*point - 0xD800) << 10) + (low - 0xDC00);
    return IOP_OK;
}

/* Length of the valid UTF-8 sequence of two bytes or more at `p`, 0 if there is none (RFC 3629 4). */
static size_t utf8_size(const uint8_t *p, const uint8_t *end)
{
    size_t left = (size_t)(end - p), size;
    uint8_t low = 0x80, high = 0xBF;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        size = 2;
    else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        size = 3;
        if (p[0] == 0xE0)
            low = 0xA0;
        else if (p[0] == 0xED)
            high = 0x9F;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        size = 4;
        if (p[0] == 0xF0)
            low = 0x90;
        else if (p[0] == 0xF4)
            high = 0x8F;
    } else
        return 0;
    if (left < size || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

/* After the opening quote: the string in canonical form, quotes included. */
static int parse_string(struct scan *s, int visible)
{
    if (put_byte(s, '"'))
        return IOP_UNHANDLED;
    for (;;) {
        const uint8_t *start = s->at;
        uint8_t c = 0, out[6];
        uint32_t point;
        while (s->at < s->end && (c = *s->at, c >= 0x20 && c < 0x80 && c != '"' && c != '\\'))
            s->at++;
        if (s->at == s->end || put(s, start, (size_t)(s->at - start)))
            return IOP_UNHANDLED;
        if (c == '"') {
            s->at++;
            return put_byte(s, '"');
        }
        if (c < 0x20)
            return IOP_UNHANDLED;
        if (c == '\\') {
            s->at++;
            if (parse_escape(s, &point))
                return IOP_UNHANDLED;
            if (point < 0x80) {
                if (put(s, out, escape((uint8_t)point, out)))
                    return IOP_UNHANDLED;
            } else if (visible || put_utf8(s, point))
                return IOP_UNHANDLED;
        } else {
            size_t size = visible ? 0 : utf8_size(s->at, s->end);
            if (!size || put(s, s->at, size))
                return IOP_UNHANDLED;
            s->at += size;
        }
    }
}

/* After the opening quote: a member name, unescaped. */
static int parse_name(struct scan *s, struct iop_entry *entry)
{
    const uint8_t *name = s->arena + s->used;
    size_t before = s->used;
    entry->plain = 1;
    for (;;) {
        const uint8_t *start = s->at;
        uint8_t c = 0;
        uint32_t point;
        while (s->at < s->end && (c = *s->at, c >= 0x20 && c < 0x80 && c != '"' && c != '\\'))
            s->at++;
        if (s->at == s->end || put(s, start, (size_t)(s->at - start)))
            return IOP_UNHANDLED;
        if (c == '"')
            break;
        if (c != '\\')
            return IOP_UNHANDLED;
        s->at++;
        if (parse_escape(s, &point) || point >= 0x80 || put_byte(s, (uint8_t)point))
            return IOP_UNHANDLED;
        if (point < 0x20 || point == '"' || point == '\\')
            entry->plain = 0;
    }
    s->at++;
    entry->name = name;
    entry->name_size = (uint32_t)(s->used - before);
    return IOP_OK;
}

/* Numbers ------------------------------------------------------------ */

static int is_digit(const struct scan *s) { return s->at < s->end && *s->at >= '0' && *s->at <= '9'; }

/* An integer of at most 20 digits is printed as it stands if it fits 64 bits (morpheus 6.2 (1)). */
static int put_integer(struct scan *s, const uint8_t *text, size_t size, int negative)
{
    static const uint8_t most[] = "18446744073709551615", least[] = "9223372036854775808";
    const uint8_t *limit = negative ? least : most;
    size_t limit_size = negative ? sizeof least - 1 : sizeof most - 1;
    size_t digits = size - (size_t)negative;
    if (negative && digits == 1 && text[1] == '0')
        return put(s, (const uint8_t *)"-0.0", 4);
    if (digits > limit_size || (digits == limit_size && memcmp(text + negative, limit, digits) > 0))
        return IOP_UNHANDLED;
    return put(s, text, size);
}

/* Up to 15 digits and powers of ten up to 10^22 are exact or rounded once, so the double is the nearest to the decimal and
 * its shortest digits are the decimal's own: no arithmetic, only the layout of morpheus 6.2 (4). */
static int put_decimal(struct scan *s, const uint8_t *digits, int count, int exponent, int negative)
{
    uint8_t out[48];
    int size = 0, point = count + exponent;
    while (count && digits[count - 1] == '0')
        count--;
    if (negative)
        out[size++] = '-';
    if (!count) {
        memcpy(out + size, "0.0", 3);
        size += 3;
    } else if (point > 0 && point <= 16) {
        for (int i = 0; i < point; i++)
            out[size++] = i < count ? digits[i] : '0';
        out[size++] = '.';
        if (count <= point)
            out[size++] = '0';
        for (int i = point; i < count; i++)
            out[size++] = digits[i];
    } else if (point > -5 && point <= 0) {
        out[size++] = '0';
        out[size++] = '.';
        for (int i = point; i < 0; i++)
            out[size++] = '0';
        memcpy(out + size, digits, (size_t)count);
        size += count;
    } else {
        int power = point - 1;
        out[size++] = digits[0];
        if (count > 1) {
            out[size++] = '.';
            memcpy(out + size, digits + 1, (size_t)count - 1);
            size += count - 1;
        }
        out[size++] = 'e';
        if (power < 0) {
            out[size++] = '-';
            power = -power;
        }
        if (power >= 10)
            out[size++] = (uint8_t)('0' + power / 10);
        out[size++] = (uint8_t)('0' + power % 10);
    }
    return put(s, out, (size_t)size);
}

static int parse_number(struct scan *s)
{
    const uint8_t *start = s->at;
    uint8_t digits[15];
    int negative = *s->at == '-', count = 0, exponent = 0;
    if (negative)
        s->at++;
    if (!is_digit(s))
        return IOP_UNHANDLED;
    if (*s->at == '0')
        s->at++;
    else
        while (is_digit(s))
            s->at++;
    if (s->at == s->end || (*s->at != '.' && *s->at != 'e' && *s->at != 'E'))
        return put_integer(s, start, (size_t)(s->at - start), negative);
    for (const uint8_t *p = start + negative; p < s->at; p++) {
        if (!count && *p == '0')
            continue;
        if (count == 15)
            return IOP_UNHANDLED;
        digits[count++] = *p;
    }
    if (*s->at == '.') {
        s->at++;
        if (!is_digit(s))
            return IOP_UNHANDLED;
        for (; is_digit(s); s->at++) {
            if (--exponent < -99)
                return IOP_UNHANDLED;
            if (!count && *s->at == '0')
                continue;
            if (count == 15)
                return IOP_UNHANDLED;
            digits[count++] = *s->at;
        }
    }
    if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
        int down, power = 0;
        s->at++;
        down = s->at < s->end && *s->at == '-';
        if (down || (s->at < s->end && *s->at == '+'))
            s->at++;
        if (!is_digit(s))
            return IOP_UNHANDLED;
        for (; is_digit(s); s->at++) {
            power = 10 * power + (*s->at - '0');
            if (power > 999)
                return IOP_UNHANDLED;
        }
        exponent += down ? -power : power;
    }
    if (count && (exponent < -22 || exponent > 22))
        return IOP_UNHANDLED;
    return put_decimal(s, digits, count, exponent, negative);
}

/* Hashing ------------------------------------------------------------ */

static void encode_id(struct iop_sha3 *hash, uint8_t id[IOP_CONTENT_ID_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t d[IOP_SHA3_256_SIZE + 1];
    size_t at = 3;
    iop_sha3_finish(hash, d);
    d[IOP_SHA3_256_SIZE] = 0;
    memcpy(id, "cju", 3);
    for (size_t i = 0; i < 33; i += 3) {
        uint32_t bits = (uint32_t)d[i] << 16 | (uint32_t)d[i + 1] << 8 | (i + 2 < 33 ? d[i + 2] : 0u);
        for (int shift = 18; shift >= 0 && at < IOP_CONTENT_ID_SIZE; shift -= 6)
            id[at++] = (uint8_t)digits[bits >> shift & 63];
    }
}

static int put_id(struct scan *s, struct iop_sha3 *hash)
{
    uint8_t form[IOP_CONTENT_ID_SIZE + 2];
    form[0] = form[sizeof form - 1] = '"';
    encode_id(hash, form + 1);
    return put(s, form, sizeof form);
}

/* Containers --------------------------------------------------------- */

static void skip_blank(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
        s->at++;
}

static int parse_array(struct scan *s, enum mode mode)
{
    struct iop_sha3 hash;
    size_t before = s->used;
    int open = mode == OPEN, first = 1;
    if (open) {
        if (put_byte(s, '['))
            return IOP_UNHANDLED;
    } else {
        iop_sha3_start(&hash);
        iop_sha3_absorb(&hash, (const uint8_t *)"[", 1);
    }
    s->at++;
    skip_blank(s);
    if (s->at < s->end && *s->at == ']') {
        s->at++;
    } else {
        for (;; first = 0) {
            if (!first) {
                if (open) {
                    if (put_byte(s, ','))
                        return IOP_UNHANDLED;
                } else
                    iop_sha3_absorb(&hash, (const uint8_t *)",", 1);
            }
            if (parse_value(s, open ? OPEN : COLLAPSE, open, 0))
                return IOP_UNHANDLED;
            if (!open) {
                iop_sha3_absorb(&hash, s->arena + before, s->used - before);
                s->used = before;
            }
            skip_blank(s);
            if (s->at == s->end)
                return IOP_UNHANDLED;
            if (*s->at == ']') {
                s->at++;
                break;
            }
            if (*s->at++ != ',')
                return IOP_UNHANDLED;
        }
    }
    if (open)
        return put_byte(s, ']');
    iop_sha3_absorb(&hash, (const uint8_t *)"]", 1);
    return put_id(s, &hash);
}

static int compare_names(const struct iop_entry *a, const struct iop_entry *b)
{
    size_t size = a->name_size < b->name_size ? a->name_size : b->name_size;
    int order = memcmp(a->name, b->name, size);
    if (order)
        return order;
    return (a->name_size > b->name_size) - (a->name_size < b->name_size);
}

static int compare_entries(const void *left, const void *right) { return compare_names(left, right); }

/* Sorts. A name that occurs twice is left to the reference, so that an answer says that none does. */
static int settle(struct iop_entry *entries, size_t count)
{
    if (count <= FEW) {
        for (size_t i = 1; i < count; i++) {
            struct iop_entry moving = entries[i];
            size_t j = i;
            for (; j && compare_names(&entries[j - 1], &moving) > 0; j--)
                entries[j] = entries[j - 1];
            entries[j] = moving;
        }
    } else
        qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 1; i < count; i++)
        if (!compare_names(&entries[i - 1], &entries[i]))
            return IOP_UNHANDLED;
    return IOP_OK;
}

static void absorb_name(struct iop_sha3 *hash, const struct iop_entry *entry)
{
    uint8_t out[6];
    iop_sha3_absorb(hash, (const uint8_t *)"\"", 1);
    if (entry->plain)
        iop_sha3_absorb(hash, entry->name, entry->name_size);
    else
        for (uint32_t i = 0; i < entry->name_size; i++)
            iop_sha3_absorb(hash, out, escape(entry->name[i], out));
    iop_sha3_absorb(hash, (const uint8_t *)"\":", 2);
}

static int put_name(struct scan *s, const struct iop_entry *entry)
{
    uint8_t out[6];
    if (put_byte(s, '"'))
        return IOP_UNHANDLED;
    if (entry->plain) {
        if (put(s, entry->name, entry->name_size))
            return IOP_UNHANDLED;
    } else
        for (uint32_t i = 0; i < entry->name_size; i++)
            if (put(s, out, escape(entry->name[i], out)))
                return IOP_UNHANDLED;
    return put(s, (const uint8_t *)"\":", 2);
}

/* The object's id, or its text when it stays open, in place of the members' pieces that start at `before`. */
static int put_object(struct scan *s, const struct iop_entry *entries, size_t count, int open, size_t before)
{
    size_t start = s->used;
    if (!open) {
        struct iop_sha3 hash;
        iop_sha3_start(&hash);
        iop_sha3_absorb(&hash, (const uint8_t *)"{", 1);
        for (size_t i = 0; i < count; i++) {
            if (i)
                iop_sha3_absorb(&hash, (const uint8_t *)",", 1);
            absorb_name(&hash, &entries[i]);
            iop_sha3_absorb(&hash, entries[i].form, entries[i].form_size);
        }
        iop_sha3_absorb(&hash, (const uint8_t *)"}", 1);
        s->used = before;
        return put_id(s, &hash);
    }
    if (put_byte(s, '{'))
        return IOP_UNHANDLED;
    for (size_t i = 0; i < count; i++)
        if ((i && put_byte(s, ',')) || put_name(s, &entries[i]) || put(s, entries[i].form, entries[i].form_size))
            return IOP_UNHANDLED;
    if (put_byte(s, '}'))
        return IOP_UNHANDLED;
    memmove(s->arena + before, s->arena + start, s->used - start);
    s->used = before + (s->used - start);
    return IOP_OK;
}

/* How a member is treated by the paths from `first` on: 0 no path names it, 1 one does. Remaining segments are pushed. */
static int match(struct scan *s, size_t first, size_t last, const struct iop_entry *entry, int *found)
{
    *found = 0;
    for (size_t i = first; i < last; i++) {
        const uint8_t *segment = s->paths[i].text + 1;
        size_t size = s->paths[i].size - 1;
        const uint8_t *dot = memchr(segment, '.', size);
        size_t head = dot ? (size_t)(dot - segment) : size;
        if (head != entry->name_size || memcmp(segment, entry->name, head))
            continue;
        *found = 1;
        if (dot) {
            if (s->path_used == MAX_PATHS)
                return IOP_UNHANDLED;
            s->paths[s->path_used].text = dot;
            s->paths[s->path_used++].size = size - head;
        }
    }
    return IOP_OK;
}

static int parse_member(struct scan *s, enum mode mode, size_t path_first, size_t path_last, int *matched)
{
    struct iop_entry entry;
    enum mode inner = mode;
    size_t tails = s->path_used, start;
    int found;
    if (s->at == s->end || *s->at++ != '"' || parse_name(s, &entry))
        return IOP_UNHANDLED;
    if (mode == PARTIAL) {
        if (match(s, path_first, path_last, &entry, &found))
            return IOP_UNHANDLED;
        inner = !found ? COLLAPSE : s->path_used == tails ? OPEN : PARTIAL;
        *matched |= found;
    }
    skip_blank(s);
    if (s->at == s->end || *s->at++ != ':')
        return IOP_UNHANDLED;
    start = s->used;
    if (parse_value(s, inner, mode != COLLAPSE, tails))
        return IOP_UNHANDLED;
    s->path_used = tails;
    entry.form = s->arena + start;
    entry.form_size = (uint32_t)(s->used - start);
    if (s->entry_used == s->entry_room)
        return IOP_UNHANDLED;
    s->entries[s->entry_used++] = entry;
    return IOP_OK;
}

static int parse_object(struct scan *s, enum mode mode, size_t path_first)
{
    size_t before = s->used, entry_first = s->entry_used, path_last = s->path_used, count;
    int matched = 0;
    s->at++;
    skip_blank(s);
    if (s->at < s->end && *s->at == '}') {
        s->at++;
    } else {
        for (;;) {
            skip_blank(s);
            if (parse_member(s, mode, path_first, path_last, &matched))
                return IOP_UNHANDLED;
            skip_blank(s);
            if (s->at == s->end)
                return IOP_UNHANDLED;
            if (*s->at == '}') {
                s->at++;
                break;
            }
            if (*s->at++ != ',')
                return IOP_UNHANDLED;
        }
    }
    count = s->entry_used - entry_first;
    s->entry_used = entry_first;
    if (settle(s->entries + entry_first, count))
        return IOP_UNHANDLED;
    return put_object(s, s->entries + entry_first, count, mode == OPEN || matched, before);
}

static int parse_word(struct scan *s, const char *word, size_t size)
{
    if ((size_t)(s->end - s->at) < size || memcmp(s->at, word, size))
        return IOP_UNHANDLED;
    s->at += size;
    return put(s, (const uint8_t *)word, size);
}

/* Appends the value's form to the arena: its text, or the quoted id of a container that collapses. `visible` strings have
 * to be ASCII. Under PARTIAL the paths from `path_first` to the top of the stack apply. */
static int parse_value(struct scan *s, enum mode mode, int visible, size_t path_first)
{
    int result;
    skip_blank(s);
    if (s->at == s->end)
        return IOP_UNHANDLED;
    switch (*s->at) {
    case '{':
    case '[':
        if (s->depth == IOP_DEEPEST)
            return IOP_UNHANDLED;
        s->depth++;
        result = *s->at == '{' ? parse_object(s, mode, path_first) : parse_array(s, mode);
        s->depth--;
        return result;
    case '"': s->at++; return parse_string(s, visible);
    case 't': return parse_word(s, "true", 4);
    case 'f': return parse_word(s, "false", 5);
    case 'n': return parse_word(s, "null", 4);
    default: return parse_number(s);
    }
}

/* Entry points ------------------------------------------------------- */

static int start(struct scan *s, const uint8_t *text, size_t size, const struct iop_work *work)
{
    if (size > IOP_LONGEST)
        return IOP_UNHANDLED;
    s->at = text;
    s->end = text + size;
    s->arena = work->arena;
    s->used = 0;
    s->room = work->arena_size;
    s->entries = work->entries;
    s->entry_used = 0;
    s->entry_room = work->entry_count;
    s->path_used = 0;
    s->depth = 0;
    skip_blank(s);
    return s->at == s->end ? IOP_UNHANDLED : IOP_OK;
}

static int finish(struct scan *s)
{
    skip_blank(s);
    return s->at == s->end ? IOP_OK : IOP_UNHANDLED;
}

static int is_container(const struct scan *s) { return *s->at == '{' || *s->at == '['; }

int iop_compute_content_id(const uint8_t *text, size_t size, struct iop_work *work,
                           uint8_t id[IOP_CONTENT_ID_SIZE])
{
    struct scan s;
    if (start(&s, text, size, work) || !is_container(&s) || parse_value(&s, COLLAPSE, 0, 0) || finish(&s))
        return IOP_UNHANDLED;
    memcpy(id, s.arena + 1, IOP_CONTENT_ID_SIZE);
    return IOP_OK;
}

int iop_encode_canonical(const uint8_t *text, size_t size, struct iop_work *work, size_t *out_size)
{
    struct scan s;
    if (start(&s, text, size, work) || parse_value(&s, OPEN, 1, 0) || finish(&s))
        return IOP_UNHANDLED;
    *out_size = s.used;
    return IOP_OK;
}

/* Paths between commas, trimmed of ASCII white space; one trailing comma is allowed (morpheus 6.4). */
static int split_keep(struct scan *s, const uint8_t *keep, size_t size)
{
    const uint8_t *at = keep, *end = keep + size;
    for (size_t i = 0; i < size; i++)
        if (keep[i] >= 0x80)
            return IOP_UNHANDLED;
    while (at < end) {
        const uint8_t *comma = memchr(at, ',', (size_t)(end - at));
        const uint8_t *first = at, *last = comma ? comma : end;
        while (first < last && (*first == ' ' || (*first >= '\t' && *first <= '\r')))
            first++;
        while (first < last && (last[-1] == ' ' || (last[-1] >= '\t' && last[-1] <= '\r')))
            last--;
        if (first == last || *first != '.' || s->path_used == MAX_PATHS)
            return IOP_UNHANDLED;
        s->paths[s->path_used].text = first;
        s->paths[s->path_used++].size = (size_t)(last - first);
        if (!comma)
            break;
        at = comma + 1;
    }
    return IOP_OK;
}

int iop_apply_mask(const uint8_t *text, size_t size, const uint8_t *keep, size_t keep_size,
                   struct iop_work *work, size_t *out_size)
{
    struct scan s;
    if (start(&s, text, size, work) || !is_container(&s))
        return IOP_UNHANDLED;
    if (*s.at == '{' && split_keep(&s, keep, keep_size))
        return IOP_UNHANDLED;
    if (parse_value(&s, PARTIAL, 0, 0) || finish(&s))
        return IOP_UNHANDLED;
    if (s.arena[0] == '"') {
        s.used -= 2;
        memmove(s.arena, s.arena + 1, s.used);
    }
    *out_size = s.used;
    return IOP_OK;
}
