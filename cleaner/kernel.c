/* The loops over characters: lines, glue joints, hashed n-grams and the rows of their table.

   Every function here has a twin in numpy (splitting.py, glue.py, tally.py) that gives the same
   bits; a test holds the two against each other. Buffers come from numpy and go back as bytes.
   Nothing here is learned, decided or kept between calls. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Raised with every change of a function's meaning: a stale build is not used. */
#define VERSION 2

enum {
    NEWLINE, SPACE, OTHER, LOWER, UPPER, CASELESS, IDEOGRAPH, DIGIT, FINAL,
    COMMA, COLON, OPENING, CLOSING, DASH, BULLET, BAR, SIGN, KINDS
};

/* Of features.py, where the reasons are. */
#define TABLE_SIZE 0x10000
#define HEAD 256
#define TAIL 64
#define MOST_SHOWN (HEAD + TAIL + 1)
#define BUCKET_BITS 18
#define BUCKETS (1u << BUCKET_BITS)
#define BASE 0xD1342543DE82EF95u
#define BEGIN_MARK 2
#define GAP_MARK 1
#define END_MARK 3
#define COLUMNS 16

/* Of glue.py. */
#define MOST_JOINTS 16
#define TAIL_LEFT 30
#define TAIL_RIGHT 220
#define LABEL_LINE 60
#define LABEL_SPAN 30
enum { JOINED, BULLETED, TAILED, CAMEL, LABELLED };

/* ---- buffers ------------------------------------------------------------------------------- */

/* A view of `object` of items of `size` bytes; `count` items where that is known, else -1. */
static int
borrow(PyObject *object, Py_buffer *view, Py_ssize_t size, Py_ssize_t count, int writable)
{
    if (PyObject_GetBuffer(object, view, writable ? PyBUF_CONTIG : PyBUF_CONTIG_RO) < 0)
        return -1;
    if (view->itemsize != size || (count >= 0 && view->len != size * count)) {
        PyBuffer_Release(view);
        PyErr_SetString(PyExc_ValueError, "an array of another type or size was expected");
        return -1;
    }
    return 0;
}

static void
release(Py_buffer *views, int count)
{
    while (count--)
        PyBuffer_Release(&views[count]);
}

/* Items of one size that grow in number. */
typedef struct {
    char *items;
    size_t size, used, room;
} Grown;

static void *
grow(Grown *all, size_t more)
{
    if (all->used + more > all->room) {
        size_t room = all->room ? 2 * all->room : 1024;
        char *items;
        while (room < all->used + more)
            room *= 2;
        items = realloc(all->items, room * all->size);
        if (!items)
            return NULL;
        all->items = items;
        all->room = room;
    }
    return all->items + all->used * all->size;
}

/* The items as a tuple of bytes; frees them. `failed`: give NULL and MemoryError instead. */
static PyObject *
given(Grown *all, int count, int failed)
{
    PyObject *out = NULL;
    int i;
    if (failed)
        PyErr_NoMemory();
    else
        out = PyTuple_New(count);
    for (i = 0; i < count; i++) {
        if (out) {
            size_t bytes = all[i].used * all[i].size;
            PyObject *part = PyBytes_FromStringAndSize(all[i].items, (Py_ssize_t)bytes);
            if (!part || PyTuple_SetItem(out, i, part) < 0)
                Py_CLEAR(out);
        }
        free(all[i].items);
    }
    return out;
}

/* ---- lines --------------------------------------------------------------------------------- */

PyDoc_STRVAR(split_doc,
"split(codes, offsets, kind_table, kinds) -> (start, end, line)\n\n"
"Writes the kind of every code point to `kinds`; the spans of the visible lines as int64.");

static PyObject *
split(PyObject *self, PyObject *args)
{
    PyObject *o[4];
    Py_buffer v[4];
    Grown out[3] = {{NULL, 8, 0, 0}, {NULL, 8, 0, 0}, {NULL, 8, 0, 0}};
    const uint32_t *codes;
    const int64_t *offsets;
    const uint8_t *table;
    uint8_t *kinds;
    int64_t size, i, line = 0, begin = 0, document = 0, returned;
    int failed = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOO", &o[0], &o[1], &o[2], &o[3]))
        return NULL;
    if (borrow(o[0], &v[0], 4, -1, 0) < 0)
        return NULL;
    size = v[0].len / 4;
    if (borrow(o[1], &v[1], 8, -1, 0) < 0)
        return release(v, 1), NULL;
    if (borrow(o[2], &v[2], 1, TABLE_SIZE, 0) < 0)
        return release(v, 2), NULL;
    if (borrow(o[3], &v[3], 1, size, 1) < 0)
        return release(v, 3), NULL;
    codes = v[0].buf, offsets = v[1].buf, table = v[2].buf, kinds = v[3].buf;
    /* A lone CR at the very end of a document is no part of the line feed laid after it. */
    returned = v[1].len >= 16 ? offsets[1] - 2 : -1;
    Py_BEGIN_ALLOW_THREADS
    for (i = 0; i < size && !failed; i++) {
        uint32_t code = codes[i];
        int64_t first, last;
        kinds[i] = table[code < TABLE_SIZE ? code : TABLE_SIZE - 1];
        if (kinds[i] != NEWLINE)
            continue;
        while (i > returned && (document + 2) * 8 < v[1].len)
            returned = offsets[++document + 1] - 2;
        if (code == 0x0D && i != returned && i + 1 < size && codes[i + 1] == 0x0A) {
            kinds[i] = SPACE;
            continue;
        }
        for (first = begin; first < i && kinds[first] <= SPACE; first++)
            ;
        for (last = i; last > first && kinds[last - 1] <= SPACE; last--)
            ;
        if (first < last) {
            int64_t *start = grow(&out[0], 1), *end = grow(&out[1], 1);
            int64_t *number = grow(&out[2], 1);
            failed = !start || !end || !number;
            if (!failed) {
                *start = first, *end = last, *number = line;
                out[0].used++, out[1].used++, out[2].used++;
            }
        }
        line++;
        begin = i + 1;
    }
    Py_END_ALLOW_THREADS
    release(v, 4);
    return given(out, 3, failed);
}

/* ---- joints -------------------------------------------------------------------------------- */

typedef struct {
    const uint32_t *codes;
    const uint8_t *kinds;
    int64_t size;
} Text;

/* The kind at a place; beyond the text one that nothing asks for. */
static inline int
at(const Text *text, int64_t place)
{
    return place >= 0 && place < text->size ? text->kinds[place] : NEWLINE;
}

static inline int
is_letter(int kind)
{
    return kind >= LOWER && kind <= IDEOGRAPH;
}

static inline int
is_capital(int kind)
{
    return kind == UPPER || kind == CASELESS;
}

static inline int
is_solid(int kind)
{
    return kind >= LOWER && kind <= DIGIT;
}

static inline int
stops(const Text *text, int64_t place)
{
    int kind = at(text, place);
    return kind == FINAL || (kind == CLOSING && at(text, place - 1) == FINAL);
}

static inline int
opens(const Text *text, int64_t place)
{
    int kind = at(text, place);
    return is_capital(kind) || (kind == OPENING && is_capital(at(text, place + 1)));
}

static inline int
opens_or_quotes(const Text *text, int64_t place)
{
    uint32_t code = text->codes[place];
    return opens(text, place) ||
           ((code == 0x22 || code == 0x27) && is_capital(at(text, place + 1)));
}

/* Which joint begins a right piece at `place`, by the characters around it; -1: none. */
static int
joint_at(const Text *text, int64_t place, int closed)
{
    int kind = text->kinds[place], before = at(text, place - 1), after = at(text, place + 1);
    if (kind == BULLET || kind == DASH) {
        int64_t next = place + 2;
        int open, letter;
        if (after != SPACE || next >= text->size)
            return -1;
        open = opens(text, next), letter = is_letter(at(text, next));
        if ((open || letter) && (is_solid(before) || before == CLOSING || stops(text, place - 1)))
            return BULLETED;
        if ((open || letter) && before == SPACE && place >= 2 && stops(text, place - 2))
            return BULLETED;
        return kind == BULLET && open && before == SPACE ? BULLETED : -1;
    }
    if ((before == FINAL || before == CLOSING) && place >= 2 && opens(text, place) &&
        stops(text, place - 1)) {
        int single = is_letter(at(text, place - 2)) && before == FINAL &&
                     !is_letter(at(text, place - 3));
        if (!single)
            return closed && kind == CASELESS ? -1 : JOINED;
    }
    if (kind == UPPER && place + 1 < text->size) {
        if (before == LOWER && is_letter(after))
            return CAMEL;
        if (before == UPPER && after == LOWER && place >= 2 && at(text, place - 2) == UPPER)
            return CAMEL;
    }
    return -1;
}

/* Whether a joint may lie between two neighbouring kinds: most pairs need no closer look. */
static inline int
may_join(int before, int kind)
{
    const uint32_t marks = 1u << BULLET | 1u << DASH;
    const uint32_t closing = 1u << FINAL | 1u << CLOSING;
    const uint32_t opening = 1u << UPPER | 1u << CASELESS | 1u << OPENING;
    const uint32_t cased = 1u << UPPER | 1u << LOWER;
    return (marks >> kind & 1) | (closing >> before & opening >> kind & 1) |
           ((kind == UPPER) & (cased >> before) & 1);
}

static int
is_boundary(const Text *text, int64_t place)
{
    int kind = text->kinds[place];
    if (kind == IDEOGRAPH && place >= 1 && stops(text, place - 1))
        return 1;
    if (at(text, place - 1) != SPACE)
        return 0;
    if (place >= 2 && stops(text, place - 2) && (kind == DIGIT || opens_or_quotes(text, place)))
        return 1;
    return place >= 3 && at(text, place - 2) == SPACE && stops(text, place - 3) &&
           opens_or_quotes(text, place);
}

/* Where the last sentence of an unclosed line begins; -1: nowhere fitting. */
static int64_t
tail_of(const Text *text, int64_t start, int64_t end)
{
    int64_t place;
    if (stops(text, end - 1) || end - start <= TAIL_LEFT || text->kinds[end - 1] == COLON)
        return -1;
    for (place = end - 1; place >= start + TAIL_LEFT && end - place <= TAIL_RIGHT; place--)
        if (is_boundary(text, place))
            return place;
    return -1;
}

/* Where the key is, or would be, among ordered ones. */
static int64_t
place_among(uint64_t key, const uint64_t *keys, int64_t count)
{
    int64_t low = 0;
    while (low < count) {
        int64_t middle = low + (count - low) / 2;
        if (keys[middle] < key)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

/* The running key of a fragment's letters and digits (`features.line_keys`). */
typedef struct {
    uint64_t hash, power;
    int64_t length;
    int lettered;
} Key;

static inline void
key_take(Key *key, int kind, uint32_t folded)
{
    if (!is_solid(kind))
        return;
    if (kind != DIGIT && !key->lettered) {
        /* Digits in front of the first letter do not count. */
        key->lettered = 1;
        key->hash = 0, key->power = 1, key->length = 0;
    }
    key->hash += ((uint64_t)folded + 1) * key->power;
    key->power *= BASE;
    key->length++;
}

static inline uint64_t
key_of(const Key *key)
{
    return key->length ? key->hash + (uint64_t)key->length : 0;
}

/* Where right pieces begin behind a label of one to three words; how many, at most three. */
static int
labelled(const Text *text, const uint32_t *fold, int64_t start, int64_t end, const uint64_t *labels,
         int64_t count, int64_t *places)
{
    Key key = {0, 1, 0, 0};
    int64_t place;
    int found = 0, spaces = 0;
    if (end - start < LABEL_LINE || !count)
        return 0;
    for (place = start; place < start + LABEL_SPAN && spaces < 3; place++) {
        int kind = text->kinds[place];
        if (kind == SPACE) {
            uint64_t asked = key_of(&key);
            int64_t low = place_among(asked, labels, count);
            spaces++;
            if (low < count && labels[low] == asked && at(text, place + 1) > SPACE)
                places[found++] = place + 1;
        }
        else {
            uint32_t code = text->codes[place];
            key_take(&key, kind, fold[code < TABLE_SIZE ? code : TABLE_SIZE - 1]);
        }
    }
    return found;
}

typedef struct {
    int64_t place, joint;
} Joint;

/* A place into the ordered joints of a line; of two joints at one place the lower stays. */
static void
place_joint(Joint *all, int *count, int64_t place, int joint)
{
    int i = *count;
    while (i > 0 && all[i - 1].place > place)
        i--;
    if (i > 0 && all[i - 1].place == place) {
        if (joint < all[i - 1].joint)
            all[i - 1].joint = joint;
        return;
    }
    memmove(all + i + 1, all + i, (size_t)(*count - i) * sizeof(Joint));
    all[i].place = place, all[i].joint = joint;
    ++*count;
}

PyDoc_STRVAR(joints_doc,
"joints(codes, kinds, start, end, fold_table, labels) -> (fragment, cut, left_end, joint)\n\n"
"`glue.candidates` of the fragments, as int64; `labels` is sorted.");

static PyObject *
joints(PyObject *self, PyObject *args)
{
    PyObject *o[6];
    Py_buffer v[6];
    Grown out[4] = {{NULL, 8, 0, 0}, {NULL, 8, 0, 0}, {NULL, 8, 0, 0}, {NULL, 8, 0, 0}};
    Text text;
    const int64_t *start, *end;
    const uint32_t *fold;
    const uint64_t *labels;
    int64_t fragments, i, count;
    int failed = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOOOO", &o[0], &o[1], &o[2], &o[3], &o[4], &o[5]))
        return NULL;
    if (borrow(o[0], &v[0], 4, -1, 0) < 0)
        return NULL;
    text.size = v[0].len / 4;
    if (borrow(o[1], &v[1], 1, text.size, 0) < 0)
        return release(v, 1), NULL;
    if (borrow(o[2], &v[2], 8, -1, 0) < 0)
        return release(v, 2), NULL;
    fragments = v[2].len / 8;
    if (borrow(o[3], &v[3], 8, fragments, 0) < 0)
        return release(v, 3), NULL;
    if (borrow(o[4], &v[4], 4, TABLE_SIZE, 0) < 0)
        return release(v, 4), NULL;
    if (borrow(o[5], &v[5], 8, -1, 0) < 0)
        return release(v, 5), NULL;
    text.codes = v[0].buf, text.kinds = v[1].buf, start = v[2].buf, end = v[3].buf;
    fold = v[4].buf, labels = v[5].buf, count = v[5].len / 8;
    for (i = 0; i < fragments; i++)
        if (start[i] < 0 || start[i] >= end[i] || end[i] > text.size) {
            release(v, 6);
            PyErr_SetString(PyExc_ValueError, "a span outside the text");
            return NULL;
        }
    Py_BEGIN_ALLOW_THREADS
    for (i = 0; i < fragments && !failed; i++) {
        Joint found[MOST_JOINTS + 4];
        int64_t place, labels_at[3], tail = tail_of(&text, start[i], end[i]);
        int used = 0, j, closed = stops(&text, end[i] - 1);
        for (place = start[i] + 1; place < end[i] && used < MOST_JOINTS; place++) {
            int joint;
            if (!may_join(text.kinds[place - 1], text.kinds[place]))
                continue;
            joint = joint_at(&text, place, closed);
            if (joint == JOINED && place == start[i] + 1)
                continue; /* a final mark at the beginning ends no sentence */
            if (joint >= 0)
                found[used].place = place, found[used].joint = joint, used++;
        }
        if (tail >= 0)
            place_joint(found, &used, tail, TAILED);
        j = labelled(&text, fold, start[i], end[i], labels, count, labels_at);
        while (j--)
            place_joint(found, &used, labels_at[j], LABELLED);
        for (j = 0; j < used && j < MOST_JOINTS; j++) {
            int64_t left = found[j].place;
            int64_t *to[4];
            int part;
            while (text.kinds[left - 1] <= SPACE)
                left--;
            for (part = 0; part < 4; part++) {
                to[part] = grow(&out[part], 1);
                failed |= !to[part];
            }
            if (failed)
                break;
            *to[0] = i, *to[1] = found[j].place, *to[2] = left, *to[3] = found[j].joint;
            for (part = 0; part < 4; part++)
                out[part].used++;
        }
    }
    Py_END_ALLOW_THREADS
    release(v, 6);
    return given(out, 4, failed);
}

/* ---- tally --------------------------------------------------------------------------------- */

/* What is counted of a span besides its kinds. */
enum { WORDS = KINDS, WORD_LETTERS, CAPITALS, SENTENCES, LINKS, GRAMS, FACTS };

/* Where the processor has wide registers, these loops use them; elsewhere they are as they are. */
#if defined(__GNUC__) && defined(__x86_64__) && defined(__GLIBC__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

/* The table is larger than the nearest caches: rows are asked for before their turn. */
#define AHEAD 16
#if defined(__GNUC__)
#define FETCH(place) __builtin_prefetch(place)
#else
#define FETCH(place) ((void)0)
#endif

/* The first factor of `features._bucket`. */
#define PRIME 0x9E3779B97F4A7C15u

/* The 31 bits that decide where an n-gram's row lies; `hash` is PRIME times the n-gram's. */
static inline uint32_t
mixed(uint64_t hash)
{
    hash ^= hash >> 29;
    hash *= 0xBF58476D1CE4E5B9u;
    return (uint32_t)(hash >> 33);
}

/* The mixed hashes of the n-grams of 3, 4 and 5 codes that begin at each of `count` places.

   Everything is PRIME times what features.py has, which spares a product for each n-gram. */
WIDE static void
hash_grams(const uint64_t *codes, int count, uint32_t *out)
{
    uint64_t told[MOST_SHOWN + 5];
    int i;
    for (i = 0; i < count + 4; i++)
        told[i] = codes[i] * PRIME;
    for (i = 0; i < count; i++) {
        uint64_t rolling = (told[i] * BASE + told[i + 1]) * BASE + told[i + 2];
        out[i] = mixed(rolling + 3 * PRIME);
        rolling = rolling * BASE + told[i + 3];
        out[i + count] = mixed(rolling + 4 * PRIME);
        rolling = rolling * BASE + told[i + 4];
        out[i + 2 * count] = mixed(rolling + 5 * PRIME);
    }
}

/* Adds up the rows of the table that the mixed hashes name. */
WIDE static void
gather(const int8_t *table, uint32_t *hashes, int count, int32_t *sums)
{
    int32_t total[COLUMNS] = {0};
    int begin, i, j;
    for (i = 0; i < count; i++) {
        /* The remainder by BUCKETS - 1 of a number below 2^31. */
        uint32_t x = (hashes[i] & (BUCKETS - 1)) + (hashes[i] >> BUCKET_BITS);
        hashes[i] = (x >= BUCKETS - 1 ? x - (BUCKETS - 1) : x) + 1;
    }
    for (begin = 0; begin < count; begin += 256) {
        int16_t part[COLUMNS] = {0}; /* sums of 256 int8 cannot leave int16 */
        int end = begin + 256 < count ? begin + 256 : count;
        for (i = begin; i < end; i++) {
            const int8_t *row = table + (size_t)hashes[i] * COLUMNS;
            FETCH(table + (size_t)hashes[i + AHEAD < count ? i + AHEAD : i] * COLUMNS);
            for (j = 0; j < COLUMNS; j++)
                part[j] = (int16_t)(part[j] + row[j]);
        }
        for (j = 0; j < COLUMNS; j++)
            total[j] += part[j];
    }
    memcpy(sums, total, sizeof total);
}

typedef struct {
    Grown hash, owner, length, capital;
} WordList;

/* A span as it is read: its view (a mark, what is shown, a mark, and nothing), and what is found. */
typedef struct {
    uint64_t codes[MOST_SHOWN + 5];
    uint8_t kinds[MOST_SHOWN + 2];
    uint32_t grams[3 * (MOST_SHOWN + 1) + MOST_SHOWN + 2];
    /* Two of them by turns: adding to one place twice running costs waiting. */
    int32_t counts[2][KINDS];
    /* Where the words go. */
    uint64_t *hashes;
    int32_t *lengths;
    uint8_t *capitals;
} Reading;

/* The same where it changes with every character. */
typedef struct {
    Key key;
    uint64_t hash, power, before;
    int place, begun, words, grams, previous, letters, capitals, sentences, links;
} Now;

/* A word has ended before the character at `now->place`. */
static inline void
end_word(Reading *read, Now *now, uint64_t code)
{
    const uint64_t *codes = read->codes + now->place;
    int size = now->place - now->begun, capital = read->kinds[now->begun] == UPPER;
    read->grams[now->grams++] = mixed((now->hash + 101) * PRIME);
    if (now->words)
        read->grams[now->grams++] = mixed((now->before * BASE + now->hash + 202) * PRIME);
    now->before = now->hash;
    read->hashes[now->words] = now->hash;
    read->lengths[now->words] = size;
    read->capitals[now->words] = (uint8_t)capital;
    now->words++;
    now->letters += size;
    now->capitals += capital;
    now->links |= code == '.' && size >= 3 && codes[-1] == 'w' && codes[-2] == 'w' &&
                  codes[-3] == 'w';
    now->begun = 0;
}

/* Takes the next character; one of the marks is a space with a code of its own. */
static inline void
take(Reading *read, Now *now, int kind, uint64_t code)
{
    uint64_t alike = kind == DIGIT ? '0' : code;
    now->place++;
    read->codes[now->place] = alike;
    read->kinds[now->place] = (uint8_t)kind;
    if (is_solid(kind)) {
        key_take(&now->key, kind, (uint32_t)code);
        if (!now->begun)
            now->begun = now->place, now->hash = 0, now->power = 1;
        now->hash += (alike + 1) * now->power;
        now->power *= BASE;
    }
    else if (now->begun)
        end_word(read, now, code);
}

/* Takes characters of the text. */
static inline void
take_text(Reading *read, Now *now, const Text *text, const uint32_t *fold, int64_t start,
          int64_t end)
{
    int64_t i;
    for (i = start; i < end; i++) {
        uint32_t code = text->codes[i];
        int kind = text->kinds[i];
        read->counts[i & 1][kind]++;
        now->sentences += (now->previous == FINAL) & ((kind == SPACE) | (kind == IDEOGRAPH));
        now->previous = kind;
        take(read, now, kind, fold[code < TABLE_SIZE ? code : TABLE_SIZE - 1]);
    }
}

/* One span. Returns -1 where memory is short. */
static int
tally_one(const Text *text, const uint32_t *fold, const int8_t *table, int64_t start, int64_t end,
          int32_t owner, int32_t *sums, int32_t *facts, uint64_t *key, WordList *words)
{
    Reading read;
    Now now = {{0, 1, 0, 0}, 0, 1, 0, 0, 0, 0, 0, SPACE, 0, 0, 0, 0};
    int long_one = end - start > HEAD + TAIL;
    int shown = long_one ? MOST_SHOWN : (int)(end - start);
    size_t wanted = (size_t)(shown + 1) / 2;
    int32_t *owners = grow(&words->owner, wanted);
    int i;

    read.hashes = grow(&words->hash, wanted);
    read.lengths = grow(&words->length, wanted);
    read.capitals = grow(&words->capital, wanted);
    if (!owners || !read.hashes || !read.lengths || !read.capitals)
        return -1;
    memset(read.counts, 0, sizeof read.counts);
    read.codes[0] = BEGIN_MARK, read.kinds[0] = SPACE;
    now.grams = 3 * (shown + 1);
    take_text(&read, &now, text, fold, start, long_one ? start + HEAD : end);
    if (long_one) {
        read.counts[0][SPACE]++;
        now.sentences += now.previous == FINAL;
        now.previous = SPACE;
        take(&read, &now, SPACE, GAP_MARK);
        take_text(&read, &now, text, fold, end - TAIL, end);
    }
    take(&read, &now, SPACE, END_MARK);
    for (i = 0; i < 3; i++)
        read.codes[shown + 2 + i] = 0;
    *key = key_of(&now.key);
    for (i = 0; i < KINDS; i++)
        facts[i] = read.counts[0][i] + read.counts[1][i];
    if (facts[COLON])
        for (i = 1; i < shown - 1; i++)
            now.links |= read.codes[i] == ':' && read.codes[i + 1] == '/' &&
                         read.codes[i + 2] == '/';
    if (facts[SIGN])
        for (i = 2; i < shown; i++)
            now.links |= read.codes[i] == '@' && is_solid(read.kinds[i - 1]) &&
                         is_solid(read.kinds[i + 1]);
    facts[WORDS] = now.words, facts[WORD_LETTERS] = now.letters, facts[CAPITALS] = now.capitals;
    facts[SENTENCES] = now.sentences, facts[LINKS] = now.links, facts[GRAMS] = now.grams;
    for (i = 0; i < now.words; i++)
        owners[i] = owner;
    words->hash.used += (size_t)now.words, words->owner.used += (size_t)now.words;
    words->length.used += (size_t)now.words, words->capital.used += (size_t)now.words;
    hash_grams(read.codes, shown + 1, read.grams);
    gather(table, read.grams, now.grams, sums);
    return 0;
}

PyDoc_STRVAR(tally_doc,
"tally(codes, kinds, start, end, fold_table, table, sums, facts, keys)\n"
"    -> (hash, owner, length, capital)\n\n"
"Fills `sums` (spans, 16), `facts` (spans, FACTS) and `keys` (spans,); gives the words.");

static PyObject *
tally(PyObject *self, PyObject *args)
{
    PyObject *o[9];
    Py_buffer v[9];
    WordList words = {{NULL, 8, 0, 0}, {NULL, 4, 0, 0}, {NULL, 4, 0, 0}, {NULL, 1, 0, 0}};
    Grown out[4];
    Text text;
    const int64_t *start, *end;
    int64_t spans, i;
    int failed = 0, part;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOOOOOOO", &o[0], &o[1], &o[2], &o[3], &o[4], &o[5], &o[6],
                          &o[7], &o[8]))
        return NULL;
    if (borrow(o[0], &v[0], 4, -1, 0) < 0)
        return NULL;
    text.size = v[0].len / 4;
    if (borrow(o[1], &v[1], 1, text.size, 0) < 0)
        return release(v, 1), NULL;
    if (borrow(o[2], &v[2], 8, -1, 0) < 0)
        return release(v, 2), NULL;
    spans = v[2].len / 8;
    for (part = 3; part < 9; part++) {
        const Py_ssize_t sizes[] = {8, 4, 1, 4, 4, 8};
        const Py_ssize_t counts[] = {spans, TABLE_SIZE, (Py_ssize_t)BUCKETS * COLUMNS,
                                     spans * COLUMNS, spans * FACTS, spans};
        if (borrow(o[part], &v[part], sizes[part - 3], counts[part - 3], part > 5) < 0)
            return release(v, part), NULL;
    }
    text.codes = v[0].buf, text.kinds = v[1].buf, start = v[2].buf, end = v[3].buf;
    for (i = 0; i < spans; i++)
        if (start[i] < 0 || start[i] > end[i] || end[i] > text.size) {
            release(v, 9);
            PyErr_SetString(PyExc_ValueError, "a span outside the text");
            return NULL;
        }
    Py_BEGIN_ALLOW_THREADS
    for (i = 0; i < spans && !failed; i++)
        failed = tally_one(&text, v[4].buf, v[5].buf, start[i], end[i], (int32_t)i,
                           (int32_t *)v[6].buf + i * COLUMNS, (int32_t *)v[7].buf + i * FACTS,
                           (uint64_t *)v[8].buf + i, &words) < 0;
    Py_END_ALLOW_THREADS
    release(v, 9);
    out[0] = words.hash, out[1] = words.owner, out[2] = words.length, out[3] = words.capital;
    return given(out, 4, failed);
}

/* ---- vocabulary ---------------------------------------------------------------------------- */

/* Of setting.py: shorter words tell nothing of what a text is about. */
#define LONG_WORD 4

/* A word of a document: the first and the last fragment that have it, of all and of the prose, and
   how often it stands there. */
typedef struct {
    uint64_t hash;
    int32_t first, last, prose_first, prose_last, times;
} Word;

/* A table of a document's words, open to half at least; a place without a word has no `first`. */
typedef struct {
    Word *words;
    size_t room;  /* places there is memory for */
    size_t places; /* in use, a power of two */
    int bits;
} Table;

static int
sized(Table *table, uint64_t words)
{
    table->places = 2;
    table->bits = 1;
    while (table->places < 2 * words) {
        table->places *= 2;
        table->bits++;
    }
    if (table->places <= table->room)
        return 0;
    free(table->words);
    table->room = table->places;
    table->words = malloc(table->room * sizeof *table->words);
    if (!table->words)
        return -1;
    memset(table->words, 0xFF, table->room * sizeof *table->words);
    return 0;
}

/* The place of the word, or the one where it belongs. */
static size_t
place_of(const Table *table, uint64_t hash)
{
    size_t place = (size_t)((hash * PRIME) >> (64 - table->bits));
    while (table->words[place].first >= 0 && table->words[place].hash != hash)
        place = (place + 1) & (table->places - 1);
    return place;
}

/* How many binary digits the number has. */
static int32_t
digits(uint32_t number)
{
    int32_t found = 0;
    for (; number; number >>= 1)
        found++;
    return found;
}

/* What is counted of a fragment's words. */
enum { OWN, KNOWN, TOLD, NAMES, NAMED, ALL, FAMILIAR, SHARED };

PyDoc_STRVAR(vocabulary_doc,
"vocabulary(hash, owner, length, capital, document, prose, counts)\n\n"
"Fills `counts` (fragments, 7): `setting._shared` of the words, which are in order of owner.");

static PyObject *
vocabulary(PyObject *self, PyObject *args)
{
    PyObject *o[7];
    Py_buffer v[7];
    const uint64_t *hashes;
    const int32_t *owners, *lengths;
    const uint8_t *capitals, *prose;
    const int64_t *documents;
    int32_t *counts;
    int64_t words, fragments, begin, end, i, next, word;
    Table table = {NULL, 0, 0, 0};
    uint32_t *places = NULL;
    size_t room = 0;
    int part, failed = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOOOOO", &o[0], &o[1], &o[2], &o[3], &o[4], &o[5], &o[6]))
        return NULL;
    if (borrow(o[0], &v[0], 8, -1, 0) < 0)
        return NULL;
    words = v[0].len / 8;
    if (borrow(o[4], &v[4], 8, -1, 0) < 0)
        return release(v, 1), NULL;
    fragments = v[4].len / 8;
    for (part = 1; part < 7; part++) {
        const Py_ssize_t sizes[] = {4, 4, 1, 8, 1, 4};
        const Py_ssize_t items[] = {words, words, words, fragments, fragments, fragments * SHARED};
        if (part == 4)
            continue;
        if (borrow(o[part], &v[part], sizes[part - 1], items[part - 1], part == 6) < 0) {
            if (part < 4)
                PyBuffer_Release(&v[4]);
            return release(v, part), NULL;
        }
    }
    hashes = v[0].buf, owners = v[1].buf, lengths = v[2].buf, capitals = v[3].buf;
    documents = v[4].buf, prose = v[5].buf, counts = v[6].buf;
    for (i = 0; i < words; i++)
        if (owners[i] < (i ? owners[i - 1] : 0) || owners[i] >= fragments) {
            release(v, 7);
            PyErr_SetString(PyExc_ValueError, "words out of order");
            return NULL;
        }
    Py_BEGIN_ALLOW_THREADS
    memset(counts, 0, (size_t)fragments * SHARED * sizeof *counts);
    for (begin = 0; begin < words; begin = end) {
        int64_t document = documents[owners[begin]];
        for (end = begin; end < words && documents[owners[end]] == document; end++)
            ;
        if ((size_t)(end - begin) > room) {
            free(places);
            room = (size_t)(end - begin);
            places = malloc(room * sizeof *places);
        }
        failed = sized(&table, (uint64_t)(end - begin)) < 0 || !places;
        if (failed)
            break;
        for (i = begin; i < end; i++) {
            int32_t owner = owners[i];
            size_t place = place_of(&table, hashes[i]);
            Word *found = table.words + place;
            places[i - begin] = (uint32_t)place;
            if (found->first < 0) {
                found->hash = hashes[i];
                found->first = owner;
                found->times = 0;
            }
            found->last = owner;
            found->times++;
            if (prose[owner]) {
                if (found->prose_first < 0)
                    found->prose_first = owner;
                found->prose_last = owner;
            }
        }
        for (i = begin; i < end; i = next) {
            int32_t owner = owners[i], *count = counts + (int64_t)owner * SHARED;
            /* Without the fragment's own words, `times` tells of the rest. */
            for (next = i; next < end && owners[next] == owner; next++)
                table.words[places[next - begin]].times--;
            for (word = i; word < next; word++) {
                const Word *found = table.words + places[word - begin];
                int told = found->prose_last >= 0 &&
                           (found->prose_first != owner || found->prose_last != owner);
                count[FAMILIAR] += digits((uint32_t)found->times);
                if (lengths[word] < LONG_WORD)
                    continue;
                count[OWN]++;
                count[KNOWN] += found->first != owner || found->last != owner;
                count[TOLD] += told;
                count[NAMES] += capitals[word];
                count[NAMED] += capitals[word] & told;
            }
            count[ALL] = (int32_t)(next - i);
            for (word = i; word < next; word++)
                table.words[places[word - begin]].times++;
        }
        /* Only what was written is wiped for the next document. */
        for (i = begin; i < end; i++)
            memset(table.words + places[i - begin], 0xFF, sizeof *table.words);
    }
    Py_END_ALLOW_THREADS
    free(table.words);
    free(places);
    release(v, 7);
    if (failed)
        return PyErr_NoMemory();
    Py_RETURN_NONE;
}

/* ---- the module ---------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"split", split, METH_VARARGS, split_doc},
    {"joints", joints, METH_VARARGS, joints_doc},
    {"tally", tally, METH_VARARGS, tally_doc},
    {"vocabulary", vocabulary, METH_VARARGS, vocabulary_doc},
    {NULL, NULL, 0, NULL},
};

static int
fill(PyObject *module)
{
    return PyModule_AddIntConstant(module, "VERSION", VERSION);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)fill}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", "The loops over characters, compiled.", 0, methods, slots,
    NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit__kernel(void)
{
    return PyModuleDef_Init(&definition);
}
