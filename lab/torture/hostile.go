package main

import (
	"math/rand/v2"
	"strings"
)

// marker is what an injected shell command would create.
const marker = "INJECTED"

// texts are those that break out of what they are put into.
var texts = []string{
	"$(: >" + marker + ")", "`: >" + marker + "`", "; : >" + marker + ";", "' ; : >" + marker + " ; '", "\" ; : >" + marker + " ; \"", "| : >" + marker, "&& : >" + marker + " &&", "> " + marker, "${IFS}",
	"a\n: >" + marker + "\n", "a\r\n: >" + marker, "-rf", "--help", "--output=json", "-", "--", "@" + marker, "~", "~root", "*", "?", "!", "#", "\\", "'", "\"", "'\\''",
	"../" + marker, "../../../../../../tmp/torture-" + marker, "/etc/passwd", "a/../../b", "..", ".", "a//b", "/", "C:\\x", "a\x00b", "%2e%2e%2f", "file:///etc/passwd",
	"\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b31m", "a\bb", "\x7f", "a\rb", "\u202egnp.exe", "\u2066a\u2069", "\u200e", "\u061c", "\u0085", "\u2028", "\ufeff", "\ufffe", "\xff\xfe", "\xc3\x28", "\u200b", "é", "e\u0301", "🦀", "ｅｘａｍｐｌｅ.com", "xn--80ak6aa92e.com", "xn--a",
	"{{.}}", "{{ .Values.x }}", "{{template \"x\"}}", "%s%n%d%!", "%!v(PANIC=x)", "%x%x%x", "${HOME}", "$HOME", "$(HOME)", "{{`", "{% raw %}", "<img src=x onerror=alert(1)>", "</details>", "```\n<img src=x>\n```", "[a](javascript:x)", "|a|b|", "<!--", "@everyone", "::error file=x::y", "a\n::set-output name=x::y", "%0A::stop-commands::x", "##[error]x",
	"key: value", "- a", "&a *a", "*a", "!!binary x", "!x", "%YAML 1.2", "---", "...", "? a", "a: b\nc: d", "{a: b}", "[a]", "|", ">", "null", "~", "true", "yes", "1e3", "0x10", "0o7", "1_000", ".inf", "2001-01-01", "<<", "=", "\"", "a # b", " a", "a ", "\ta", "",
	"*.example.com", "*", "a..b", ".a", "a.", "-a.b", "a_b.c", "127.0.0.1", "::1", "[::1]", "localhost", "a:443", "http://a", "user:pass@host", "a b", "A.B", strings.Repeat("a", 64) + ".com", strings.Repeat("a.", 127) + "com", strings.Repeat("x", 300), strings.Repeat("é", 100),
}

// hostile is one of them, or two together.
func hostile(r *rand.Rand) string {
	if r.IntN(6) == 0 {
		return pick(r, texts) + pick(r, texts)
	}
	return pick(r, texts)
}

// value is one of a type that is not expected.
func value(r *rand.Rand) any {
	switch r.IntN(16) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return pick(r, []any{0, -1, 1, 65536, 1 << 40, int64(1) << 62, -1 << 40, 80})
	case 3:
		return pick(r, []any{0.5, 1e300, -1e-300, 1e21})
	case 4:
		return ""
	case 5:
		return []any{}
	case 6:
		return map[string]any{}
	case 7:
		return []any{nil, value(r), value(r)}
	case 8:
		return map[string]any{pick(r, texts): value(r), "kind": value(r), "metadata": value(r)}
	case 9:
		return map[string]any{"kind": "List", "apiVersion": "v1", "items": value(r)}
	case 10:
		return deep(r, 10+r.IntN(200))
	case 11:
		return strings.Repeat(pick(r, []string{"x", "é", "a,", "\n", "\x00"}), 1<<r.IntN(18))
	case 12:
		return pick(r, []any{"1", "true", "null", "720h", "-1h", "9999999h", "1d", "2160h0m0s", "ClusterIssuer", "Secret", "List"})
	default:
		return hostile(r)
	}
}

// deep nests lists and maps.
func deep(r *rand.Rand, levels int) any {
	var v any = "x"
	for range levels {
		if r.IntN(2) == 0 {
			v = []any{v}
		} else {
			v = map[string]any{pick(r, []string{"a", "kind", "metadata", "data", "spec", "items"}): v}
		}
	}
	return v
}
