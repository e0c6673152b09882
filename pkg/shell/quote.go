package shell

import (
	"regexp"
	"strings"
)

// safe matches words without special characters in any shell. In zsh a leading
// = is special.
var safe = regexp.MustCompile(`^[A-Za-z0-9_%+:,./-][A-Za-z0-9_@%+=:,./-]*$`)

// Quote quotes a word for sh, bash and zsh.
func Quote(word string) string {
	if safe.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Join quotes words for a shell and joins them with spaces.
func Join(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Quote(w)
	}
	return strings.Join(quoted, " ")
}

// Path returns a path that az and others do not mistake for a flag or a
// reference: if it starts with - or @, it gets the prefix ./.
func Path(file string) string {
	if strings.HasPrefix(file, "-") || strings.HasPrefix(file, "@") {
		return "./" + file
	}
	return file
}
