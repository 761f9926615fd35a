/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/crypto against published vectors.
 */
#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/bytes.h"

static void
assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	struct buf out = { 0 };

	bytes_add_hex(&out, bytes, len);
	assert_string_equal(buf_str(&out), hex);
	buf_fini(&out);
}

/* FIPS 180-2, appendix B. */
static const struct {
	const char *text;
	const char *hash;
} hashes[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb924"
	      "27ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223"
		 "b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1" },
};

static void
hash(void **state)
{
	uint8_t got[CRYPTO_HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		crypto_hash(slice_str(hashes[i].text), got);
		assert_hex(got, sizeof(got), hashes[i].hash);
	}
	crypto_hash(slice_str(NULL), got);
	assert_hex(got, sizeof(got), hashes[0].hash);
}

#define TIMES10(s) s s s s s s s s s s
#define AA20 TIMES10("\xaa\xaa")

/* RFC 4231 §4; its case 5 is about cutting the result, which we don't. */
static const struct {
	struct slice key;
	struct slice text;
	const char *mac;
} macs[] = {
	{ SLICE(TIMES10("\x0b\x0b")), SLICE("Hi There"),
	    "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7" },
	{ SLICE("Jefe"), SLICE("what do ya want for nothing?"),
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843" },
	{ SLICE(AA20), SLICE(TIMES10("\xdd\xdd\xdd\xdd\xdd")),
	    "773ea91e36800e46854db8ebd09181a7"
	    "2959098b3ef8c122d9635514ced565fe" },
	{ SLICE("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d"
		"\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"),
	    SLICE(TIMES10("\xcd\xcd\xcd\xcd\xcd")),
	    "82558a389a443c0ea4cc819899f2083a"
	    "85f0faa3e578f8077a2e3ff46729665b" },
	{ SLICE(AA20 AA20 AA20 AA20 AA20 AA20 TIMES10("\xaa") "\xaa"),
	    SLICE("Test Using Larger Than Block-Size Key - Hash Key First"),
	    "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54" },
	{ SLICE(AA20 AA20 AA20 AA20 AA20 AA20 TIMES10("\xaa") "\xaa"),
	    SLICE("This is a test using a larger than block-size key and a "
		  "larger than block-size data. The key needs to be hashed "
		  "before being used by the HMAC algorithm."),
	    "9b09ffa71b942fcb27635fbcd5b0e944"
	    "bfdc63644f0713938a7f51535c3a35e2" },
};

static void
hmac(void **state)
{
	uint8_t got[CRYPTO_HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(macs) / sizeof(macs[0]); i++) {
		crypto_hmac(macs[i].key, macs[i].text, got);
		assert_hex(got, sizeof(got), macs[i].mac);
	}
}

/*
 * RFC 5297's own vectors have keys half as long.  These were made with
 * another implementation (PyCryptodome's), which reproduces that RFC's A.1.
 */
static const char siv_key[] =
    "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0"
    "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf";

static const struct {
	struct slice associated;
	struct slice text;
	const char *sealed;
} seals[] = {
	{ SLICE("\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d"
		"\x1e\x1f\x20\x21\x22\x23\x24\x25\x26\x27"),
	    SLICE("\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee"),
	    "59e71a7723eaa441e91cb355cdeaba2b"
	    "c7b500db348933267d11b28fa22f" },
	{ SLICE("\x10"), SLICE("\0\0\0\0\0\0\0\0"),
	    "b8631464467079ce440730c8e71993325ddc6fc137269c59" },
	{ SLICE("assent confirm"),
	    SLICE("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d"
		  "\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b"
		  "\x1c\x1d\x1e\x1f\x20\x21\x22\x23\x24\x25\x26\x27"),
	    "07700e90eaa72ba1c40ce04febadb95f6303644908152179cc45b163"
	    "fa2c0ab889082044e486d6b18e47495d8bc3af7e630d91829893648b" },
};

static void
siv_known_answers(void **state)
{
	uint8_t key[CRYPTO_SIV_KEY_SIZE], sealed[64], text[64];
	struct crypto_siv *siv;

	(void)state;
	assert_int_equal(bytes_from_hex(slice_str(siv_key), key, sizeof(key)),
	    0);
	siv = crypto_siv_new(key);
	for (size_t i = 0; i < sizeof(seals) / sizeof(seals[0]); i++) {
		size_t len = seals[i].text.len;

		crypto_siv_seal(siv, seals[i].associated, seals[i].text,
		    sealed);
		assert_hex(sealed, CRYPTO_SIV_TAG_SIZE + len, seals[i].sealed);
		assert_int_equal(crypto_siv_open(siv, seals[i].associated,
		    slice_of(sealed, CRYPTO_SIV_TAG_SIZE + len), text), 0);
		assert_memory_equal(text, seals[i].text.p, len);
	}
	crypto_siv_free(siv);
}

static void
siv_refuses_a_changed_bit(void **state)
{
	const struct slice associated = slice_str("confirm");
	uint8_t key[CRYPTO_SIV_KEY_SIZE], sealed[24], text[8];
	struct crypto_siv *siv, *other;

	(void)state;
	crypto_random(key, sizeof(key));
	siv = crypto_siv_new(key);
	key[63] ^= 1;
	other = crypto_siv_new(key);
	crypto_siv_seal(siv, associated, slice_str("8 bytes."), sealed);
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_int_equal(crypto_siv_open(siv, associated,
		    slice_of(sealed, sizeof(sealed)), text), -1);
		sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_int_equal(crypto_siv_open(siv, slice_str("unsubscribe"),
	    slice_of(sealed, sizeof(sealed)), text), -1);
	for (size_t len = 0; len < sizeof(sealed); len++)
		assert_int_equal(crypto_siv_open(siv, associated,
		    slice_of(sealed, len), text), -1);
	assert_int_equal(crypto_siv_open(other, associated,
	    slice_of(sealed, sizeof(sealed)), text), -1);
	assert_int_equal(crypto_siv_open(siv, associated,
	    slice_of(sealed, sizeof(sealed)), text), 0);
	assert_memory_equal(text, "8 bytes.", 8);
	crypto_siv_free(siv);
	crypto_siv_free(other);
}

static void
random_bytes_differ(void **state)
{
	uint8_t a[1024] = { 0 }, b[1024] = { 0 };

	(void)state;
	crypto_random(a, sizeof(a));
	crypto_random(b, sizeof(b));
	assert_false(crypto_equal(a, b, sizeof(a)));
	assert_false(crypto_equal(a + 992, b + 992, 32));
	assert_true(crypto_equal(a, a, sizeof(a)));
	assert_true(crypto_equal(a, b, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash),
		cmocka_unit_test(hmac),
		cmocka_unit_test(siv_known_answers),
		cmocka_unit_test(siv_refuses_a_changed_bit),
		cmocka_unit_test(random_bytes_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
