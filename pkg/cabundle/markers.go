package cabundle

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	dashes = "-----"
	begin  = "-----BEGIN "
	end    = "-----END "
)

// damaged matches BEGIN lines with a missing dash, with typographic dashes, or in
// lower case.
var damaged = regexp.MustCompile(`(?i)[-\x{2012}-\x{2015}]\s?BEGIN ([A-Z0-9 ]*(?:CERTIFICATE|PRIVATE KEY)|PKCS7|CMS)\s?[-\x{2012}-\x{2015}]`)

// damagedLabel returns the label of a damaged BEGIN line, in capitals.
func damagedLabel(text string) (label string, found bool) {
	if !strings.Contains(text, "BEGIN ") && !strings.Contains(text, "begin ") && !strings.Contains(text, "Begin ") {
		return "", false
	}
	match := damaged.FindStringSubmatch(text)
	if match == nil {
		return "", false
	}
	return strings.ToUpper(match[1]), true
}

// isPEM reports whether text has a BEGIN line, even a damaged one.
func isPEM(text string) bool {
	if strings.Contains(text, begin) {
		return true
	}
	_, found := damagedLabel(text)
	return found
}

// marker is a BEGIN or END anywhere in a text.
type marker struct {
	at, after int    // its first byte, and the byte after its last dash
	line      int    // counted from 1
	lineStart int    // the first byte of its line
	begins    bool   // BEGIN, not END
	label     string // CERTIFICATE; "" if damaged
}

// markersOf returns all markers, except those in comments.
func markersOf(text string) []marker {
	var found []marker
	line, lineStart, seen := 1, 0, 0
	for at := 0; ; {
		i := strings.Index(text[at:], dashes)
		if i < 0 {
			return found
		}
		at += i
		isBegin, isEnd := strings.HasPrefix(text[at:], begin), strings.HasPrefix(text[at:], end)
		if !isBegin && !isEnd {
			at++
			continue
		}
		line += strings.Count(text[seen:at], "\n")
		if newline := strings.LastIndexByte(text[seen:at], '\n'); newline >= 0 {
			lineStart = seen + newline + 1
		}
		seen = at
		m := marker{at: at, line: line, lineStart: lineStart, begins: isBegin}
		m.label, m.after = labelOf(text, at)
		if !isComment(text[lineStart:at]) {
			if last := len(found) - 1; last >= 0 {
				found[last].after = min(found[last].after, at) // END and BEGIN may share dashes
			}
			found = append(found, m)
		}
		at += len(dashes)
	}
}

// maxLabel is longer than any known label.
const maxLabel = 64

// labelOf reads the label of a marker up to its closing dashes.
func labelOf(text string, at int) (label string, after int) {
	start := at + strings.IndexByte(text[at:], ' ') + 1
	window := text[start:min(start+maxLabel, len(text))]
	window, _, _ = strings.Cut(window, "\n")
	label, _, closed := strings.Cut(window, dashes)
	if !closed {
		return "", start
	}
	return label, start + len(label) + len(dashes)
}

func isComment(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") }

// ErrForeign means that a source has none of the known forms.
var ErrForeign = errors.New("not PEM, DER, PKCS#7, PKCS#12, JKS or a manifest with these")

var extensions = []string{
	".pem", ".crt", ".cert", ".cer", ".der", ".ca-bundle",
	".p12", ".pfx", ".p7b", ".p7c", ".jks", ".jceks", ".keystore", ".truststore",
}

// Claims reports whether the name of a file is that of a file with certificates.
func Claims(name string) bool {
	return slices.Contains(extensions, strings.ToLower(path.Ext(name)))
}

// foreign is an ErrForeign with a reason.
type foreign struct{ error }

func (foreign) Is(target error) bool { return target == ErrForeign }
