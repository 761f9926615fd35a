/* SPDX-License-Identifier: ISC */
/* For websites: sends forms for /subscribe without leaving the page; where
 * that fails they are posted as ever. */
{
	const script = document.currentScript, busy = new Set();
	const origin = new URL(script.src).origin;
	let passing;

	/* Surely another site: from there only plain posts bring our cookie,
	 * which saves people a click. */
	const site = (url) => url.protocol + url.hostname.split('.').slice(-2);
	const foreign = site(new URL(origin)) !== site(location);

	/* Not form.action: a field may be called so. */
	const said = (form, by, name) => by?.getAttribute(
	    'form' + name) || form.getAttribute(name) || '';

	/* Where it goes, if to us. */
	const target = (form, by) => {
		const url = new URL(said(form, by, 'action'),
		    document.baseURI);

		return url.origin === origin &&
		    /^\/subscribe(\/|$)/.test(url.pathname) &&
		    /^post$/i.test(said(form, by, 'method')) && url;
	};

	const make = (parent, tag, values) => parent.appendChild(
	    Object.assign(document.createElement(tag), values));

	/* There before there is a message. */
	const region = (form) => {
		let box = form.nextElementSibling;

		if (box?.className !== 'assent-message') {
			box = make(form.parentNode, 'div', { role: 'status',
				className: 'assent-message', tabIndex: -1,
				id: 'assent-' + Math.random() });
			form.after(box);
		}
		return box;
	};

	const fail = (form, { error: { field, message } }) => {
		const box = region(form);
		const bad = [...form.elements].find((e) =>
		    [e.type, e.name.toLowerCase()].includes(field));

		box.textContent = message;
		bad?.setAttribute('aria-invalid', true);
		bad?.setAttribute('aria-describedby', box.id);
		(bad || box).focus();
	};

	const done = (form, { message, inbox, code, hint }) => {
		const box = region(form);

		box.textContent = message;
		if (inbox)
			make(make(box, 'p'), 'a', { textContent: inbox.text,
				href: inbox.url, rel: 'noreferrer' });
		if (code && !foreign) {
			const typed = make(box, 'form', { method: 'post',
				action: origin + '/confirm' });

			make(make(typed, 'label', { textContent: code.label }),
			    'input', { name: 'code', required: true });
			make(typed, 'button', { textContent: code.button });
		}
		form.style.display = hint ? '' : 'none';
		box.focus();
	};

	const solve = async (challenge) => {
		if (!window.assentSolve)
			await new Promise((onload, onerror) => make(
			    document.head, 'script', { onload, onerror,
				src: origin + '/assets/challenge.js' }));
		return new Promise((f) => assentSolve(challenge, f));
	};

	const ask = async (url, body, rounds) => {
		const answer = await (await fetch(url, { method: 'POST', body,
			headers: { Accept: 'application/json' },
			credentials: foreign ? 'omit' : 'include' })).json();

		if (!answer.error?.challenge)
			return answer;
		body.set('altcha', await solve(answer.error.challenge));
		return rounds && ask(url, body, rounds - 1);
	};

	const post = async (form, by, url) => {
		const body = new URLSearchParams(new FormData(form));
		const fields = [...form.elements].filter((e) => !e.disabled);

		if (by?.name)
			body.append(by.name, by.value);
		busy.add(form);
		for (const e of fields) {
			e.disabled = true;
			e.removeAttribute('aria-invalid');
		}

		/* Not while it is being submitted: that does nothing. */
		const answer = await ask(url, body, 2).catch(() =>
		    new Promise((f) => setTimeout(f, 0, {})));

		fields.forEach((e) => e.disabled = false);
		busy.delete(form);
		if (answer.status || answer.error)
			return (answer.error ? fail : done)(form, answer);
		passing = true;
		form.requestSubmit(by);
		passing = false;
	};

	addEventListener('submit', (event) => {
		const form = event.target, by = event.submitter;
		const url = target(form, by);

		if (passing || event.defaultPrevented || !url ||
		    !form.requestSubmit ||
		    foreign && !script.hasAttribute('data-stay'))
			return;
		event.preventDefault();
		busy.has(form) || post(form, by, url);
	});
	[...document.forms].filter((form) => target(form)).forEach(region);
}
