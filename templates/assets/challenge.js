/* SPDX-License-Identifier: ISC */
/*
 * For the page that asks for a proof of work: finds the counter whose SHA-256,
 * behind salt and nonce, begins as the challenge says (ALTCHA, version 2), and
 * goes on with the form by itself.  It works in short slices, so that the page
 * stays alive.  Where it can't run, there is the page's button.
 * On other pages it does nothing but solve what assent.js has been asked.
 */
(function () {
	'use strict';

	var SLICE_MS = 20, HASHES = 200;
	/* Salt and nonce; then a u32, and the end of a SHA-256 message. */
	var COUNTER = 8, BITS = 36 * 8;
	var roots = [], squares = [];

	/* FIPS 180-4: the first 32 bits behind the point of the roots of the
	 * first primes, cube roots and square roots. */
	function fraction(n, power) {
		return Math.pow(n, power) % 1 * 4294967296 | 0;
	}

	function isPrime(n) {
		for (var i = 2; i * i <= n; i++) {
			if (n % i === 0)
				return false;
		}
		return true;
	}

	for (var n = 2; roots.length < 64; n++) {
		if (!isPrime(n))
			continue;
		roots.push(fraction(n, 1 / 3));
		if (squares.length < 8)
			squares.push(fraction(n, 1 / 2));
	}

	/* One block of 16 words; w has room for 64. */
	function hash(w, out) {
		var a = squares[0], b = squares[1], c = squares[2];
		var d = squares[3], e = squares[4], f = squares[5];
		var g = squares[6], h = squares[7], i, s, t;

		for (i = 16; i < 64; i++) {
			s = w[i - 15];
			t = w[i - 2];
			w[i] = w[i - 16] + w[i - 7] +
			    ((s >>> 7 | s << 25) ^ (s >>> 18 | s << 14) ^
			    s >>> 3) + ((t >>> 17 | t << 15) ^
			    (t >>> 19 | t << 13) ^ t >>> 10) | 0;
		}
		for (i = 0; i < 64; i++) {
			s = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^
			    (e >>> 25 | e << 7)) + (g ^ e & (f ^ g)) +
			    roots[i] + w[i] | 0;
			t = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^
			    (a >>> 22 | a << 10)) + (a & b ^ c & (a ^ b)) | 0;
			h = g;
			g = f;
			f = e;
			e = d + s | 0;
			d = c;
			c = b;
			b = a;
			a = s + t | 0;
		}
		out[0] = squares[0] + a | 0;
		out[1] = squares[1] + b | 0;
		out[2] = squares[2] + c | 0;
		out[3] = squares[3] + d | 0;
		out[4] = squares[4] + e | 0;
		out[5] = squares[5] + f | 0;
		out[6] = squares[6] + g | 0;
		out[7] = squares[7] + h | 0;
	}

	function wordsOf(hex) {
		return hex.match(/.{8}/g).map(function (word) {
			return parseInt(word, 16) | 0;
		});
	}

	function hexOf(words) {
		return Array.prototype.map.call(words, function (word) {
			return ('0000000' + (word >>> 0).toString(16)).slice(-8);
		}).join('');
	}

	/* Calls onFound(counter, key in hex) in the end. */
	function solve(parameters, onProgress, onFound) {
		var w = new Int32Array(64), out = new Int32Array(8);
		var prefix = wordsOf(parameters.keyPrefix), counter = 0;
		var channel = new MessageChannel();

		function isFound() {
			for (var i = 0; i < prefix.length; i++) {
				if (out[i] !== prefix[i])
					return false;
			}
			return true;
		}

		/* False when it is done. */
		function some() {
			for (var i = 0; i < HASHES; i++, counter++) {
				w[COUNTER] = counter;
				hash(w, out);
				if (isFound())
					return false;
			}
			return true;
		}

		function slice() {
			var end = performance.now() + SLICE_MS, more;

			do
				more = some();
			while (more && performance.now() < end);
			if (!more) {
				onFound(counter, hexOf(out));
				return;
			}
			onProgress(counter);
			/* A timeout would be held up in a hidden page. */
			channel.port2.postMessage(0);
		}

		w.set(wordsOf(parameters.salt + parameters.nonce));
		w[COUNTER + 1] = 0x80000000 | 0;
		w[15] = BITS;
		channel.port1.onmessage = slice;
		channel.port2.postMessage(0);
	}

	/* The challenge, and where it got: what the field `altcha` holds. */
	function solution(challenge, onProgress, onSolved) {
		var begin = performance.now();

		solve(challenge.parameters, onProgress, function (counter,
		    key) {
			onSolved(btoa(JSON.stringify({ challenge: challenge,
				solution: { counter: counter, derivedKey: key,
					time: Math.round(performance.now() -
					    begin) } })));
		});
	}

	function by(id) {
		return document.getElementById(id);
	}

	/* The button, for whoever is still here. */
	function offer(text) {
		by('solving').textContent = text;
		by('progress').hidden = true;
		by('wait').hidden = true;
		/* At once: it isn't late any more. */
		by('waiting').className = '';
		by('waiting').hidden = false;
	}

	function goOn(solved) {
		var status = by('solving'), field, send;

		field = document.querySelector('input[name=altcha]');
		field.value = solved;
		/* A form's field may be called submit, too. */
		send = HTMLFormElement.prototype.submit;
		if (status.hasAttribute('data-auto'))
			send.call(field.form);
		else
			offer(status.getAttribute('data-ready'));
	}

	function start() {
		var status = by('solving'), progress = by('progress');

		solution(JSON.parse(status.getAttribute('data-challenge')),
		    function (counter) {
			progress.value = counter;
		}, goOn);
		by('waiting').hidden = true;
		progress.hidden = false;
		status.textContent = status.getAttribute('data-working');
	}

	window.assentSolve = function (challenge, onSolved) {
		solution(challenge, function () {}, onSolved);
	};
	if (!document.querySelector('#solving[data-challenge]'))
		return;
	/* Kept in memory, and come back to: it has been sent. */
	window.addEventListener('pageshow', function (event) {
		if (event.persisted)
			offer('');
	});
	start();
}());
