package dns01

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// scrubber takes what was read from Secrets out of texts that others wrote: a
// DNS host's answer may repeat the request, and some libraries print keys.
type scrubber struct{ replacer *strings.Replacer }

// shortest is the shortest line that is taken out. Shorter ones, like "true",
// say nothing and would only make texts unreadable.
const shortest = 4

func newScrubber(secrets []string) scrubber {
	found := map[string]bool{}
	for _, secret := range secrets {
		for line := range strings.Lines(secret) {
			if line = strings.TrimSpace(line); len(line) >= shortest {
				found[line], found[url.QueryEscape(line)], found[url.PathEscape(line)] = true, true, true
				found[base64.StdEncoding.EncodeToString([]byte(line))] = true
			}
		}
	}
	var all []string
	for text := range found {
		all = append(all, text)
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) }) // what holds another one first
	var pairs []string
	for _, text := range all {
		pairs = append(pairs, text, "***")
	}
	return scrubber{strings.NewReplacer(pairs...)}
}

// clean returns a text in one line, without secrets.
func (s scrubber) clean(text string) string {
	if s.replacer != nil {
		text = s.replacer.Replace(text)
	}
	return printable.Line(strings.Join(strings.Fields(text), " "))
}

// longest is how much of a foreign text is told: some hosts answer with pages.
const longest = 500

// brief is the beginning of an error that others wrote, without secrets: cut
// first, half of a secret would be left.
func (s scrubber) brief(err error) string {
	text := s.clean(err.Error())
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + " …"
	}
	return text
}
