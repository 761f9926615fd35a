/* SPDX-License-Identifier: ISC */
/*
 * For pages with one button.  Tells a person's press from a program's: only
 * an event that the browser itself calls trusted sets the field `press`.
 * Where the form says data-auto (this very browser asked for the
 * subscription), sends it as soon as somebody can see the page.
 */
(function () {
	'use strict';

	function onClick(event) {
		var button = event.target.closest('button');
		var form = button && button.form;

		if (event.isTrusted && form && form.elements.press)
			form.elements.press.value = '1';
	}

	function isBack() {
		var entry = performance.getEntriesByType('navigation')[0];

		return Boolean(entry) && entry.type === 'back_forward';
	}

	function sendWhenSeen(form) {
		var sent = false;

		function send() {
			if (sent || document.prerendering ||
			    document.visibilityState !== 'visible')
				return;
			sent = true;
			form.submit();
		}

		document.addEventListener('visibilitychange', send);
		document.addEventListener('prerenderingchange', send);
		send();
	}

	/* A press by key arrives as a trusted click too. */
	document.addEventListener('click', onClick, true);

	var auto = document.querySelector('form[data-auto]');
	if (auto && !isBack())
		sendWhenSeen(auto);
}());
