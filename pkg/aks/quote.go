package aks

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
