package shell

import (
	"regexp"
	"strings"
)

// safe is what no shell takes for anything but itself; zsh minds a = in front.
var safe = regexp.MustCompile(`^[A-Za-z0-9_%+:,./-][A-Za-z0-9_@%+=:,./-]*$`)

// Quote writes a word so that sh, bash and zsh read it as it is.
func Quote(word string) string {
	if safe.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Join writes words so that a shell reads them as they are.
func Join(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Quote(w)
	}
	return strings.Join(quoted, " ")
}

// Path writes the path of a file as az and others take it: one in front of
// which they see a flag or an @ is named from the folder on.
func Path(file string) string {
	if strings.HasPrefix(file, "-") || strings.HasPrefix(file, "@") {
		return "./" + file
	}
	return file
}
