/* SPDX-License-Identifier: ISC */
/*
 * What is not a mailbox, and why.
 */
#include "core/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *typed;
	enum address_error error;
} refused[] = {
	{ "", ADDRESS_EMPTY },
	{ " ", ADDRESS_EMPTY },
	{ "\x09", ADDRESS_EMPTY },
	{ "   \x09 ", ADDRESS_EMPTY },
	{ "a\xff@example.org", ADDRESS_INVALID_UTF8 },
	{ "a@ex\xe4mple.org", ADDRESS_INVALID_UTF8 },
	{ "a@\xc0\xaf.org", ADDRESS_INVALID_UTF8 },
	{ "\xed\xa0\x80@example.org", ADDRESS_INVALID_UTF8 },
	{ "a@example.org\xc3", ADDRESS_INVALID_UTF8 },
	{ "\xf5\x80\x80\x80@x.org", ADDRESS_INVALID_UTF8 },
	{ "a@\xe2\x82.org", ADDRESS_INVALID_UTF8 },
	{ "a\x80@x.org", ADDRESS_INVALID_UTF8 },
	{ "a@example.org\x0d", ADDRESS_CONTROL },
	{ "a@example.org\x0a", ADDRESS_CONTROL },
	{ "a@example.org\x0d\x0a", ADDRESS_CONTROL },
	{ "\x0a" "a@example.org", ADDRESS_CONTROL },
	{ "a\x0d\x0a" "Bcc: b@x.org@example.org", ADDRESS_CONTROL },
	{ "a@example.org\x0d\x0a" "Bcc: b@x.org", ADDRESS_CONTROL },
	{ "a\x0a@example.org", ADDRESS_CONTROL },
	{ "a@exa\x0ample.org", ADDRESS_CONTROL },
	{ "a\x09" "b@example.org", ADDRESS_CONTROL },
	{ "a@\x09" "example.org", ADDRESS_CONTROL },
	{ "a\x01" "b@example.org", ADDRESS_CONTROL },
	{ "a\x1f@example.org", ADDRESS_CONTROL },
	{ "a\x7f@example.org", ADDRESS_CONTROL },
	{ "a@ex\x7f" "ample.org", ADDRESS_CONTROL },
	{ "\x0b" "a@example.org", ADDRESS_CONTROL },
	{ "a@example.org\x0c", ADDRESS_CONTROL },
	{ "\x08" "a@example.org", ADDRESS_CONTROL },
	{ "a\x1b[31m@example.org", ADDRESS_CONTROL },
	{ "a\xc2\x85@example.org", ADDRESS_CONTROL },
	{ "a@exa\xc2\x80mple.org", ADDRESS_CONTROL },
	{ "a\xc2\x9f@x.org", ADDRESS_CONTROL },
	{ "a\xe2\x80\x8b@example.org", ADDRESS_CONTROL },
	{ "a@exa\xe2\x80\x8bmple.org", ADDRESS_CONTROL },
	{ "a@example.org\xe2\x80\x8b", ADDRESS_CONTROL },
	{ "\xef\xbb\xbf" "a@example.org", ADDRESS_CONTROL },
	{ "a@example.org\xef\xbb\xbf", ADDRESS_CONTROL },
	{ "a\xe2\x80\x8c@x.org", ADDRESS_CONTROL },
	{ "a\xe2\x80\x8d@x.org", ADDRESS_CONTROL },
	{ "a@x\xe2\x80\x8dy.org", ADDRESS_CONTROL },
	{ "a@\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7" ".com",
	    ADDRESS_CONTROL },
	{ "a\xe2\x80\x8e@x.org", ADDRESS_CONTROL },
	{ "a@x.org\xe2\x80\x8f", ADDRESS_CONTROL },
	{ "a\xe2\x80\xae@x.org", ADDRESS_CONTROL },
	{ "a@\xe2\x80\xaegro.elpmaxe", ADDRESS_CONTROL },
	{ "\xe2\x80\xaa" "a@x.org", ADDRESS_CONTROL },
	{ "a@x\xe2\x80\xac.org", ADDRESS_CONTROL },
	{ "a\xe2\x81\xa6@x.org", ADDRESS_CONTROL },
	{ "a@x\xe2\x81\xa9.org", ADDRESS_CONTROL },
	{ "a\xd8\x9c@x.org", ADDRESS_CONTROL },
	{ "a\xe2\x80\xa8@x.org", ADDRESS_CONTROL },
	{ "a\xe2\x80\xa9@x.org", ADDRESS_CONTROL },
	{ "a\xe2\x81\xa0@x.org", ADDRESS_CONTROL },
	{ "a@x\xe2\x81\xa4y.org", ADDRESS_CONTROL },
	{ "a\xc2\xad@x.org", ADDRESS_CONTROL },
	{ "a@exam\xc2\xadple.org", ADDRESS_CONTROL },
	{ "a@x\xcd\x8fy.org", ADDRESS_CONTROL },
	{ "a@x\xef\xb8\x8f.org", ADDRESS_CONTROL },
	{ "a@xy\xef\xb8\x80.org", ADDRESS_CONTROL },
	{ "a\xe1\xa0\x8e@x.org", ADDRESS_CONTROL },
	{ "a@x\xe1\x85\x9fy.org", ADDRESS_CONTROL },
	{ "a@x\xe3\x85\xa4.org", ADDRESS_CONTROL },
	{ "a\xef\xbe\xa0@x.org", ADDRESS_CONTROL },
	{ "a@x\xf3\xa0\x81\x81.org", ADDRESS_CONTROL },
	{ "a@x\xf3\xa0\x84\x80.org", ADDRESS_CONTROL },
	{ "a\xef\xbf\xbb@x.org", ADDRESS_CONTROL },
	{ "<a@example.org>", ADDRESS_BRACKETS },
	{ "Joe <a@example.org>", ADDRESS_BRACKETS },
	{ "\"Joe\" <a@example.org>", ADDRESS_BRACKETS },
	{ "a@example.org>", ADDRESS_BRACKETS },
	{ "<a@example.org", ADDRESS_BRACKETS },
	{ "<@a.org:b@example.org>", ADDRESS_BRACKETS },
	{ "<@a.org,@b.org:c@example.org>", ADDRESS_BRACKETS },
	{ "<>", ADDRESS_BRACKETS },
	{ "a<b@example.org", ADDRESS_BRACKETS },
	{ "a@<example.org>", ADDRESS_BRACKETS },
	{ "<script>@example.org", ADDRESS_BRACKETS },
	{ "a@example.org<br>", ADDRESS_BRACKETS },
	{ "\"a\"@example.org", ADDRESS_LOCAL_QUOTED },
	{ "\"a b\"@example.org", ADDRESS_LOCAL_QUOTED },
	{ "\"a@b\"@example.org", ADDRESS_LOCAL_QUOTED },
	{ "\"\"@example.org", ADDRESS_LOCAL_QUOTED },
	{ "\"a\\\"b\"@example.org", ADDRESS_LOCAL_QUOTED },
	{ "\"a\".b@example.org", ADDRESS_LOCAL_QUOTED },
	{ "a.\"b\"@example.org", ADDRESS_LOCAL_QUOTED },
	{ "\"a,b\"@example.org", ADDRESS_LOCAL_QUOTED },
	{ "\"a(b)\"@example.org", ADDRESS_LOCAL_QUOTED },
	{ "\"@example.org", ADDRESS_LOCAL_QUOTED },
	{ "a\"b@example.org", ADDRESS_LOCAL_QUOTED },
	{ "a@\"example\".org", ADDRESS_LOCAL_QUOTED },
	{ "\"very.unusual.@.unusual.com\"@example.com", ADDRESS_LOCAL_QUOTED },
	{ "\"()[]:,;@\\\"!#$%&'-/=?^_`{}| ~.a\"@example.org",
	    ADDRESS_LOCAL_QUOTED },
	{ "a@example.org\" onclick=\"x", ADDRESS_LOCAL_QUOTED },
	{ "(x)a@example.org", ADDRESS_COMMENT },
	{ "a(x)@example.org", ADDRESS_COMMENT },
	{ "a@(x)example.org", ADDRESS_COMMENT },
	{ "a@example.org(x)", ADDRESS_COMMENT },
	{ "a@example.org (Joe)", ADDRESS_COMMENT },
	{ "(@example.org", ADDRESS_COMMENT },
	{ "a)@example.org", ADDRESS_COMMENT },
	{ "a@exa()mple.org", ADDRESS_COMMENT },
	{ "a@b@example.org", ADDRESS_SEVERAL },
	{ "a@@example.org", ADDRESS_SEVERAL },
	{ "@a@example.org", ADDRESS_SEVERAL },
	{ "a@example.org@", ADDRESS_SEVERAL },
	{ "@@", ADDRESS_SEVERAL },
	{ "a@example.org,b@example.org", ADDRESS_SEVERAL },
	{ "a@example.org, b@example.org", ADDRESS_SEVERAL },
	{ "a@example.org;b@example.org", ADDRESS_SEVERAL },
	{ "a@example.org; b@example.org", ADDRESS_SEVERAL },
	{ "a@example.org b@example.org", ADDRESS_SEVERAL },
	{ "@a.org:b@example.org", ADDRESS_SEVERAL },
	{ "@a.org,@b.org:c@example.org", ADDRESS_SEVERAL },
	{ "group: a@example.org;", ADDRESS_SEVERAL },
	{ ",a@example.org", ADDRESS_SEVERAL },
	{ "a@example.org,", ADDRESS_SEVERAL },
	{ "a,b@example.org", ADDRESS_SEVERAL },
	{ "a@example,org", ADDRESS_SEVERAL },
	{ "a;b@example.org", ADDRESS_SEVERAL },
	{ "a@example.org?cc=b@example.org", ADDRESS_SEVERAL },
	{ "a@example.org%0ab@example.org", ADDRESS_SEVERAL },
	{ ";", ADDRESS_SEVERAL },
	{ "A@b@c@example.com", ADDRESS_SEVERAL },
	{ "a@b.org|c@d.org", ADDRESS_SEVERAL },
	{ "a b@example.org", ADDRESS_BLANK },
	{ "a @example.org", ADDRESS_BLANK },
	{ "a@ example.org", ADDRESS_BLANK },
	{ "a@example .org", ADDRESS_BLANK },
	{ "a@exa mple.org", ADDRESS_BLANK },
	{ "Joe a@example.org", ADDRESS_BLANK },
	{ "a\xc2\xa0" "b@example.org", ADDRESS_BLANK },
	{ "\xc2\xa0" "a@example.org", ADDRESS_BLANK },
	{ "a@example.org\xc2\xa0", ADDRESS_BLANK },
	{ "a\xe3\x80\x80@example.org", ADDRESS_BLANK },
	{ "a\xe2\x80\x83" "b@example.org", ADDRESS_BLANK },
	{ "a@x\xe2\x80\x89y.org", ADDRESS_BLANK },
	{ "a@x\xe2\x80\xafy.org", ADDRESS_BLANK },
	{ "a@x\xe2\x81\x9fy.org", ADDRESS_BLANK },
	{ "a\xe1\x9a\x80@x.org", ADDRESS_BLANK },
	{ "to a@example.org", ADDRESS_BLANK },
	{ "a . b@example.org", ADDRESS_BLANK },
	{ "a", ADDRESS_NO_AT },
	{ "example.org", ADDRESS_NO_AT },
	{ "a.example.org", ADDRESS_NO_AT },
	{ "a%example.org", ADDRESS_NO_AT },
	{ "a\xef\xbc\xa0" "example.org", ADDRESS_NO_AT },
	{ "a\xef\xb9\xab" "example.org", ADDRESS_NO_AT },
	{ "a[at]example", ADDRESS_NO_AT },
	{ "http://example.org", ADDRESS_NO_AT },
	{ "a\\40example.org", ADDRESS_NO_AT },
	{ "%", ADDRESS_NO_AT },
	{ "_", ADDRESS_NO_AT },
	{ "*", ADDRESS_NO_AT },
	{ "'", ADDRESS_NO_AT },
	{ "0", ADDRESS_NO_AT },
	{ "-1", ADDRESS_NO_AT },
	{ "null", ADDRESS_NO_AT },
	{ "a&#64example.org", ADDRESS_NO_AT },
	{ "\xc3\xa4", ADDRESS_NO_AT },
	{ "a%40example.org", ADDRESS_NO_AT },
	{ "\xf0\x9f\xa4\x96", ADDRESS_NO_AT },
	{ "@example.org", ADDRESS_LOCAL_EMPTY },
	{ "@", ADDRESS_LOCAL_EMPTY },
	{ " @example.org", ADDRESS_LOCAL_EMPTY },
	{ "@x", ADDRESS_LOCAL_EMPTY },
	{ "@[1.2.3.4]", ADDRESS_LOCAL_EMPTY },
	{ "@.org", ADDRESS_LOCAL_EMPTY },
	{ "\xc3\xa4@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "j\xc3\xb6rg@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "\xe7\x94\xa8\xe6\x88\xb7@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "\xce\xb4\xce\xbf\xce\xba\xce\xb9\xce\xbc\xce\xae@e" "xample.org",
	    ADDRESS_LOCAL_NON_ASCII },
	{ "\xf0\x9f\x98\x80@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "a\xcc\x81@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "\xef\xbd\x81@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "Pel\xc3\xa9@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "\xd0\xb0@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "\xc5\xbf@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "\xe2\x84\xaa@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "a\xe2\x80\x90" "b@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "a\xe2\x80\x99" "b@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "a\xe3\x80\x82" "b@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "\xc2\xb2@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "\xef\xbf\xbd@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "\xef\xac\x80@example.org", ADDRESS_LOCAL_NON_ASCII },
	{ "a:b@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "mailto:a@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "a\\@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "a\\b@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "[a]@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "a[b@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "a]@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "a:@example.org", ADDRESS_LOCAL_CHARACTER },
	{ ":@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "smtp:a@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "\\@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "http://a@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "a:b:c@example.org", ADDRESS_LOCAL_CHARACTER },
	{ "[a@example.org", ADDRESS_LOCAL_CHARACTER },
	{ ".a@example.org", ADDRESS_LOCAL_DOT },
	{ "a.@example.org", ADDRESS_LOCAL_DOT },
	{ "a..b@example.org", ADDRESS_LOCAL_DOT },
	{ ".@example.org", ADDRESS_LOCAL_DOT },
	{ "..@example.org", ADDRESS_LOCAL_DOT },
	{ "a...b@example.org", ADDRESS_LOCAL_DOT },
	{ ".a.@example.org", ADDRESS_LOCAL_DOT },
	{ "a.b..c@example.org", ADDRESS_LOCAL_DOT },
	{ "a.b.@example.org", ADDRESS_LOCAL_DOT },
	{ "..a@example.org", ADDRESS_LOCAL_DOT },
	{ "a@", ADDRESS_DOMAIN_EMPTY },
	{ "a@ ", ADDRESS_DOMAIN_EMPTY },
	{ "a.b@", ADDRESS_DOMAIN_EMPTY },
	{ "a@[192.0.2.1]", ADDRESS_DOMAIN_LITERAL },
	{ "a@[IPv6:2001:db8::1]", ADDRESS_DOMAIN_LITERAL },
	{ "a@[]", ADDRESS_DOMAIN_LITERAL },
	{ "a@[", ADDRESS_DOMAIN_LITERAL },
	{ "a@[example.org]", ADDRESS_DOMAIN_LITERAL },
	{ "a@[192.0.2.1", ADDRESS_DOMAIN_LITERAL },
	{ "a@[x:y]", ADDRESS_DOMAIN_LITERAL },
	{ "a@[IPv6:::1]", ADDRESS_DOMAIN_LITERAL },
	{ "a@[::1]", ADDRESS_DOMAIN_LITERAL },
	{ "a@[0]", ADDRESS_DOMAIN_LITERAL },
	{ "a@.", ADDRESS_DOMAIN_DOT },
	{ "a@..", ADDRESS_DOMAIN_DOT },
	{ "a@example.org.", ADDRESS_DOMAIN_DOT },
	{ "a@.example.org", ADDRESS_DOMAIN_DOT },
	{ "a@example..org", ADDRESS_DOMAIN_DOT },
	{ "a@example.org..", ADDRESS_DOMAIN_DOT },
	{ "a@\xe3\x80\x82" "example.org", ADDRESS_DOMAIN_IDN },
	{ "a@example.org\xe3\x80\x82", ADDRESS_DOMAIN_IDN },
	{ "a@example\xe3\x80\x82.org", ADDRESS_DOMAIN_IDN },
	{ "a@example.\xe3\x80\x82org", ADDRESS_DOMAIN_IDN },
	{ "a@.org.", ADDRESS_DOMAIN_DOT },
	{ "a@b\xef\xbc\x8e\xef\xbc\x8eorg", ADDRESS_DOMAIN_IDN },
	{ "a@...", ADDRESS_DOMAIN_DOT },
	{ "a@example.org\xef\xbd\xa1", ADDRESS_DOMAIN_IDN },
	{ "a@localhost", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@example", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@org", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@com", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@1", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@xn--p1ai", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@\xd1\x80\xd1\x84", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@io", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@LOCALHOST", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@3232235777", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@0x7f000001", ADDRESS_DOMAIN_SINGLE_LABEL },
	{ "a@192.0.2.1", ADDRESS_DOMAIN_NUMERIC },
	{ "a@127.0.0.1", ADDRESS_DOMAIN_NUMERIC },
	{ "a@example.123", ADDRESS_DOMAIN_NUMERIC },
	{ "a@example.0", ADDRESS_DOMAIN_NUMERIC },
	{ "a@1.2", ADDRESS_DOMAIN_NUMERIC },
	{ "a@example.\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93",
	    ADDRESS_DOMAIN_NUMERIC },
	{ "a@example.0x7f", ADDRESS_DOMAIN_NUMERIC },
	{ "a@example.0X7F", ADDRESS_DOMAIN_NUMERIC },
	{ "a@127.0.0.0x1", ADDRESS_DOMAIN_NUMERIC },
	{ "a@example.\xe2\x91\xa0", ADDRESS_DOMAIN_NUMERIC },
	{ "a@0.0", ADDRESS_DOMAIN_NUMERIC },
	{ "a@256.256.256.256", ADDRESS_DOMAIN_NUMERIC },
	{ "a@example.0x", ADDRESS_DOMAIN_NUMERIC },
	{ "a@example.\xc2\xb2", ADDRESS_DOMAIN_NUMERIC },
	{ "a@2130706433.1", ADDRESS_DOMAIN_NUMERIC },
	{ "a@-example.org", ADDRESS_DOMAIN_LABEL },
	{ "a@example-.org", ADDRESS_DOMAIN_LABEL },
	{ "a@example.-org", ADDRESS_DOMAIN_LABEL },
	{ "a@example.org-", ADDRESS_DOMAIN_LABEL },
	{ "a@-.org", ADDRESS_DOMAIN_LABEL },
	{ "a@a.-.org", ADDRESS_DOMAIN_LABEL },
	{ "a@-", ADDRESS_DOMAIN_LABEL },
	{ "a@xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxx.org", ADDRESS_DOMAIN_LABEL },
	{ "a@a.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxx", ADDRESS_DOMAIN_LABEL },
	{ "a@xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" "xx.org",
	    ADDRESS_DOMAIN_LABEL },
	{ "a@--.org", ADDRESS_DOMAIN_LABEL },
	{ "a@a.b-", ADDRESS_DOMAIN_LABEL },
	{ "a@-b\xc3\xbc" "cher.example", ADDRESS_DOMAIN_LABEL },
	{ "a@b\xc3\xbc" "cher.-example", ADDRESS_DOMAIN_LABEL },
	{ "a@exa_mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@_dmarc.example.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@_", ADDRESS_DOMAIN_CHARACTER },
	{ "a@example_.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa%mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa*mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@*.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@%", ADDRESS_DOMAIN_CHARACTER },
	{ "a@*", ADDRESS_DOMAIN_CHARACTER },
	{ "a@example.org/", ADDRESS_DOMAIN_CHARACTER },
	{ "a@example.org:25", ADDRESS_DOMAIN_CHARACTER },
	{ "a@example.org?x", ADDRESS_DOMAIN_CHARACTER },
	{ "a@example.org#x", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa'mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa!mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa&mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa=mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa+mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa$mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa~mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa|mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa\\mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa/mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa{mple}.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa^mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa`mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@example.org]", ADDRESS_DOMAIN_CHARACTER },
	{ "a@exa[mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@ex_\xc3\xa4mple.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@b:c.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@\xc3\xa4/b.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@a_b.com", ADDRESS_DOMAIN_CHARACTER },
	{ "a@../../etc/passwd", ADDRESS_DOMAIN_CHARACTER },
	{ "a@$id.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@`id`.org", ADDRESS_DOMAIN_CHARACTER },
	{ "a@|id", ADDRESS_DOMAIN_CHARACTER },
	{ "a@xn--abc.com", ADDRESS_DOMAIN_IDN },
	{ "a@xn--a.com", ADDRESS_DOMAIN_IDN },
	{ "a@xn--99999.com", ADDRESS_DOMAIN_IDN },
	{ "a@xn--0.com", ADDRESS_DOMAIN_IDN },
	{ "a@xn--ls8h.com", ADDRESS_DOMAIN_IDN },
	{ "a@xn--e28h.com", ADDRESS_DOMAIN_IDN },
	{ "a@\xf0\x9f\x98\x80.com", ADDRESS_DOMAIN_IDN },
	{ "a@i\xe2\x9d\xa4.ws", ADDRESS_DOMAIN_IDN },
	{ "a@\xe2\x98\x83.net", ADDRESS_DOMAIN_IDN },
	{ "a@xn--n3h.net", ADDRESS_DOMAIN_IDN },
	{ "a@ab--cd.com", ADDRESS_DOMAIN_IDN },
	{ "a@xn--fa\xc3\x9f-a.de", ADDRESS_DOMAIN_IDN },
	{ "a@xn--u-ccb.com", ADDRESS_DOMAIN_IDN },
	{ "a@1\xd7\x90.com", ADDRESS_DOMAIN_IDN },
	{ "a@\xd7\x90" "a.com", ADDRESS_DOMAIN_IDN },
	{ "a@\xd7\x90" "a1\xd7\x91.com", ADDRESS_DOMAIN_IDN },
	{ "a@\xe2\x84\x80.com", ADDRESS_DOMAIN_IDN },
	{ "a@\xe2\x84\x85.com", ADDRESS_DOMAIN_IDN },
	{ "a@b\xef\xbc\xa0" "c.com", ADDRESS_DOMAIN_IDN },
	{ "a@a\xef\xbc\x8f" "b.com", ADDRESS_DOMAIN_IDN },
	{ "a@a\xef\xbc\xbf" "b.com", ADDRESS_DOMAIN_IDN },
	{ "a@a\xef\xbc\x9f" "b.com", ADDRESS_DOMAIN_IDN },
	{ "a@a\xef\xbc\x85" "b.com", ADDRESS_DOMAIN_IDN },
	{ "a@\xe2\x89\xa0.com", ADDRESS_DOMAIN_IDN },
	{ "a@a\xe2\x81\x84" "b.com", ADDRESS_DOMAIN_IDN },
	{ "a@\xcc\x81" "a.com", ADDRESS_DOMAIN_IDN },
	{ "a@a\xe2\x83\x9d" "b.com", ADDRESS_DOMAIN_IDN },
	{ "a@\xe2\x92\x88" "com.com", ADDRESS_DOMAIN_IDN },
	{ "a@\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc.c" "om",
	    ADDRESS_DOMAIN_IDN },
	{ "a@\xe2\x89\xa0.org", ADDRESS_DOMAIN_IDN },
	{ "a@\xe1\xb7\xbe.com", ADDRESS_DOMAIN_IDN },
	{ "a@\xc2\xbc.org", ADDRESS_DOMAIN_IDN },
	{ "a@\xef\xbc\x9c" "b\xef\xbc\x9e.org", ADDRESS_DOMAIN_IDN },
	{ "a@xn--bcher-kva8.example", ADDRESS_DOMAIN_IDN },
	{ "a@\xee\x80\x80.org", ADDRESS_DOMAIN_IDN },
	{ "a@\xef\xb7\x90.org", ADDRESS_DOMAIN_IDN },
	{ "a@a\xef\xbf\xbd.org", ADDRESS_DOMAIN_IDN },
	{ "a@\xf0\x9f\x92\xa9.la", ADDRESS_DOMAIN_IDN },
	{ "a@\xd9\xa0\xdb\xb0.com", ADDRESS_DOMAIN_IDN },
	{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxx@example.org", ADDRESS_LOCAL_TOO_LONG },
	{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxx@example.org", ADDRESS_LOCAL_TOO_LONG },
	{ ".................................................."
	    "...............@example.org", ADDRESS_LOCAL_TOO_LONG },
};

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct address a;
		enum address_error error = address_parse(
		    slice_str(refused[i].typed), &a);

		if (error != refused[i].error)
			fail_msg("'%s': %s, not %s", refused[i].typed,
			    address_error_name(error),
			    address_error_name(refused[i].error));
	}
}

/* Every byte in every place of an address. */
static void
test_bytes(void **state)
{
	static const char text[] = "ab.c@example.org";

	(void)state;
	for (size_t at = 0; at < sizeof(text) - 1; at++) {
		for (int c = 0; c < 256; c++) {
			char copy[sizeof(text)];
			struct address a;
			bool alnum = (c >= '0' && c <= '9') ||
			    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
			enum address_error error;

			memcpy(copy, text, sizeof(copy));
			copy[at] = (char)c;
			error = address_parse(
			    slice_of(copy, sizeof(copy) - 1), &a);
			if (alnum && text[at] != '@' && text[at] != '.')
				assert_int_equal(error, ADDRESS_OK);
			if (c < ' ' && c != '\t')
				assert_int_equal(error, ADDRESS_CONTROL);
			if (c >= 0x80)
				assert_int_equal(error,
				    ADDRESS_INVALID_UTF8);
			if (error == ADDRESS_OK && strchr("\"(),:;<>[\\]", c))
				fail_msg("'%s'", copy);
		}
	}
}

static void
test_nul(void **state)
{
	struct address a;

	(void)state;
	assert_int_equal(address_parse(slice_of("a\0b@example.org", 15), &a),
	    ADDRESS_CONTROL);
	assert_int_equal(address_parse(slice_of("a@example.org\0", 14), &a),
	    ADDRESS_CONTROL);
	assert_int_equal(address_parse(slice_of("a@example\0.org", 14), &a),
	    ADDRESS_CONTROL);
	assert_int_equal(address_parse(slice_str(NULL), &a), ADDRESS_EMPTY);
}

/* However long it is, it is refused soon. */
static void
test_long(void **state)
{
	static char text[20000];
	struct address a;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(address_parse(slice_of(text, sizeof(text)), &a),
	    ADDRESS_TOO_LONG);
	text[1] = '@';
	for (size_t i = 3; i < sizeof(text); i += 2)
		text[i] = '.';
	assert_int_equal(address_parse(slice_of(text, 301), &a),
	    ADDRESS_TOO_LONG);
	for (size_t i = 0; i < 60; i++)
		memcpy(text + 2 + 2 * i, "\xc3\xbc", 2);
	memcpy(text + 122, ".org", 4);
	assert_int_equal(address_parse(slice_of(text, 126), &a),
	    ADDRESS_DOMAIN_IDN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
